"""The state holds a date object, which is no JSON."""

import datetime

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        day = (source.get("state") or {}).get("day")
        self.day = datetime.date.fromisoformat(str(day)) if day else datetime.date(2024, 1, 1)

    def read(self, n=None):
        if self.day == datetime.date(2024, 1, 5):
            return None
        rows = [{"day": str(self.day), "hour": hour, "__state": f"day-{self.day}"} for hour in range(24)]
        self.log("day", self.day)
        state_id = f"day-{self.day}"
        self.day += datetime.timedelta(days=1)
        self.progress((self.day - datetime.date(2024, 1, 1)).days, 4)
        self.state(state_id, {"day": self.day})
        return rows
