"""createdAt is a day that February does not have."""

import panoply

CONFIG = {"title": "Orders", "params": [], "createdAt": "2023-02-30"}


class Stream(panoply.DataSource):
    def read(self, n=None):
        return None
