"""There are no params, not even none."""

import panoply

CONFIG = {"title": "Orders"}


class Stream(panoply.DataSource):
    def read(self, n=None):
        return None
