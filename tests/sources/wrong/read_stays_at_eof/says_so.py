"""After None it raises that it was read already."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]
    ended = False

    def read(self, n=None):
        if self.ended:
            raise RuntimeError("this source was read to its end")
        rows, self.rows = self.rows, None
        self.ended = rows is None
        self.progress(1, 1)
        return rows
