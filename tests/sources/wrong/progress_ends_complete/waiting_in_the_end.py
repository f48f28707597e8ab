"""The last thing it says is that it does not know how much there is."""

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    step = 0

    async def read(self, n=None):
        self.step += 1
        if self.step > 3:
            self.progress(None, None, "waiting for the clean-up of the export")
            return None
        self.log("part", self.step)
        self.progress(self.step, 3, f"part {self.step}")
        return [{"part": self.step, "row": row} for row in range(20)]
