"""The message is an exception."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.progress(1, 2, ValueError("one row was skipped"))
        return [{"id": 1}, {"id": 2}]
