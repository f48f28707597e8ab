"""It extends a DataSource of its own making."""

CONFIG = {"title": "Orders", "params": []}


class DataSource:
    def __init__(self, source, options):
        self.source = source
        self.options = options

    def on(self, name, handler):
        pass

    def progress(self, loaded, total, msg=""):
        pass


class Stream(DataSource):
    def read(self, n=None):
        return None

    def close(self):
        pass
