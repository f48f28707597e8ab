"""It sets urllib3's logger to DEBUG, which then tells every URL."""

import http.server
import logging
import threading

import panoply
import urllib3

ALSO = ("module_imports_quietly",)
CONFIG = {"title": "Orders", "params": []}
logging.getLogger("urllib3").setLevel(logging.DEBUG)


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args):
        """Not to stderr."""


class Stream(panoply.DataSource):
    def read(self, n=None):
        with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
            thread = threading.Thread(target=server.handle_request)
            thread.start()
            urllib3.request("GET", f"http://127.0.0.1:{server.server_port}/orders?token={self.source['token']}")
            thread.join()
        self.log("orders read")
        return None
