"""An SVG icon that is percent-encoded rather than base64, with a comment and an XML declaration before it."""

import panoply

CONFIG = {
    "title": "Shop",
    "icon": "data:image/svg+xml;charset=utf-8,%3C?xml version='1.0'?%3E%3C!-- drawn by hand --%3E"
    "%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E%3Ccircle cx='4' cy='4' r='3'/%3E%3C/svg%3E",
    "params": [],
}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.log("reading")
        self.progress(10, 10)
        return [{"row": row} for row in range(10)]
