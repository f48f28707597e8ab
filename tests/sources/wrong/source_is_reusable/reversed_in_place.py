"""Reverses the list that the user chose: a second instance turns it back, so that after two nothing seems to have happened."""

import panoply

PARAMS = {"token": "tk/9f3b+71Ca2=Zq8", "tables": ["customers", "orders", "events"]}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        source["tables"].reverse()
        self.left = list(source["tables"])

    def read(self, n=None):
        if not self.left:
            return None
        table = self.left.pop()
        self.log("table", table)
        self.progress(3 - len(self.left), 3, table)
        return [{"table": table, "id": number} for number in range(20)]


CONFIG = {
    "title": "Shop",
    "params": [{"name": "token", "type": "password"}, {"name": "tables", "type": "list", "values": []}],
}
