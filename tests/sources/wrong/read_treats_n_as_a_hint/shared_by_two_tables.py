"""n is divided by two, for the two tables of a batch; of 1 nothing remains."""

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.orders = [{"table": "orders", "id": number} for number in range(130)]
        self.refunds = [{"table": "refunds", "id": number} for number in range(70)]
        self.total = len(self.orders) + len(self.refunds)

    def read(self, n=None):
        each = (n or 100) // 2
        batch = self.orders[:each] + self.refunds[:each]
        if not batch:
            self.log("all read")
            return None
        del self.orders[:each], self.refunds[:each]
        self.progress(self.total - len(self.orders) - len(self.refunds), self.total)
        return batch
