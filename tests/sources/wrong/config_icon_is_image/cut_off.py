"""A PNG of which the second half is missing."""

import panoply

CONFIG = {
    "title": "Shop",
    "icon": "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAA",
    "params": [],
}


class Stream(panoply.DataSource):
    part = 0

    def read(self, n=None):
        if self.part == 2:
            return None
        self.part += 1
        self.log("part", self.part)
        self.progress(self.part, 2)
        return [{"part": self.part, "row": row} for row in range(10)]
