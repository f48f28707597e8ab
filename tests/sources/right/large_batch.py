"""One batch of 50,000 rows, and far more calls of progress() than anybody needs."""

import panoply

WARNS = ("log_is_used",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        rows = []
        for number in range(50_000):
            rows.append({"id": number, "name": "order", "paid": True})
            if number % 20 == 0:
                self.progress(number, 50_000, f"{number:,} rows")
        self.progress(50_000, 50_000, "all rows")
        return rows
