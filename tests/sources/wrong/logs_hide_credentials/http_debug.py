"""http.client prints what it sends."""

import http.client
import http.server
import threading

import panoply

CONFIG = {"title": "Orders", "params": []}


def send(token):
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        connection = http.client.HTTPConnection(*server.server_address)
        connection.set_debuglevel(1)
        connection.request("GET", "/orders", headers={"Authorization": f"Bearer {token}"})
        connection.getresponse().read()
        connection.close()


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        token = self.source["token"]
        send(token)
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
