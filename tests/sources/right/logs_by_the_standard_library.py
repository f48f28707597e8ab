"""It logs by logging, to a logger of its own."""

import logging

import panoply

log = logging.getLogger(__name__)
CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    part = 0

    def read(self, n=None):
        if self.part == 3:
            return None
        self.part += 1
        log.warning("part %d", self.part)
        self.progress(self.part, 3)
        return [{"part": self.part, "row": row} for row in range(20)]
