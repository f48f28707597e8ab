"""A mistake of its own, brought into the shape of SDK 3, is still one: the row in hand is lost."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    left = 3

    @panoply.wrap_errors(panoply.Phase.COLLECT)
    def read(self, n=None):
        if not self.left:
            return None
        row = {"id": self.left}
        self.left -= 1
        self.progress(3 - self.left, 3)
        self.log("read a row")
        return [{"id": row["id"], "price": row["price"]} if row["id"] == 2 else row]
