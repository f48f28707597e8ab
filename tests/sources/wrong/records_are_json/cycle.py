"""A parent knows its child, and the child its parent."""

import panoply

CONFIG = {"title": "Orders", "params": []}


def family():
    parent = {"id": 1}
    parent["children"] = [{"id": 2, "parent": parent}]
    return parent


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.progress(1, 1, "read")
        return [family()]
