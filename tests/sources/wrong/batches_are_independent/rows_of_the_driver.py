"""Rows are kept by key to be brought up to date, and what was given before is brought up to date as well."""

import asyncio

import panoply

CONFIG = {"title": "Stock", "params": []}


class Stream(panoply.DataSource):
    day = 0

    def __init__(self, source, options):
        super().__init__(source, options)
        self.stock = {}

    async def read(self, n=None):
        await asyncio.sleep(0)
        if self.day == 4:
            return None
        self.day += 1
        changed = []
        for article in range(0, 60, self.day):
            row = self.stock.setdefault(article, {"article": article})
            row["day"] = self.day
            changed.append(row)
        self.log("day", self.day)
        self.progress(self.day, 4)
        return changed
