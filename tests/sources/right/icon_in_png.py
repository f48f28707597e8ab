"""A small PNG icon, whose base64 is broken into lines."""

import panoply

CONFIG = {
    "title": "Shop",
    "icon": "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4\n2mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
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
