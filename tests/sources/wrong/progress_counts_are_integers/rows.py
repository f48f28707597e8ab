"""It hands over the rows rather than their number."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.progress([{}, {}], [{}, {}, {}])
        return [{"id": 1}, {"id": 2}]
