"""close() uses a name that does not exist."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows

    def close(self):
        self.logger.info("closed")
