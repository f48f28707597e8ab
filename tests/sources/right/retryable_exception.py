"""It raises a PanoplyException that says to call again."""

import panoply

WARNS = ("log_is_used",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    calls = 0

    def read(self, n=None):
        self.calls += 1
        if self.calls in (1, 3):
            raise panoply.PanoplyException("the far end is busy", retryable=True)
        if self.calls > 4:
            return None
        self.progress(self.calls, 4)
        return [{"id": self.calls}]
