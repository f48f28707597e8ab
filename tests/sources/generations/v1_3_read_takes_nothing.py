"""SDK 1.3: read takes no n, under a decorator that passes on whatever it gets; it calls itself between two tables."""

import functools

import panoply

TABLES = {"reports_csv": 3}


def tells_what_failed(fn):
    @functools.wraps(fn)
    def wrapped(*args, **kwargs):
        try:
            return fn(*args, **kwargs)
        except AttributeError as err:
            raise panoply.PanoplyException(err, retryable=False)

    return wrapped


class ReportsSource(panoply.DataSource):
    left = None
    page = []

    def __init__(self, source, options):
        super(ReportsSource, self).__init__(source, options)

        if not source.get("destination"):
            source["destination"] = "reports_csv"
        self.left = {"empty": [], "sales": [[{"asin": "A"}, {"asin": "B"}], [{"asin": "C"}]]}

    @tells_what_failed
    def read(self):
        if not self.page:
            if not self.left:
                return None
            self.log("fetching")
            name, self.page = self.left.popitem()
            self.progress(2 - len(self.left), 2, "Fetching data for %s" % name)
            if not self.page:
                return self.read()
        self.progress(2 - len(self.left), 2, "reading")
        return self.page.pop(0)


Stream = ReportsSource
CONFIG = {"title": "Reports", "params": []}
