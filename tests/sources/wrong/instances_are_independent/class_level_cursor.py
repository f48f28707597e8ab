"""The cursor is on the class; each new instance sets it back for all."""

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    offset = 0

    def __init__(self, source, options):
        super().__init__(source, options)
        type(self).offset = 0
        self.rows = [{"id": number} for number in range(120)]

    def read(self, n=None):
        batch = self.rows[self.offset : self.offset + 40]
        if not batch:
            return None
        type(self).offset += len(batch)
        self.log("read", len(batch))
        self.progress(min(self.offset, 120), 120)
        return batch
