"""It is printed a letter at a time."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        token = self.source["token"]
        for letter in token:
            print(letter, end="")
        print()
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
