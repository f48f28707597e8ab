"""Neither numbers nor a message."""

import panoply

ALSO = ("progress_counts_are_integers",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.progress(None, None, None)
        return [{"id": 1}, {"id": 2}]
