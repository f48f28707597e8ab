"""What its logger says goes nowhere."""

import logging

import panoply

CONFIG = {"title": "Orders", "params": []}
log = logging.getLogger("acme.orders")
log.propagate = False
log.addHandler(logging.NullHandler())


class Stream(panoply.DataSource):
    def read(self, n=None):
        log.info("token %s", self.source["token"])
        self.log("read")
        return None
