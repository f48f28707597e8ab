"""A return is missing."""

import panoply

PARAMS = {"year": "2024"}


def years(source):
    found = [str(year) for year in range(2015, 2025)]
    found.reverse()


CONFIG = {
    "title": "Reports",
    "params": [{"name": "year", "title": "Year", "type": "select", "values": years}],
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
