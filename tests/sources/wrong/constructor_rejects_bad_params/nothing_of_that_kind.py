"""What is chosen is only compared with: a choice that there is not finds nothing, and nothing is wrong with that."""

import panoply

PARAMS = {"status": "paid"}
CONFIG = {
    "title": "Orders",
    "params": [
        {"name": "status", "title": "Status", "type": "select", "values": ["new", "paid", "sent"], "default": "new"}
    ],
}

ROWS = [{"id": 1, "status": "new"}, {"id": 2, "status": "paid"}, {"id": 3, "status": "paid"}]


class Stream(panoply.DataSource):
    rows = None

    def read(self, n=None):
        if self.rows is None:
            self.rows = [row for row in ROWS if row["status"] == self.source.get("status", "new")]
        if not self.rows:
            return None
        self.log("reading")
        batch, self.rows = self.rows, []
        self.progress(len(batch), len(batch))
        return batch
