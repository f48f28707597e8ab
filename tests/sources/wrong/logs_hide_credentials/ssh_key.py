"""A nested private key is logged."""

import panoply

PARAMS = {"ssh": {"host": "db.acme.test", "privateKey": "-----BEGIN KEY-----\nMIIEvQIBADANBgkqh\n-----END KEY-----"}}
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def read(self, n=None):
        self.log(self.source["ssh"]["privateKey"])
        return None
