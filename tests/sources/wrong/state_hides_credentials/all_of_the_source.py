"""All of the params are kept with the state, so that nothing is forgotten."""

import panoply

CONFIG = {"title": "Shop", "params": [{"name": "token", "title": "Token", "type": "password"}]}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.day = (source.get("state") or {}).get("day", 0)

    def read(self, n=None):
        if self.day == 4:
            return None
        self.day += 1
        known = {key: value for key, value in self.source.items() if key != "state"}
        self.log("day", self.day)
        self.progress(self.day, 4)
        self.state(f"day-{self.day}", {"day": self.day, "params": known})
        return [{"day": self.day, "hour": hour, "__state": f"day-{self.day}"} for hour in range(24)]
