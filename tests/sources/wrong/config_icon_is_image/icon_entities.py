"""The icon's SVG holds entities that unpack into a thousand million of themselves."""

import base64

import panoply

NAMES = "abcdefghi"
ENTITIES = "".join(f"<!ENTITY {name} '{f'&{inner};' * 10}'>" for inner, name in zip("x" + NAMES, NAMES))
SVG = f"<!DOCTYPE svg [<!ENTITY x 'orders'>{ENTITIES}]><svg xmlns='http://www.w3.org/2000/svg'><text>&i;</text></svg>"
CONFIG = {
    "title": "Orders",
    "params": [],
    "icon": "data:image/svg+xml;base64," + base64.b64encode(SVG.encode()).decode(),
}


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
