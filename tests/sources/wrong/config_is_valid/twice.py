"""Two params share a name."""

import panoply

CONFIG = {"title": "Orders", "params": [{"name": "token", "type": "password"}, {"name": "token", "type": "hidden"}]}


class Stream(panoply.DataSource):
    def read(self, n=None):
        return None
