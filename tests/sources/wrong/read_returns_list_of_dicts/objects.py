"""A row is an object."""

import dataclasses

import panoply

CONFIG = {"title": "Orders", "params": []}


@dataclasses.dataclass
class Row:
    id: int


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.progress(1, 1, "read")
        return [Row(1)]
