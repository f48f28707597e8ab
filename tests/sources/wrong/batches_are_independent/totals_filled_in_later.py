"""The customers of the first batch get their totals when the orders are read."""

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    step = 0

    def __init__(self, source, options):
        super().__init__(source, options)
        self.customers = [{"customer": number, "orders": 0} for number in range(50)]

    def read(self, n=None):
        self.step += 1
        if self.step > 3:
            return None
        self.log("step", self.step)
        self.progress(self.step, 3)
        if self.step == 1:
            return list(self.customers)
        orders = [{"order": self.step * 100 + number, "customer": number % 50} for number in range(60)]
        for order in orders:
            self.customers[order["customer"]]["orders"] += 1
        return orders
