"""aiohttp's limit of five minutes is taken away, because one export once took longer."""

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
    page = pages = 1

    async def read(self, n=None):
        if self.page > self.pages:
            return None
        headers = {"Authorization": f"Bearer {self.source['token']}"}
        unlimited = aiohttp.ClientTimeout(total=None, sock_connect=None)
        async with aiohttp.ClientSession(headers=headers, timeout=unlimited) as session:
            async with session.get(f"{self.source['url']}/items?page={self.page}") as response:
                if response.status != 200:
                    raise panoply.PanoplyException(f"page {self.page} was answered with {response.status}")
                answer = json.loads(await response.text())
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages)
        self.page += 1
        return answer["items"]
