"""It prints instead."""

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    part = 0

    def read(self, n=None):
        if self.part == 3:
            return None
        self.part += 1
        print("part", self.part)
        self.progress(self.part, 3)
        return [{"part": self.part, "row": row} for row in range(20)]
