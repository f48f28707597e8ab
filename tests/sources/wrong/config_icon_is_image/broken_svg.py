"""An SVG in whose XML a tag is not closed."""

import base64

import panoply

ICON = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><g><circle cx="4" cy="4" r="3"></g></svg>'
CONFIG = {"title": "Shop", "icon": "data:image/svg+xml;base64," + base64.b64encode(ICON).decode(), "params": []}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.log("reading")
        self.progress(10, 10)
        return [{"row": row} for row in range(10)]
