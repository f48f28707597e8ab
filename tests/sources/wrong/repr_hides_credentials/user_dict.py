"""A source that also is a mapping of its params looks like one."""

import collections

import panoply

CONFIG = {"title": "Shop", "params": [{"name": "token", "title": "Token", "type": "password"}]}


class Stream(collections.UserDict, panoply.DataSource):
    def __init__(self, source, options):
        panoply.DataSource.__init__(self, source, options)
        self.data = source
        self.number = 0

    def read(self, n=None):
        if self.number == 3:
            return None
        self.number += 1
        self.log("batch", self.number)
        self.progress(self.number, 3)
        return [{"user": self.get("user"), "id": 10 * self.number + i} for i in range(10)]
