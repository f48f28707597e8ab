"""Its token has expired, and validate_token brings a new one."""

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

    def fetch_page(self, page):
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

    def read(self, n=None):
        if self.page is None:
            return None
        answer = self.fetch(self.page + 1)
        self.page = None if answer["page"] >= answer["pages"] else answer["page"]
        self.progress(answer["page"], answer["pages"])
        self.log("read a page")
        return answer["items"]
