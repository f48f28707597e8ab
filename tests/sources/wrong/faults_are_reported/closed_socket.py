"""HTTP by hand: a connection that is closed early is the end of the stream of lines."""

import json
import socket

import panoply

ALSO = ("read_survives_a_fault",)
PARAMS = {"host": "{host}", "port": "{port}", "token": "{token}"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "host", "title": "Host"},
        {"name": "port", "title": "Port"},
        {"name": "token", "title": "Token", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    rows = None

    def fetch(self):
        head = f"GET /items?offset=0&limit=100 HTTP/1.1\r\nHost: {self.source['host']}\r\nConnection: close\r\n"
        head += f"Authorization: Bearer {self.source['token']}\r\n\r\n"
        with socket.create_connection((self.source["host"], int(self.source["port"])), timeout=30) as connection:
            connection.sendall(head.encode())
            data = b""
            while chunk := connection.recv(1 << 16):
                data += chunk
        status, _, rest = data.partition(b"\r\n")
        if not rest:
            return []
        if status.split()[1] != b"200":
            raise panoply.PanoplyException(f"the API said {status.decode()}")
        return json.loads(rest.partition(b"\r\n\r\n")[2])["items"]

    def read(self, n=None):
        if self.rows is None:
            self.rows = self.fetch()
            self.total = len(self.rows)
            self.log("fetched", self.total)
        if not self.rows:
            return None
        batch, self.rows = self.rows[:20], self.rows[20:]
        self.progress(self.total - len(self.rows), self.total)
        return batch
