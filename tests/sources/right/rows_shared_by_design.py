"""Rows of all batches refer to the same small dict, which nobody changes; and it changes its own copies."""

import panoply

CONFIG = {"title": "Shop", "params": []}
CURRENCY = {"code": "EUR", "digits": 2}


class Stream(panoply.DataSource):
    number = 0

    def __init__(self, source, options):
        super().__init__(source, options)
        self.running = {}

    def read(self, n=None):
        if self.number == 4:
            return None
        self.number += 1
        rows = []
        for article in range(20):
            row = self.running.setdefault(article, {"article": article, "sold": 0, "currency": CURRENCY})
            row["sold"] += self.number
            rows.append(dict(row, week=self.number))
        self.log("week", self.number)
        self.progress(self.number, 4)
        return rows
