"""Five lines at a time, whatever is asked for."""

import panoply

CONFIG = {"title": "Log", "params": []}


class Stream(panoply.DataSource):
    position = 0

    def __init__(self, source, options):
        super().__init__(source, options)
        self.lines = [f"line {number}" for number in range(250)]

    def read(self, n=None):
        batch = [{"text": line} for line in self.lines[self.position : self.position + 5]]
        if not batch:
            return None
        self.position += len(batch)
        self.log("lines:", self.position)
        self.progress(self.position, len(self.lines))
        return batch
