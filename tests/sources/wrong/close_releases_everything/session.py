"""The session keeps its connection alive."""

import http.server
import threading

import panoply
import requests

CONFIG = {"title": "Orders", "params": []}


class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "11")
        self.end_headers()
        self.wfile.write(b'[{"id": 1}]')

    def log_message(self, *args):
        """Not to stderr."""


class Stream(panoply.DataSource):
    server = None
    number = 0

    def __init__(self, source, options):
        super().__init__(source, options)
        self.session = requests.Session()

    def read(self, n=None):
        self.log("reading orders")
        if self.number == 2:
            return None
        if self.server is None:
            self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
            self.server.daemon_threads = True
            threading.Thread(target=self.server.serve_forever, args=(0.01,)).start()
        self.number += 1
        rows = self.session.get(f"http://127.0.0.1:{self.server.server_port}/orders", timeout=1).json()
        self.progress(self.number, 2)
        return rows

    def close(self):
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None
