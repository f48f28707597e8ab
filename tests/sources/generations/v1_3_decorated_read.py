"""SDK 1.3: a decorator of the source's own reports progress, and hides the name and the signature of read."""

import panoply

TABLES = {"mandrill_tags": 2, "mandrill_urls": 2}


def report_progress(fn):
    """decorator for auto progress report"""

    def wrapper(self, *args, **kwargs):
        result = fn(self, *args, **kwargs)
        loaded = self.total - len(self.metrics)
        self.progress(loaded, self.total, "%s of %s metrics loaded" % (loaded, self.total))
        return result

    return wrapper


class PanoplyMandrill(panoply.DataSource):
    def __init__(self, source, opt):
        super(PanoplyMandrill, self).__init__(source, opt)

        source["destination"] = source.get("destination") or "mandrill_{type}"
        source["idpattern"] = source.get("idpattern") or "{key}-{type}"
        self.metrics = ["urls", "tags"]
        self.total = len(self.metrics)

    @report_progress
    def read(self, n=None):
        if not self.metrics:
            return None
        metric = self.metrics[-1]
        rows = [{"key": key, "type": metric} for key in "ab"]
        self.log("metric", metric)
        self.metrics.pop()
        return rows


Stream = PanoplyMandrill
CONFIG = {"title": "Mandrill", "params": []}
