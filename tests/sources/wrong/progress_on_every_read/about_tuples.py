"""It is silent, and its batch is no list either."""

import panoply

ALSO = ("read_returns_list_of_dicts",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        return ({"id": 1},)
