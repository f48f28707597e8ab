"""It fires the event itself, with a text."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.fire("progress", "3 of 7")
        return [{"id": 1}, {"id": 2}]
