"""It says PNG, and is a GIF."""

import panoply

ALSO = ("config_is_valid",)
CONFIG = {
    "title": "Shop",
    "icon": "data:image/png;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7",
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
