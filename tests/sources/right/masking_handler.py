"""Its logger does not propagate, and the handler's formatter masks what it writes."""

import logging

import panoply

CONFIG = {"title": "Orders", "params": []}
log = logging.getLogger("acme.orders")
log.propagate = False
log.setLevel(logging.DEBUG)


class Masking(logging.Formatter):
    secret = "-"

    def format(self, record):
        return super().format(record).replace(self.secret, "***")


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        handler = logging.StreamHandler()
        handler.setFormatter(Masking())
        Masking.secret = source["token"]
        log.handlers[:] = [handler]

    def read(self, n=None):
        log.info("token %s", self.source["token"])
        return None
