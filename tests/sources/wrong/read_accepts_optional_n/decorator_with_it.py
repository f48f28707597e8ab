"""A decorator passes n on to a method that takes none."""

import panoply

CONFIG = {"title": "Orders", "params": []}


def logged(method):
    def wrapper(self, *args):
        self.log("reading")
        return method(self, *args)

    return wrapper


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    @logged
    def read(self):
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
