"""A batch is one record group, with the three rows of one order."""

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    order = 0

    def read(self, n=None):
        if self.order == 60:
            return None
        self.order += 1
        self.log("order", self.order)
        self.progress(self.order, 60)
        rows = [{"order": self.order, "line": line} for line in range(3)]
        return [{"data": rows, "metadata": {"resource_id": "order_lines"}}]
