"""At EOF it closes its connection; whoever stops before that leaves it open."""

import socket

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    near = None
    number = 0

    def read(self, n=None):
        self.log("reading orders")
        if self.near is None and self.number == 0:
            self.near, self.far = socket.socketpair()
            self.far.sendall(b"123")
        if self.number == 3:
            if self.near is not None:
                self.near.close()
                self.far.close()
                self.near = None
            return None
        self.number += 1
        rows = [{"id": int(self.near.recv(1))}]
        self.progress(self.number, 3)
        return rows
