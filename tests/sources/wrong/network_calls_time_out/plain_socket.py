"""A socket of its own, which blocks for as long as the far end likes."""

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
        lines = [
            f"GET /items?page={self.page} HTTP/1.1",
            f"Host: {self.source['host']}",
            f"Authorization: Bearer {self.source['token']}",
            "Connection: close",
        ]
        with socket.create_connection((self.source["host"], int(self.source["port"]))) as connection:
            connection.sendall("\r\n".join([*lines, "", ""]).encode())
            with connection.makefile("rb") as answer:
                head, _, body = answer.read().partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise panoply.PanoplyException(f"page {self.page}: {head[:40].decode() or 'no answer'}")
        answer = json.loads(body)
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages)
        self.page += 1
        return answer["items"]
