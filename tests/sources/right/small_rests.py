"""Every other batch is the small rest of a large one, and the median is still large."""

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    number = 0

    async def read(self, n=None):
        if self.number == 9:
            return None
        self.number += 1
        size = 60 if self.number % 2 else 1
        self.log("batch", self.number)
        self.progress(self.number, 9)
        return [{"batch": self.number, "row": row} for row in range(size)]
