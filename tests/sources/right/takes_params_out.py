"""It takes a param out of source: whether that is right is another rule's business."""

import panoply

WARNS = ("log_is_used",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.user = source.pop("user")

    def read(self, n=None):
        return None
