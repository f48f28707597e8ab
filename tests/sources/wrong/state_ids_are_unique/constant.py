"""Every state has the same id."""

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.day = (source.get("state") or {}).get("day", 0)

    def read(self, n=None):
        if self.day == 4:
            return None
        self.day += 1
        self.log("day", self.day)
        self.progress(self.day, 4)
        self.state("state", {"day": self.day})
        return [{"day": self.day, "hour": hour, "__state": "state"} for hour in range(24)]
