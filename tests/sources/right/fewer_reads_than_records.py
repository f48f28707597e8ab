"""It takes n at its word, and has more records than reads are allowed: one by one, they would not come to an end."""

import panoply

MAX_READS = 50
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.rows = [{"id": number} for number in range(120)]

    def read(self, n=None):
        if not self.rows:
            return None
        size = n or 100
        batch, self.rows = self.rows[:size], self.rows[size:]
        self.log("read", len(batch))
        self.progress(120 - len(self.rows), 120)
        return batch
