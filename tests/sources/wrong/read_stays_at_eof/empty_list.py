"""After None it gives an empty list."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    answers = [[{"id": 1}], None]

    def __init__(self, source, options):
        super().__init__(source, options)
        self.answers = list(self.answers)

    def read(self, n=None):
        self.progress(1, 1)
        return self.answers.pop(0) if self.answers else []
