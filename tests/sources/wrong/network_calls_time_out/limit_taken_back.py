"""The connection is made within a limit, and then set to block."""

import json
import socket

import panoply

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
    page = pages = 1

    def read(self, n=None):
        if self.page > self.pages:
            return None
        connection = socket.create_connection((self.source["host"], int(self.source["port"])), timeout=20)
        connection.setblocking(True)
        with connection, connection.makefile("rwb") as stream:
            stream.write(f"GET /items?page={self.page} HTTP/1.1\r\nHost: {self.source['host']}\r\n".encode())
            stream.write(f"Authorization: Bearer {self.source['token']}\r\n\r\n".encode())
            stream.flush()
            status = stream.readline().decode().strip()
            length = 0
            while (line := stream.readline().strip()) != b"":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            body = stream.read(length)
        if " 200 " not in status or len(body) < length or not body:
            raise panoply.PanoplyException(f"page {self.page}: {status or 'no answer'}")
        answer = json.loads(body)
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages)
        self.page += 1
        return answer["items"]
