"""It changes streams, hooks, the working folder, the environment, and logging."""

import io
import logging
import os
import sys
import tempfile

import panoply

WARNS = ("log_is_used",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        sys.stdout = io.StringIO()
        sys.stderr.close()
        sys.excepthook = None
        os.chdir(tempfile.gettempdir())
        os.environ.clear()
        logging.shutdown()
        logging.disable(logging.CRITICAL)
        logging.getLogger().handlers.clear()
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
