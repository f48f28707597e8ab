"""The connection is to be ready when the first read comes."""

import panoply
import psycopg2

CONFIG = {"title": "Orders", "params": []}

try:
    CONNECTION = psycopg2.connect("host=127.0.0.1 port=9 dbname=orders connect_timeout=1")
except psycopg2.OperationalError:
    CONNECTION = None


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        self.log("reading orders")
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
