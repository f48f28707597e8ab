"""The first batch is as large as it should be; all that follow have two records."""

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.history = [{"id": number} for number in range(500)]
        self.fresh = [{"id": number} for number in range(500, 540)]

    async def read(self, n=None):
        waiting = self.history or self.fresh
        if not waiting:
            return None
        size = 500 if waiting is self.history else 2
        batch = waiting[:size]
        del waiting[:size]
        self.log("rows left:", len(self.history) + len(self.fresh))
        self.progress(540 - len(self.history) - len(self.fresh), 540)
        return batch
