"""Functions for values: a generator, a tuple of numbers, entries with more than they need, and one that is empty."""

import panoply

PARAMS = {"account": "acme", "shop": "acme-1", "year": 2024, "region": "eu"}


def shops(source):
    for number in range(1, 4):
        yield {"name": f"Shop {number}", "value": f"{source['account']}-{number}", "open": True}


CONFIG = {
    "title": "Shop",
    "params": [
        {"name": "account", "title": "Account"},
        {"name": "shop", "title": "Shop", "type": "select", "values": shops, "dependencies": ["account"]},
        {"name": "year", "title": "Year", "type": "select", "values": lambda source: tuple(range(2015, 2025))},
        {"name": "region", "title": "Region", "type": "select", "values": lambda source: []},
    ],
}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.log("shop", self.source["shop"])
        self.progress(10, 10)
        return [{"row": row} for row in range(10)]
