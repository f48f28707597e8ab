"""The password within a DSN is logged."""

import panoply

PARAMS = {"connection": "host=db.acme.test user=ada password=hunter2-xyz dbname=orders"}
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def read(self, n=None):
        self.log("password:", self.source["connection"].split("password=")[1].split()[0])
        return None
