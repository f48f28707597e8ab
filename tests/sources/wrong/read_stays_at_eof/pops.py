"""After None it pops from an empty list."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.answers = [[{"id": 1}], None]

    def read(self, n=None):
        self.progress(1, 1)
        return self.answers.pop(0)
