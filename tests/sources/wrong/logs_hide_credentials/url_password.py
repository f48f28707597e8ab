"""The URL of the database is logged."""

import panoply

PARAMS = {"database": "postgresql://ada:hunter2-xyz@db.acme.test/orders"}
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def read(self, n=None):
        self.log("connecting to", self.source["database"])
        return None
