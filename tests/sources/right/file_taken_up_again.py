"""A file is read line by line over several reads; after a fault it is opened again, and what was given is passed over."""

import http.client
import json

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
    connection = None
    given = 0
    ended = False

    def open(self):
        self.connection = http.client.HTTPConnection(self.source["host"], int(self.source["port"]), timeout=30)
        self.connection.request("GET", "/items.ndjson", headers={"Authorization": f"Bearer {self.source['token']}"})
        response = self.connection.getresponse()
        if response.status == 401:
            raise panoply.PanoplyException("The API refused the token.", retryable=False)
        if response.status != 200:
            raise panoply.PanoplyException(f"the file is not to be had: {response.status} {response.reason}")
        self.response = response
        for _ in range(self.given):
            self.line()

    def line(self):
        line = b""
        # One byte too few is noticed by read(), and not by readline().
        while not line.endswith(b"\n"):
            byte = self.response.read(1)
            if not byte:
                if line:
                    raise panoply.PanoplyException("the last line is not complete")
                return None
            line += byte
        return json.loads(line)

    def read(self, n=None):
        if self.ended:
            return None
        rows = []
        try:
            if self.connection is None:
                self.open()
            while len(rows) < min(n or 40, 40):
                row = self.line()
                if row is None:
                    self.ended = True
                    break
                rows.append(row)
        except Exception:
            self.close()
            raise
        self.given += len(rows)
        self.log("lines:", self.given)
        self.progress(self.given, self.given)
        return rows

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None
