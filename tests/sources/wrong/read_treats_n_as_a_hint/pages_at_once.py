"""n tells how many pages are fetched at a time; for less than a page's worth there are none."""

import asyncio

import httpx
import panoply

PARAMS = {"url": "{url}", "token": "{token}"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "token", "title": "Token", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    page = 1
    loaded = 0
    client = None

    async def read(self, n=None):
        count = min((n or 100) // 20, 5)
        if self.client is None:
            headers = {"Authorization": f"Bearer {self.source['token']}"}
            self.client = httpx.AsyncClient(base_url=self.source["url"], headers=headers, timeout=30)
        pages = range(self.page, self.page + count)
        answers = await asyncio.gather(*(self.client.get(f"/items?page={page}") for page in pages))
        for answer in answers:
            answer.raise_for_status()
        rows = [row for answer in answers for row in answer.json()["items"]]
        self.log("pages", pages.start, "to", pages.stop)
        if not rows:
            return None
        self.page += count
        self.loaded += len(rows)
        self.progress(self.loaded, 100)
        return rows

    async def close(self):
        if self.client is not None:
            await self.client.aclose()
            self.client = None
