"""A page is cut into chunks of n, of which only the full ones are given."""

import sqlite3

import panoply

CONFIG = {"title": "Warehouse", "params": []}


class Stream(panoply.DataSource):
    number = 0

    def __init__(self, source, options):
        super().__init__(source, options)
        self.db = sqlite3.connect(":memory:")
        self.db.execute("CREATE TABLE stock (id INTEGER PRIMARY KEY, amount INTEGER)")
        self.db.executemany("INSERT INTO stock VALUES (?, ?)", [(i, i * 7 % 31) for i in range(1, 241)])
        self.chunks = []
        self.loaded = 0

    def read(self, n=None):
        if not self.chunks:
            found = self.db.execute(
                "SELECT id, amount FROM stock WHERE id > ? ORDER BY id LIMIT 60", (self.number,)
            ).fetchall()
            if not found:
                return None
            self.log("fetched up to", found[-1][0])
            self.number = found[-1][0]
            size = min(n or 60, 60)
            rows = [{"id": key, "amount": amount} for key, amount in found]
            self.chunks = [rows[i * size : (i + 1) * size] for i in range(len(rows) // size)]
        batch = self.chunks.pop(0)
        self.loaded += len(batch)
        self.progress(self.number, 240)
        return batch

    def close(self):
        self.db.close()
