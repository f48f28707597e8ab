"""It logs once, at EOF."""

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    part = 0
    told = False

    def read(self, n=None):
        if self.part == 3:
            if not self.told:
                self.told = True
                self.log("three parts read")
            return None
        self.part += 1
        self.progress(self.part, 3)
        return [{"part": self.part, "row": row} for row in range(20)]
