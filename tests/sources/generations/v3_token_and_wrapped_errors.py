"""SDK 3: keyword arguments all over, several exceptions, decorators on top of each other, tokens of another name."""

import json
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import panoply
from panoply.datasource import validate_token
from panoply.errors import Phase, TokenValidationException, wrap_errors

REFRESH_URL = "http://127.0.0.1/oauth/token"

TABLES = {"ads": 2}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(options=options, source=source)
        self.source["destination"] = "ads"
        self.page = 0
        self.renewed = 0

    @wrap_errors(Phase.COLLECT)
    def read(self, batch_size=None):
        if self.page == 2:
            return None
        rows = self.get("/ads", page=self.page + 1)
        self.page += 1
        self.progress(self.page, 2, f"page {self.page}")
        return rows

    @validate_token(
        refresh_url=REFRESH_URL,
        exceptions=(HTTPError, URLError),
        callback="renew",
        access_key="token",
        refresh_key="renewal",
    )
    def get(self, path, *, page):
        request = Request(
            f"{self.source['api']}{path}?page={page}", headers={"Authorization": f"Bearer {self.source['token']}"}
        )
        with urlopen(request, timeout=10) as response:
            return [{"page": page, "rows": json.load(response)}]

    def renew(self, token):
        self.renewed += 1
        self.log("a new token, number", self.renewed)


__all__ = ["CONFIG", "Stream", "TokenValidationException"]
CONFIG = {"title": "Ads", "params": [{"name": "token", "type": "password"}, {"name": "renewal", "type": "password"}]}
