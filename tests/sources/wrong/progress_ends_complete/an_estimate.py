"""The total is an estimate that nobody corrects."""

import panoply

CONFIG = {"title": "Warehouse", "params": []}


class Stream(panoply.DataSource):
    loaded = 0

    def read(self, n=None):
        if self.loaded >= 940:
            return None
        batch = [{"id": self.loaded + i} for i in range(min(n or 470, 470))][: 940 - self.loaded]
        self.loaded += len(batch)
        self.log("rows:", self.loaded)
        self.progress(self.loaded, 1000, f"about {self.loaded} of 1000 rows")
        return batch
