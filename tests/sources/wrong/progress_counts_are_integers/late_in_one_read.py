"""Of 300 calls in one read, a late one is wrong."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        for number in range(300):
            self.progress(number, 299 if number != 250 else 249.5)
        return [{"id": 1}]
