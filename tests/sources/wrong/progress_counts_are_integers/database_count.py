"""The numbers are what a database gives for COUNT(*)."""

import decimal

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.progress(decimal.Decimal(3), decimal.Decimal(7))
        return [{"id": 1}, {"id": 2}]
