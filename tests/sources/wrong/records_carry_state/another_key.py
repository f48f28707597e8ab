"""The id is in a column of another name: one underscore."""

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.part = (source.get("state") or {}).get("part", 0)

    async def read(self, n=None):
        if self.part == 4:
            return None
        self.part += 1
        self.log("part", self.part)
        self.progress(self.part, 4)
        self.state(f"part-{self.part}", {"part": self.part})
        return [{"part": self.part, "row": row, "_state": f"part-{self.part}"} for row in range(20)]
