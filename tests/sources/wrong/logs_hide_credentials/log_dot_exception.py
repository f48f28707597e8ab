"""logging.exception() shows the message of an exception."""

import logging

import panoply

log = logging.getLogger(__name__)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        token = self.source["token"]
        try:
            raise ConnectionError(f"refused: {token}")
        except ConnectionError:
            log.exception("refused")
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
