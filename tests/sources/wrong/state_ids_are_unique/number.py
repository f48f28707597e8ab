"""The id is a number."""

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.year = (source.get("state") or {}).get("year", 2020)

    async def read(self, n=None):
        if self.year == 2024:
            return None
        self.year += 1
        self.log("year", self.year)
        self.progress(self.year - 2020, 4)
        self.state(self.year, {"year": self.year})
        return [{"month": f"{self.year}-{month:02d}", "__state": self.year} for month in range(1, 13)]
