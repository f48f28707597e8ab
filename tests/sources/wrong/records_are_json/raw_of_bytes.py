"""A raw message by hand, whose bytes are not base64."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.progress(1, 1, "read")
        return [{"type": "raw", "tag": "orders", "raw": b"abc", "metadata": {}}]
