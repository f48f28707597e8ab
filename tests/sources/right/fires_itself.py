"""It fires the event itself, as SDK 1.x sources did."""

import panoply

WARNS = ("log_is_used",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        rows, self.rows = self.rows, None
        self.fire("progress", {"loaded": 1, "total": 1, "msg": "read", "unit": "rows"})
        return rows
