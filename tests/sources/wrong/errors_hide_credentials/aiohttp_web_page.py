"""A web page where JSON was expected: aiohttp's json() raises with the request's headers in it."""

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
    page = pages = 1

    async def read(self, n=None):
        if self.page > self.pages:
            return None
        headers = {"Authorization": f"Bearer {self.source['token']}"}
        async with aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(total=60)) as session:
            async with session.get(f"{self.source['url']}/items?page={self.page}") as response:
                if response.status != 200:
                    raise panoply.PanoplyException(f"page {self.page} was answered with {response.status}")
                answer = await response.json()
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages)
        self.page += 1
        return answer["items"]
