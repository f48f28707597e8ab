"""The batch is a subclass of list, and the rows are subclasses of dict."""

import collections

import panoply

WARNS = ("log_is_used",)
CONFIG = {"title": "Orders", "params": []}


class Page(list):
    next_page = None


class Row(dict):
    __getattr__ = dict.__getitem__


class Text(str):
    pass


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        counts = collections.defaultdict(int, orders=3)
        rows = Page(
            [Row(id=1), collections.OrderedDict(id=2), counts, collections.Counter("aab"), {Text("id"): Text("x")}]
        )
        self.progress(len(rows), len(rows), Text("read"))
        return rows
