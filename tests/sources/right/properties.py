"""source and options are properties of its own."""

import panoply

WARNS = ("log_is_used",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    @property
    def source(self):
        return self._source

    @source.setter
    def source(self, value):
        self._source = value

    def read(self, n=None):
        return None
