"""log() gets a formatted traceback."""

import traceback

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        token = self.source["token"]
        try:
            raise ConnectionError(f"refused: {token}")
        except ConnectionError:
            self.log(traceback.format_exc())
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
