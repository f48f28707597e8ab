"""It extends the SDK's Emitter instead of its DataSource."""

from panoply.events import Emitter

CONFIG = {"title": "Orders", "params": []}


class Stream(Emitter):
    def __init__(self, source, options):
        super().__init__()
        self.source = source
        self.options = options

    def read(self, n=None):
        return None

    def close(self):
        pass
