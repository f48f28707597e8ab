"""All rows of a file refer to one dict about it, which says something else with the next file."""

import panoply

CONFIG = {"title": "Files", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.files = ["2024-01.csv", "2024-02.csv", "2024-03.csv"]
        self.done = 0
        self.about = {}

    def read(self, n=None):
        if self.done == len(self.files):
            return None
        self.about["file"] = self.files[self.done]
        self.done += 1
        self.log("file", self.done)
        self.progress(self.done, len(self.files))
        return [{"line": line, "origin": self.about} for line in range(40)]
