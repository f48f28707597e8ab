"""It knows some sizes, and None is none of them."""

import panoply

CONFIG = {"title": "Orders", "params": []}
PAGES = {100: "small", 1000: "large"}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        self.log(PAGES[n])
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
