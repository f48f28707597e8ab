"""The source's own logger says it at DEBUG."""

import logging

import panoply

log = logging.getLogger(__name__)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        token = self.source["token"]
        log.debug("token %s", token)
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
