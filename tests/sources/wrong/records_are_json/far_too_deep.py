"""It is nested a thousand levels deep."""

import panoply

CONFIG = {"title": "Orders", "params": []}


def deep():
    tree = {}
    for _ in range(1000):
        tree = {"child": tree}
    return tree


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.progress(1, 1, "read")
        return [{"id": 1, "tree": deep()}]
