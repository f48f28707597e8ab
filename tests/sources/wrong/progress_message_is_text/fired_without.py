"""It fires the event itself, and forgets msg."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.fire("progress", {"loaded": 1, "total": 2})
        return [{"id": 1}, {"id": 2}]
