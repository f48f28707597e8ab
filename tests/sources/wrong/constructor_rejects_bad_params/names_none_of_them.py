"""It looks at all params at once, and says that one of them is wrong."""

import panoply

PARAMS = {"host": "db.internal", "port": 5432, "database": "shop"}
CONFIG = {
    "title": "Shop",
    "params": [
        {"name": "host", "title": "Host", "required": True},
        {"name": "port", "title": "Port", "type": "number", "required": True},
        {"name": "database", "title": "Database name", "required": True},
    ],
}


class Stream(panoply.DataSource):
    done = False

    def __init__(self, source, options):
        super().__init__(source, options)
        if not all([source.get("host"), isinstance(source.get("port"), int), source.get("database")]):
            raise panoply.PanoplyException("The configuration of this source is not valid.", retryable=False)

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.log("reading")
        self.progress(1, 1)
        return [{"id": 1}]
