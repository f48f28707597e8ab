"""CONFIG is a function that would give it."""

import panoply


def CONFIG():
    return {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def read(self, n=None):
        return None
