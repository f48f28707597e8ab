"""A mixin reads."""

import panoply

WARNS = ("log_is_used",)
CONFIG = {"title": "Orders", "params": []}


class Paged:
    page = 0

    def read(self, n=None):
        self.page += 1
        if self.page > 2:
            return None
        self.progress(self.page, 2)
        return [{"page": self.page}]


class Stream(Paged, panoply.DataSource):
    pass
