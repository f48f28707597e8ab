"""The last of 5,000 rows is NaN."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.progress(1, 1, "read")
        return [*({"id": number} for number in range(5000)), {"id": float("nan")}]
