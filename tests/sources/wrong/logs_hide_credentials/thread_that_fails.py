"""A thread fails, and Python prints its exception."""

import threading

import panoply

CONFIG = {"title": "Orders", "params": []}


def fail(token):
    raise ConnectionError(f"refused: {token}")


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        token = self.source["token"]
        thread = threading.Thread(target=fail, args=(token,))
        thread.start()
        thread.join()
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
