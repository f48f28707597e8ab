"""A number that came as text is noticed where it is compared, deep in the code: TypeError."""

import panoply

PARAMS = {"years": 3}
CONFIG = {"title": "Orders", "params": [{"name": "years", "title": "How far back", "type": "number", "default": 1}]}


class Stream(panoply.DataSource):
    year = 0

    def read(self, n=None):
        if not self.year < self.source["years"]:
            return None
        self.log("year", self.year)
        self.year += 1
        self.progress(self.year, self.source["years"])
        return [{"id": self.year}]
