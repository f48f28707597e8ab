"""A param that only CONFIG marks as a password."""

import panoply

PARAMS = {"kennwort": "hunter2-xyz"}
CONFIG = {"title": "Orders", "params": [{"name": "kennwort", "title": "Kennwort", "type": "password"}]}


class Stream(panoply.DataSource):
    def read(self, n=None):
        self.log(self.source["kennwort"])
        return None
