"""The icon's text was cut off in the middle."""

import panoply

ICON = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAADAAAAAwAgMAAAAqbBEUAAAACVBMVEX////6yCgUWqD7FqpzAAAA30lEQVR4nE3QMU6FUBRF"
    "0cXNj6Gksad2FAzBwjgOh8BwjN9BUDgQehvsSCRgcXn46Hbu2ee80MS764tdBcYKxrmCfq2graQII/d7KZh985nQr8fEMSG0"
    "+wYLQniD"
)
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
