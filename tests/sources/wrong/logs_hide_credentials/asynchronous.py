"""An async read logs it."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    async def read(self, n=None):
        self.log("token", self.source["token"])
        return None
