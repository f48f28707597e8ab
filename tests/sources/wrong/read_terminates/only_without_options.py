"""The constructor waits where there is no logger."""

import time

import panoply

ALSO = ("constructor_takes_source_and_options",)
READ_TIMEOUT = 0.7
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        while "logger" not in self.options:
            time.sleep(0.01)

    def read(self, n=None):
        return None
