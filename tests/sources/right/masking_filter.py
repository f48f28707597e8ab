"""Its logger has a filter that masks what is logged."""

import logging

import panoply

CONFIG = {"title": "Orders", "params": []}
log = logging.getLogger("acme.orders")


class Mask(logging.Filter):
    def __init__(self, secret):
        super().__init__()
        self.secret = secret

    def filter(self, record):
        record.msg = record.getMessage().replace(self.secret, "***")
        record.args = ()
        return True


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        log.addFilter(Mask(source["token"]))

    def read(self, n=None):
        log.info("token %s", self.source["token"])
        return None
