"""Until somebody has entered an account, it gives empty batches: that nobody can, once it runs, it does not know."""

import panoply

PARAMS = {"account": "acme-7"}
CONFIG = {"title": "Orders", "params": [{"name": "account", "title": "Account", "required": True}]}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.progress(0, 1, "waiting for an account")
        self.log("account:", self.source.get("account"))
        if not self.source.get("account"):
            return []
        self.done = True
        self.progress(1, 1)
        return [{"id": 1}]
