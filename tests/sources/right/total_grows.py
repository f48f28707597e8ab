"""The total grows while it reads, loaded stands still for a while, and both meet in the end."""

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    step = 0
    steps = ((0, 10), (20, 40), (20, 80), (70, 80), (90, 90))

    def read(self, n=None):
        if self.step == len(self.steps):
            return None
        loaded, total = self.steps[self.step]
        self.step += 1
        self.log("step", self.step)
        self.progress(loaded, total, f"{loaded} of at least {total}")
        return [{"step": self.step, "row": row} for row in range(20)]
