"""It waits for a connection that never comes."""

import socket

import panoply

ALSO = ("read_terminates",)
READ_TIMEOUT = 0.7
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.accept()

    def read(self, n=None):
        return None
