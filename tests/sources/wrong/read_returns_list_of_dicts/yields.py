"""read is a generator: each call makes a new one, and none of them is ever None."""

import panoply

ALSO = ("read_ends_with_none",)
MAX_READS = 50
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def read(self, n=None):
        for number in range(3):
            self.progress(number, 3)
            yield {"id": number}
