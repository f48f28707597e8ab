"""It fires an event of another name."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.fire("progres", {"loaded": 1, "total": 1, "msg": ""})
        return [{"id": 1}]
