"""An async read, and a close that is not."""

import asyncio

import panoply

WARNS = ("log_is_used",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    async def read(self, n=None):
        rows, self.rows = self.rows, None
        results = await asyncio.gather(*(self.fetch(row) for row in rows or ()))
        if rows is None:
            return None
        self.progress(len(results), len(results))
        return results

    async def fetch(self, row):
        await asyncio.sleep(0)
        return row

    def close(self):
        self.rows = None
