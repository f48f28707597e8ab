"""A cursor's arraysize is 1, which is what fetchmany goes by."""

import sqlite3

import panoply

CONFIG = {"title": "Warehouse", "params": []}


class Stream(panoply.DataSource):
    cursor = None
    loaded = 0

    def __init__(self, source, options):
        super().__init__(source, options)
        self.db = sqlite3.connect(":memory:")
        self.db.row_factory = sqlite3.Row
        self.db.execute("CREATE TABLE stock (id INTEGER PRIMARY KEY, amount INTEGER)")
        self.db.executemany("INSERT INTO stock VALUES (?, ?)", [(i, i * 7 % 31) for i in range(150)])

    def read(self, n=None):
        if self.cursor is None:
            self.log("selecting")
            self.cursor = self.db.execute("SELECT * FROM stock ORDER BY id")
        rows = [dict(row) for row in self.cursor.fetchmany()]
        if not rows:
            return None
        self.loaded += len(rows)
        self.progress(self.loaded, 150)
        return rows

    def close(self):
        self.db.close()
