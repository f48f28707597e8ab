"""A param of type hidden."""

import panoply

PARAMS = {"grant": "hunter2-xyz"}
CONFIG = {"title": "Orders", "params": [{"name": "grant", "type": "hidden"}]}


class Stream(panoply.DataSource):
    def read(self, n=None):
        self.log(self.source["grant"])
        return None
