"""CONFIG belongs to the class, not to the module."""

import panoply


class Stream(panoply.DataSource):
    CONFIG = {"title": "Orders", "params": []}

    def read(self, n=None):
        return None
