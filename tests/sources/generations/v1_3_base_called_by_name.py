"""SDK 1.3: the base class is called by its name, the source dict is used rather than `self.source`, all is imported."""

from panoply import *  # noqa: F403
from panoply import DataSource, PanoplyException

TABLES = {"sheets_first": 2, "sheets_second": 3}


class Stream(DataSource):
    def __init__(self, source, opt):
        DataSource.__init__(self, source, opt)
        source["destination"] = source.get("destination", "sheets") + "_{__table}"
        self.sheets = {"first": [{"a": 1}, {"a": 2}], "second": [{"b": 1}, {"b": 2}, {"b": 3}]}
        self.names = sorted(self.sheets)
        self.total = len(self.names)

    def read(self, n=None):
        if len(self.names) == 0:
            return None

        name = self.names[0]
        rows = [dict(row, __table=name) for row in self.sheets[name]]
        if not rows:
            raise PanoplyException("No rows in {}".format(name), retryable=False)

        self.names = self.names[1:]
        loaded = self.total - len(self.names)
        self.progress(loaded, self.total)
        self.log("read sheet %s" % name)
        return rows


CONFIG = {"title": "Sheets", "params": []}
