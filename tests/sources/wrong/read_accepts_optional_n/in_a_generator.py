"""None ends the generator with a TypeError, and afterwards it looks like EOF."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    pages = None

    def read(self, n=None):
        if self.pages is None:
            self.pages = self.batches(n)
        return next(self.pages, None)

    def batches(self, n):
        rows = [{"id": number} for number in range(5)]
        for start in range(0, len(rows), n):
            self.progress(min(start + n, 5), 5)
            yield rows[start : start + n]
