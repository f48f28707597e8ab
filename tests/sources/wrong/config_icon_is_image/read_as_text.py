"""A PNG that was read as text before it was encoded: its first byte has become a question mark."""

import base64

import panoply

ALSO = ("config_is_valid",)
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
ICON = PNG.decode("ascii", errors="replace").encode()
CONFIG = {"title": "Shop", "icon": "data:image/png;base64," + base64.b64encode(ICON).decode(), "params": []}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.log("reading")
        self.progress(10, 10)
        return [{"row": row} for row in range(10)]
