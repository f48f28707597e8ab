"""The icon's text is cut off where no base64 ends."""

import panoply

ALSO = ["config_is_valid"]
ICON = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAADAAAAAwAgMAAAAqbBEUAAAACVBMVEX////6yCgUWqD7FqpzAAAA30lEQ"
CONFIG = {"title": "Orders", "params": [], "icon": ICON}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.rows = [{"id": 1}, {"id": 2}]

    def read(self, n=None):
        if not self.rows:
            return None
        rows, self.rows = self.rows, []
        self.log("read", len(rows), "orders")
        self.progress(2, 2, "orders read")
        return rows
