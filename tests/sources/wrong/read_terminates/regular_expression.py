"""A regular expression holds the interpreter for ages."""

import re

import panoply

ALSO = ("read_ends_with_none",)
READ_TIMEOUT = 0.7
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def read(self, n=None):
        re.match(r"(a+)+$", "a" * 60 + "b")
        return None
