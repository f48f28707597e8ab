"""EOF is an Ellipsis."""

import panoply

ALSO = ("read_returns_list_of_dicts",)
MAX_READS = 50
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        self.progress(1, 1)
        if self.done:
            return ...
        self.done = True
        return [{"id": 1}]
