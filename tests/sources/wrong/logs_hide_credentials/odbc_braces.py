"""A connection string has its password in braces; it is logged without them."""

import re

import panoply

PARAMS = {"connection_string": "Driver={ODBC Driver 18};Server=db.acme.test;Uid=ada;Pwd={9f3b;71Ca2=Zq8}"}
CONFIG = {"title": "Items", "params": [{"name": "connection_string", "title": "Connection", "type": "password"}]}


class Stream(panoply.DataSource):
    left = 3

    def read(self, n=None):
        if not self.left:
            return None
        self.left -= 1
        self.log("logging in with", re.search(r"Pwd={(.*)}", self.source["connection_string"])[1])
        self.progress(3 - self.left, 3, "reading")
        return [{"id": self.left}]
