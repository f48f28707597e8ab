"""An async read whose n has no default."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    async def read(self, n):
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
