"""It hands copies over: whether that is right is another rule's business."""

import copy

import panoply

WARNS = ("log_is_used",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(copy.deepcopy(source), {**options, "page": 10})

    def read(self, n=None):
        return None
