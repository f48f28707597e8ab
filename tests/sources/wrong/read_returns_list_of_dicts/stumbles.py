"""It stumbles over a row without a name, and goes on when it is called again."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.rows = [{"id": 1, "name": "a"}, {"id": 2}, {"id": 3, "name": "c"}]

    def read(self, n=None):
        if not self.rows:
            return None
        row = self.rows.pop(0)
        self.progress(3 - len(self.rows), 3)
        return [{"id": row["id"], "name": row["name"].upper()}]
