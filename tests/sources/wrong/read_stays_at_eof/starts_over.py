"""After None it begins again."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    pages = None

    def read(self, n=None):
        if self.pages is None:
            self.pages = iter([[{"id": 1}], [{"id": 2}]])
        rows = next(self.pages, None)
        if rows is None:
            self.pages = None
        self.progress(1, 1)
        return rows
