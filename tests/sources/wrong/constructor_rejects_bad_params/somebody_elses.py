"""Without an account it reads those of the account that the developer had at hand: other records, and no error."""

import panoply

PARAMS = {"account": "acme-7"}
CONFIG = {"title": "Orders", "params": [{"name": "account", "title": "Account", "required": True}]}

ORDERS = {"acme-7": [{"id": 1}, {"id": 2}], "demo": [{"id": 900}]}


class Stream(panoply.DataSource):
    rows = None

    def read(self, n=None):
        if self.rows is None:
            self.rows = list(ORDERS[self.source.get("account") or "demo"])
        if not self.rows:
            return None
        self.log("reading")
        batch = [self.rows.pop(0)]
        self.progress(1, 1 + len(self.rows))
        return batch
