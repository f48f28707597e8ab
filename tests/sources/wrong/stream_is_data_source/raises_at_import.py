"""It needs an environment variable that is not there."""

import os

import panoply

CONFIG = {"title": "Orders", "params": []}
URL = os.environ["ACME_URL_THAT_NOBODY_SET"]


class Stream(panoply.DataSource):
    def read(self, n=None):
        return None
