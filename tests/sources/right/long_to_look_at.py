"""A batch that takes longer to look at than a read may take."""

import panoply

READ_TIMEOUT = 0.2
WARNS = ("log_is_used",)
CONFIG = {"title": "Orders", "params": []}
ROWS = [{"id": 1, "nested": {"list": [float(number) for number in range(1000)]}}] * 500


class Stream(panoply.DataSource):
    rows = ROWS

    def read(self, n=None):
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
