"""The batch is a record group that is in no list."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.progress(1, 1, "read")
        return {"data": [{"id": 1}], "metadata": {"resource_id": "orders", "timestamp": "2024-01-01T00:00:00Z"}}
