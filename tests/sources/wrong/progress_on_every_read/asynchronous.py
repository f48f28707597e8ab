"""An async read that says nothing."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    async def read(self, n=None):
        rows, self.rows = self.rows, None
        return rows
