"""close() asserts that it was not called before."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]
    closed = False

    def read(self, n=None):
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows

    def close(self):
        assert not self.closed
        self.closed = True
