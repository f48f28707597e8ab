"""log() is overridden for the time of the development, which never ended."""

import panoply

CONFIG = {"title": "Shop", "params": []}
VERBOSE = False


class Stream(panoply.DataSource):
    part = 0

    def log(self, *msgs):
        if VERBOSE:
            super().log(*msgs)

    def read(self, n=None):
        if self.part == 3:
            return None
        self.part += 1
        self.log("part", self.part)
        self.progress(self.part, 3)
        return [{"part": self.part, "row": row} for row in range(20)]
