"""It counts what is left to do, and in the end says that all is done."""

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    left = 80

    def read(self, n=None):
        if not self.left:
            return None
        self.left -= 20
        self.log("still", self.left)
        self.progress(self.left or 80, 80, f"{self.left} rows to go")
        return [{"id": self.left + i} for i in range(20)]
