"""A query takes an hour, and another thread reports meanwhile; the next one has a time limit."""

import sqlite3
import time

import panoply

# It is only run where time runs fast.
WAITS = True
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    connection = None
    asked = 0

    def read(self, n=None):
        if self.asked == 2:
            return None
        rows = self.query() if self.asked == 0 else self.count()
        self.asked += 1
        self.progress(self.asked, 2, "queries")
        self.log("asked")
        return rows

    @panoply.background_progress("Waiting for the query", waiting_interval=600)
    def query(self):
        if self.connection is None:
            self.connection = sqlite3.connect(":memory:")
        time.sleep(3600)
        return [{"id": number} for (number,) in self.connection.execute("select 1 union select 2")]

    @panoply.background_progress("Waiting for the count", waiting_interval=600, timeout=7200)
    def count(self):
        time.sleep(3600)
        return [{"count": 2}]

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None
