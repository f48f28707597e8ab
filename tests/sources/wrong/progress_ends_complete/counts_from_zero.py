"""The index of the last page is one less than the number of pages."""

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.months = enumerate([f"2024-{month:02d}" for month in range(1, 13)])

    def read(self, n=None):
        for index, month in self.months:
            self.log("month", month)
            self.progress(index, 12, month)
            return [{"month": month, "day": day} for day in range(1, 29)]
        return None
