"""An account carries all of its postings."""

import panoply

CONFIG = {"title": "Ledger", "params": []}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.log("accounts read")
        self.progress(2, 2)
        return [
            {"account": account, "postings": [{"id": i, "amount": i % 90} for i in range(size)]}
            for account, size in (("small", 10), ("large", 12_000))
        ]
