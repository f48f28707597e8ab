"""An async generator inside, which lives from read to read."""

import panoply

WARNS = ("log_is_used",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    pages = None

    async def read(self, n=None):
        if self.pages is None:
            self.pages = self.fetch()
        return await anext(self.pages, None)

    async def fetch(self):
        for page in range(3):
            self.progress(page + 1, 3)
            yield [{"page": page}]

    async def close(self):
        if self.pages is not None:
            await self.pages.aclose()
