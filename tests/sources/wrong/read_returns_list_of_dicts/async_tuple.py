"""An async read gives a tuple."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = ({"id": 1},)

    async def read(self, n=None):
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
