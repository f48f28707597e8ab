"""Of a page that is larger than n, the rest is thrown away."""

import panoply

CONFIG = {"title": "Journal", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.pages = [[{"id": 50 * page + number} for number in range(50)] for page in range(4)]
        self.number = 0

    def read(self, n=None):
        if self.number == len(self.pages):
            return None
        rows = self.pages[self.number]
        self.number += 1
        self.log("page", self.number)
        self.progress(self.number, len(self.pages))
        return rows[:n]
