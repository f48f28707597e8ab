"""Made from a script: what is missing ends the process, with a message that its author saw on the terminal."""

import sys

import panoply

PARAMS = {"folder": "invoices"}
CONFIG = {"title": "Files", "params": [{"name": "folder", "title": "Folder", "required": True}]}


class Stream(panoply.DataSource):
    done = False

    def __init__(self, source, options):
        super().__init__(source, options)
        if not source.get("folder"):
            sys.exit("the folder is missing")

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.log("reading")
        self.progress(1, 1)
        return [{"id": 1}]
