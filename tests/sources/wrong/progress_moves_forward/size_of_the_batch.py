"""loaded is the size of the batch rather than all that was loaded so far."""

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    number = 0
    sizes = (50, 30, 40, 50)

    def read(self, n=None):
        if self.number == len(self.sizes):
            return None
        size = self.sizes[self.number]
        self.number += 1
        batch = [{"batch": self.number, "id": i} for i in range(size)]
        self.log("batch", self.number)
        self.progress(len(batch), 50)
        return batch
