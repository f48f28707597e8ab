"""A warning that Python does not show by default holds it."""

import warnings

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        token = self.source["token"]
        warnings.warn(f"{token} is a token of the old kind", DeprecationWarning)
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
