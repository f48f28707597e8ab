"""The state of the last batch is reported once more at the end, under its old id."""

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.part = (source.get("state") or {}).get("part", 0)

    def read(self, n=None):
        if self.part == 3:
            self.state(f"part-{self.part}", {"part": self.part})
            return None
        self.part += 1
        self.log("part", self.part)
        self.progress(self.part, 3)
        self.state(f"part-{self.part}", {"part": self.part})
        return [{"part": self.part, "row": row, "__state": f"part-{self.part}"} for row in range(20)]
