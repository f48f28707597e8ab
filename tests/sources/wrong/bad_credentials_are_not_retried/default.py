"""A PanoplyException is retryable unless it says that it is not."""

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
    page = pages = 1
    client = None

    async def read(self, n=None):
        if self.page > self.pages:
            return None
        if self.client is None:
            headers = {"Authorization": f"Bearer {self.source['token']}"}
            self.client = httpx.AsyncClient(base_url=self.source["url"], headers=headers, timeout=30)
        response = await self.client.get("/items", params={"page": self.page})
        if response.status_code == 401:
            raise panoply.PanoplyException("The API refused the token. Create a new one, and enter it.")
        response.raise_for_status()
        answer = response.json()
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages)
        self.page += 1
        return answer["items"]

    async def close(self):
        if self.client is not None:
            await self.client.aclose()
            self.client = None
