"""It calls the options' logger itself, with a text."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        token = self.source["token"]
        if "logger" in self.options:
            self.options["logger"](f"token={token}")
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
