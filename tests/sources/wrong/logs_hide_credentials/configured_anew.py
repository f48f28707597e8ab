"""It sets logging up anew, which takes all handlers away."""

import logging
import logging.config

import panoply

ALSO = ("module_imports_quietly",)
CONFIG = {"title": "Orders", "params": []}
logging.config.dictConfig(
    {
        "version": 1,
        "handlers": {"none": {"class": "logging.NullHandler"}},
        "root": {"level": "INFO", "handlers": ["none"]},
    }
)


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        token = self.source["token"]
        logging.info("token %s", token)
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
