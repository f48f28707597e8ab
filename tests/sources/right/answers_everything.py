"""It answers to any attribute."""

import panoply

WARNS = ("log_is_used",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args, **kwargs: self

    def __bool__(self):
        return False

    def __len__(self):
        return 0

    def __eq__(self, other):
        raise TypeError("not to be compared")

    __hash__ = None

    def read(self, n=None):
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
