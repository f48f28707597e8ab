"""Each request reports its own page when its answer is there, in whatever order they arrive."""

import asyncio

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    pages = None

    async def fetch(self, page):
        # The larger a page is, the later it is there.
        for _ in range(7 * page % 5):
            await asyncio.sleep(0)
        self.progress(page, 10, f"page {page}")
        return [{"page": page, "row": row} for row in range(12)]

    async def read(self, n=None):
        if self.pages is None:
            self.pages = list(range(1, 11))
        pages, self.pages = self.pages[:5], self.pages[5:]
        if not pages:
            return None
        self.log("pages", pages)
        found = await asyncio.gather(*map(self.fetch, pages))
        self.progress(pages[-1], 10)
        return [row for rows in found for row in rows]
