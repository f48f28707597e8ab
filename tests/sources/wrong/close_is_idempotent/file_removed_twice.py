"""close() removes a file, which is gone the second time."""

import os
import tempfile

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def __init__(self, source, options):
        super().__init__(source, options)
        descriptor, self.path = tempfile.mkstemp()
        os.close(descriptor)

    def read(self, n=None):
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows

    def close(self):
        os.remove(self.path)
