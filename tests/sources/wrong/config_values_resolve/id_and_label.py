"""Entries as another UI takes them: id and label."""

import panoply

PARAMS = {"shop": 2}


def shops(source):
    return [{"id": number, "label": f"Shop {number}"} for number in range(1, 5)]


CONFIG = {
    "title": "Shop",
    "params": [{"name": "shop", "title": "Shop", "type": "select", "values": shops}],
}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.log("shop", self.source["shop"])
        self.progress(20, 20)
        return [{"shop": self.source["shop"], "row": row} for row in range(20)]
