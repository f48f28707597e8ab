"""The first batch is there already; only the following ones compare n, which may be None."""

import panoply

CONFIG = {"title": "Journal", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.lines = iter([f"entry {number}" for number in range(150)])
        self.preview = [{"text": next(self.lines)} for _ in range(20)]
        self.loaded = 0

    def read(self, n=None):
        batch, self.preview = self.preview, []
        if not batch:
            while len(batch) < n:
                line = next(self.lines, None)
                if line is None:
                    break
                batch.append({"text": line})
        if not batch:
            return None
        self.loaded += len(batch)
        self.log("entries:", self.loaded)
        self.progress(self.loaded, 150)
        return batch
