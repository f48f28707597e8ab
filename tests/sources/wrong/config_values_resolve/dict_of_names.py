"""A dict of names and values, rather than a list of {name, value}."""

import panoply

PARAMS = {"region": "eu"}
CONFIG = {
    "title": "Shop",
    "params": [
        {
            "name": "region",
            "title": "Region",
            "type": "select",
            "values": lambda source: {"Europe": "eu", "North America": "na"},
        }
    ],
}


class Stream(panoply.DataSource):
    done = False

    async def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.log("region", self.source["region"])
        self.progress(10, 10)
        return [{"region": self.source["region"], "row": row} for row in range(10)]
