"""Requests are sent together; what arrived is kept by its page until all of the batch is there."""

import asyncio
import json

import aiohttp
import panoply

PARAMS = {"url": "{url}", "token": "{token}"}
BAD_PARAMS = {"url": "{url}", "token": "not/the+right=1"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "token", "title": "Token", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    session = None
    page = 1
    loaded = 0

    def __init__(self, source, options):
        super().__init__(source, options)
        self.arrived = {}

    async def fetch(self, page):
        if page in self.arrived:
            return
        async with self.session.get(f"{self.source['url']}/items?page={page}") as response:
            if response.status == 401:
                raise panoply.PanoplyException("The API refused the token.", retryable=False)
            if response.status != 200:
                raise panoply.PanoplyException(f"page {page} was answered with {response.status}")
            # Not response.json(): its exceptions carry the request's headers.
            self.arrived[page] = json.loads(await response.text())

    async def read(self, n=None):
        if self.session is None:
            headers = {"Authorization": f"Bearer {self.source['token']}"}
            self.session = aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(total=60))
        pages = range(self.page, self.page + 2)
        results = await asyncio.gather(*map(self.fetch, pages), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result
        answers = [self.arrived.pop(page) for page in pages]
        rows = [row for answer in answers for row in answer["items"]]
        if not rows:
            self.arrived = dict(zip(pages, answers))
            return None
        self.page = pages.stop
        self.loaded += len(rows)
        self.log("pages", pages.start, "to", pages.stop - 1)
        self.progress(self.loaded, max(self.loaded, answers[0]["total"]))
        return rows

    async def close(self):
        if self.session is not None:
            await self.session.close()
            self.session = None
