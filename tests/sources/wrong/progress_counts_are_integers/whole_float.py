"""A float that is whole is a float."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.progress(3.0, 4)
        return [{"id": 1}, {"id": 2}]
