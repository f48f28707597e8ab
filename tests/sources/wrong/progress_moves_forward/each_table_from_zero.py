"""Each table begins at zero again."""

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.tables = {"orders": 60, "refunds": 30}
        self.offset = 0

    def read(self, n=None):
        if not self.tables:
            return None
        table, total = next(iter(self.tables.items()))
        batch = [{"table": table, "id": self.offset + i} for i in range(30)]
        self.offset += len(batch)
        self.log(table, self.offset)
        self.progress(self.offset, total, f"{self.offset} of {total} {table}")
        if self.offset == total:
            del self.tables[table]
            self.offset = 0
        return batch
