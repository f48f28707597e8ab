"""The records carry the id that was reported with the batch before."""

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.part = (source.get("state") or {}).get("part", 0)
        self.state_id = f"part-{self.part}"

    def read(self, n=None):
        if self.part == 4:
            return None
        rows = [{"part": self.part, "row": row, "__state": self.state_id} for row in range(20)]
        self.part += 1
        self.state_id = f"part-{self.part}"
        self.state(self.state_id, {"part": self.part})
        self.log("part", self.part)
        self.progress(self.part, 4)
        return rows
