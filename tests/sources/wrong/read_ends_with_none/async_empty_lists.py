"""An async read that gives empty lists at the end."""

import panoply

MAX_READS = 200
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    async def read(self, n=None):
        rows, self.rows = self.rows, []
        self.progress(1, 1)
        return rows
