"""A row is a named tuple."""

import collections

import panoply

CONFIG = {"title": "Orders", "params": []}


Row = collections.namedtuple("Row", "id name")


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.progress(1, 1, "read")
        return [Row(1, "a")]
