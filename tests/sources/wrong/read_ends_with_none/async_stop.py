"""The async iterator's StopAsyncIteration gets out of read."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    pages = None

    async def read(self, n=None):
        if self.pages is None:
            self.pages = self.fetch()
        rows = await anext(self.pages)
        self.progress(1, 1)
        return rows

    async def fetch(self):
        yield [{"id": 1}]
