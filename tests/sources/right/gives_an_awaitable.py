"""read is no async function, and gives an awaitable."""

import panoply

WARNS = ("log_is_used",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        return self.fetch()

    async def fetch(self):
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
