"""Tasks side by side find that the token has expired, and validate_token brings a new one for all of them."""

import asyncio
import json
from functools import partial
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import panoply

PARAMS = {"url": "{url}", "access_token": "at/expired+71Ca2=Zq8", "refresh_token": "{refresh}"}
OPTIONS = {"refresh": {"client_id": "panoply", "client_secret": "cs/8d03+Kq41=Lw9"}}
BAD_PARAMS = {"url": "{url}", "access_token": "at/expired+71Ca2=Zq8", "refresh_token": "rt/revoked+5Jb07=Mx2"}
CONFIG = {"title": "Orders", "params": [{"name": "access_token", "type": "password"}]}


class Unauthorized(Exception):
    pass


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.page = 0
        # The far end of a test has another address each time; a vendor's stands in the code.
        validated = panoply.validate_token(source["url"] + "/token", Unauthorized)
        self.fetch = partial(validated(Stream.fetch_page), self)

    async def fetch_page(self, page):
        return await asyncio.to_thread(self.get, page)

    def get(self, page):
        headers = {"Authorization": "Bearer " + self.source["access_token"]}
        request = Request(f"{self.source['url']}/items?page={page}&limit=40", headers=headers)
        try:
            with urlopen(request, timeout=10) as response:
                return json.load(response)
        except HTTPError as exc:
            exc.close()
            if exc.code == 401:
                raise Unauthorized("401") from None
            raise

    async def read(self, n=None):
        if self.page is None:
            return None
        answers = await asyncio.gather(*(self.fetch(page) for page in range(self.page + 1, self.page + 3)))
        last = answers[-1]
        self.page = None if last["page"] >= last["pages"] else last["page"]
        self.progress(min(last["page"], last["pages"]), last["pages"])
        self.log("read two pages")
        return [item for answer in answers for item in answer["items"]]
