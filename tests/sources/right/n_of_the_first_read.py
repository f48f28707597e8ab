"""It keeps to the n of the first read, whatever is asked for later."""

import itertools

import panoply

CONFIG = {"title": "Journal", "params": []}


class Stream(panoply.DataSource):
    chunks = None
    loaded = 0

    def read(self, n=None):
        if self.chunks is None:
            rows = iter([{"id": number} for number in range(130)])
            size = min(n or 50, 50)
            self.chunks = iter(lambda: list(itertools.islice(rows, size)), [])
        batch = next(self.chunks, None)
        if batch is None:
            return None
        self.loaded += len(batch)
        self.log("rows:", self.loaded)
        self.progress(self.loaded, 130)
        return batch
