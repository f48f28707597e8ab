"""CONFIG's params are {}, as in the first example of the SDK's README."""

import panoply

PARAMS = {}
WARNS = ("log_is_used",)
CONFIG = {"title": "Orders", "params": {}}


class Stream(panoply.DataSource):
    def read(self, n=None):
        return None
