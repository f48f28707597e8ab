"""EOF is an empty list, for ever."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        self.progress(1, 1)
        if self.done:
            return []
        self.done = True
        return [{"id": 1}]
