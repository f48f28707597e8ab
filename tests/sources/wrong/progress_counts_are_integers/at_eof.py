"""The read that gives None counts once more than there is."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    loaded = 0

    def read(self, n=None):
        self.loaded += 1
        self.progress(self.loaded, 1)
        return [{"id": 1}] if self.loaded == 1 else None
