"""What was downloaded as the icon was the page that says that it is not there."""

import base64

import panoply

ALSO = ("config_is_valid",)
PAGE = b"<!doctype html><html><head><title>404 Not Found</title></head><body>There is no icon.png here.</body></html>"
CONFIG = {"title": "Shop", "icon": "data:image/png;base64," + base64.b64encode(PAGE).decode(), "params": []}


class Stream(panoply.DataSource):
    done = False

    async def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.log("reading")
        self.progress(10, 10)
        return [{"row": row} for row in range(10)]
