"""An async generator closes its session when a page fails; what is left has no session."""

import json

import aiohttp
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
    session = None
    page = pages = 1

    async def read(self, n=None):
        if self.page > self.pages:
            return None
        if self.session is None:
            self.session = aiohttp.ClientSession(
                base_url=self.source["url"],
                headers={"Authorization": f"Bearer {self.source['token']}"},
                timeout=aiohttp.ClientTimeout(total=60, sock_connect=30),
            )
        try:
            async with self.session.get(f"/items?page={self.page}") as response:
                if response.status != 200:
                    raise panoply.PanoplyException(f"page {self.page} was answered with {response.status}")
                answer = json.loads(await response.text())
        except Exception:
            await self.session.close()
            raise
        self.pages = answer["pages"]
        self.log("page", self.page, "of", self.pages)
        self.progress(self.page, self.pages, "reading")
        self.page += 1
        return answer["items"]

    async def close(self):
        if self.session is not None:
            await self.session.close()
