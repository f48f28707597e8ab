"""An async source that waits a little after an error, gives nothing, and never tells."""

import asyncio

import aiohttp
import panoply

MAX_READS = 300
PARAMS = {"url": "{url}", "token": "{token}"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "token", "title": "Token", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    after = 0
    total = 0
    done = False

    async def fetch(self):
        timeout = aiohttp.ClientTimeout(total=30)
        headers = {"Authorization": f"Bearer {self.source['token']}"}
        async with aiohttp.ClientSession(timeout=timeout, headers=headers) as session:
            async with session.get(f"{self.source['url']}/items?after={self.after}&limit=30") as response:
                response.raise_for_status()
                return await response.json()

    async def read(self, n=None):
        if self.done:
            return None
        try:
            answer = await self.fetch()
        except (aiohttp.ClientError, TimeoutError, ValueError) as exc:
            self.log("waiting:", type(exc).__name__)
            self.progress(self.after, self.total, "waiting")
            await asyncio.sleep(1)
            return []
        self.after = answer["items"][-1]["id"]
        self.total = answer["total"]
        self.done = answer["next"] is None
        self.log("up to", self.after)
        self.progress(self.after, self.total)
        return answer["items"]
