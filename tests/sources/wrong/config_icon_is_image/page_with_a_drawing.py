"""It says SVG, and is a web page that has one in it."""

import urllib.parse

import panoply

PAGE = "<!doctype html><html><body><p>Our logo:<br><svg viewBox='0 0 8 8'><circle r='3'/></svg></body></html>"
CONFIG = {"title": "Shop", "icon": "data:image/svg+xml," + urllib.parse.quote(PAGE), "params": []}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.log("reading")
        self.progress(10, 10)
        return [{"row": row} for row in range(10)]
