"""The tenant's code is no credential by its name; the project has said that it is one."""

import panoply

PARAMS = {"tenant": "qx7-violet-9921"}
SECRETS = {"tenant": "qx7-violet-9921"}
CONFIG = {"title": "Shop", "params": [{"name": "tenant", "title": "Code of the tenant"}]}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.log("reading")
        self.progress(30, 30, f"30 orders of {self.source['tenant']}")
        return [{"id": number} for number in range(30)]
