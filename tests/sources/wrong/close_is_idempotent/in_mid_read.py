"""close() insists that everything was read."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    number = 0

    def read(self, n=None):
        self.number += 1
        self.progress(min(self.number, 3), 3)
        return [{"id": self.number}] if self.number <= 3 else None

    def close(self):
        if 0 < self.number <= 3:
            raise RuntimeError("there is more to read")
