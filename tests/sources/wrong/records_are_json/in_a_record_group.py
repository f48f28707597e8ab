"""A row of a record group holds NaN."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.progress(1, 1, "read")
        return [{"data": [{"id": 1}, {"id": float("nan")}], "metadata": {"resource_id": "orders"}}]
