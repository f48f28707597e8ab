"""What the user limited in a nested object is counted down in place."""

import panoply

PARAMS = {"filter": {"country": "DE", "limit": 100}}
CONFIG = {"title": "Shop", "params": [{"name": "filter", "title": "Filter", "type": "object"}]}


class Stream(panoply.DataSource):
    number = 0

    async def read(self, n=None):
        wanted = self.source["filter"]
        if wanted["limit"] <= 0:
            return None
        rows = [{"id": self.number + i, "country": wanted["country"]} for i in range(min(25, wanted["limit"]))]
        self.number += len(rows)
        wanted["limit"] -= len(rows)
        self.log("still to read:", wanted["limit"])
        self.progress(self.number, self.number + wanted["limit"])
        return rows
