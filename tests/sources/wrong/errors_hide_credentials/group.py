"""Several requests fail together: one of a group of exceptions names its address."""

import asyncio
import json

import aiohttp
import panoply

PARAMS = {"url": "{url}", "key": "{token}"}
CONFIG = {
    "title": "Items",
    "params": [{"name": "url", "title": "Address"}, {"name": "key", "title": "API key", "type": "password"}],
}


class Stream(panoply.DataSource):
    page = 1
    loaded = 0

    async def fetch(self, session, page):
        query = {"page": str(page), "key": self.source["key"]}
        async with session.get(f"{self.source['url']}/items", params=query) as response:
            if response.status != 200:
                raise panoply.PanoplyException(f"{response.status} for {response.url}")
            return json.loads(await response.text())

    async def read(self, n=None):
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
            async with asyncio.TaskGroup() as group:
                pages = range(self.page, self.page + 2)
                tasks = [group.create_task(self.fetch(session, page)) for page in pages]
        answers = [task.result() for task in tasks]
        rows = [row for answer in answers for row in answer["items"]]
        if not rows:
            return None
        self.page += len(answers)
        self.log("pages up to", self.page - 1)
        self.loaded += len(rows)
        self.progress(self.loaded, max(self.loaded, answers[0]["total"]))
        return rows
