"""An Enum stands for bytes."""

import enum

import panoply

CONFIG = {"title": "Orders", "params": []}


class State(enum.Enum):
    OPEN = b"open"


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.progress(1, 1, "read")
        return [{"id": 1, "state": State.OPEN}]
