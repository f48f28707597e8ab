"""Details are put in a queue as they arrive; when one of them fails, all are fetched again."""

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
    last = 0
    client = None

    def __init__(self, source, options):
        super().__init__(source, options)
        self.arrived = []

    async def detail(self, number):
        response = await self.client.get(f"/items/{number}")
        response.raise_for_status()
        self.arrived.append(response.json())

    async def read(self, n=None):
        if self.client is None:
            self.client = httpx.AsyncClient(
                base_url=self.source["url"], headers={"Authorization": f"Bearer {self.source['token']}"}, timeout=20
            )
        response = await self.client.get("/items", params={"after": self.last, "limit": 20})
        response.raise_for_status()
        answer = response.json()
        numbers = [item["id"] for item in answer["items"]]
        if not numbers:
            return None
        for start in range(0, len(numbers), 5):
            await asyncio.gather(*map(self.detail, numbers[start : start + 5]))
        self.last = numbers[-1]
        self.log("details up to", self.last)
        self.progress(self.last, answer["total"])
        batch, self.arrived = self.arrived, []
        return batch

    async def close(self):
        if self.client is not None:
            await self.client.aclose()
            self.client = None
