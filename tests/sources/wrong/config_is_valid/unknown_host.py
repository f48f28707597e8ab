"""hostProperty names no param."""

import panoply

CONFIG = {"title": "Orders", "params": [{"name": "address", "title": "Address"}], "hostProperty": "host"}


class Stream(panoply.DataSource):
    def read(self, n=None):
        return None
