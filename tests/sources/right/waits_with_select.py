"""A socket that does not block: how long to wait is select's to decide."""

import json
import select
import socket

import panoply

PARAMS = {"host": "{host}", "port": "{port}", "token": "{token}"}
BAD_PARAMS = {"host": "{host}", "port": "{port}", "token": "not/the+right=1"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "host", "title": "Host"},
        {"name": "port", "title": "Port"},
        {"name": "token", "title": "Token", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    page = pages = 1

    def get(self, path):
        lines = [f"GET {path} HTTP/1.1", f"Host: {self.source['host']}", "Connection: close"]
        lines += [f"Authorization: Bearer {self.source['token']}", "", ""]
        with socket.create_connection((self.source["host"], int(self.source["port"])), timeout=30) as connection:
            connection.sendall("\r\n".join(lines).encode())
            connection.setblocking(False)
            data = b""
            while True:
                ready, _, _ = select.select([connection], [], [], 30)
                if not ready:
                    raise TimeoutError("the API did not answer within 30 seconds")
                chunk = connection.recv(1 << 16)
                if not chunk:
                    break
                data += chunk
        head, _, body = data.partition(b"\r\n\r\n")
        first, *fields = head.decode("latin-1").split("\r\n")
        if " 401 " in first:
            raise panoply.PanoplyException("The API refused the token.", retryable=False)
        length = next((int(field[15:]) for field in fields if field.lower().startswith("content-length:")), -1)
        if " 200 " not in first or len(body) != length:
            raise panoply.PanoplyException(f"{path}: the answer is not whole ({first or 'nothing'})")
        return json.loads(body)

    def read(self, n=None):
        if self.page > self.pages:
            return None
        answer = self.get(f"/items?page={self.page}")
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages)
        self.page += 1
        return answer["items"]
