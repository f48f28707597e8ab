"""What is raised is a group; what is in it says that it is not retryable, the group does not."""

import asyncio

import httpx
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
    page = 1
    loaded = 0
    client = None

    async def fetch(self, page):
        response = await self.client.get("/items", params={"page": page})
        if response.status_code == 401:
            raise panoply.PanoplyException("The API refused the token", retryable=False)
        response.raise_for_status()
        return response.json()

    async def read(self, n=None):
        if self.client is None:
            headers = {"Authorization": f"Bearer {self.source['token']}"}
            self.client = httpx.AsyncClient(base_url=self.source["url"], headers=headers, timeout=30)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self.fetch(page)) for page in (self.page, self.page + 1)]
        answers = [task.result() for task in tasks]
        rows = [row for answer in answers for row in answer["items"]]
        if not rows:
            return None
        self.page += 2
        self.log("pages up to", self.page - 1)
        self.loaded += len(rows)
        self.progress(self.loaded, max(self.loaded, answers[0]["total"]))
        return rows

    async def close(self):
        if self.client is not None:
            await self.client.aclose()
            self.client = None
