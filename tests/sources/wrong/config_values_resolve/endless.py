"""The years from 2015 on, without end."""

import itertools

import panoply

PARAMS = {"year": 2024}
CONFIG = {
    "title": "Reports",
    "params": [
        {"name": "year", "title": "Year", "type": "select", "values": lambda source: itertools.count(2015)},
    ],
}


class Stream(panoply.DataSource):
    month = 0

    def read(self, n=None):
        if self.month == 12:
            return None
        self.month += 1
        self.log("month", self.month)
        self.progress(self.month, 12)
        return [{"year": self.source["year"], "month": self.month, "day": day} for day in range(1, 29)]
