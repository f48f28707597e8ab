"""CONFIG is the list of the params."""

import panoply

CONFIG = [{"name": "token", "title": "Token", "type": "password"}]


class Stream(panoply.DataSource):
    def read(self, n=None):
        return None
