"""Names that sound like credentials and are none, and a real one that stays hidden."""

import panoply

PARAMS = {
    "token": "tk/9f3b+71Ca2=Zq8",
    "token_type": "Bearer-like",
    "primary_key": "order_id",
    "next_token": "page-000002",
    "auth_url": "https://login.acme.test/authorize",
    "user": "ada.lovelace",
}
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def read(self, n=None):
        self.log({key: value for key, value in self.source.items() if key != "token"})
        return None
