"""Of connections and grants, all is told but what is secret in them."""

import panoply

PARAMS = {
    "odbc": "Driver={ODBC Driver 18};Server=db.acme.test;Uid=ada;Pwd=9f3b71Ca2Zq8",
    "dsn": "host=db.acme.test port=5432 dbname=warehouse user=reporting password=4d8e20Bx6Wv3",
    "account": {"instance_url": "https://eu7.acme.test", "shop": "acme-outdoor", "access_token": "tk/9f3b+71Ca2=Zq8"},
    "auth": "service-account",
}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "odbc", "title": "Connection", "type": "password"},
        {"name": "dsn", "title": "Other connection", "type": "password"},
        {
            "name": "account",
            "title": "Account",
            "type": "oauth",
            "oauthAuthorizeURL": "https://acme.test/authorize",
            "oauthAccessURL": "https://acme.test/token",
            "oauthRefreshURL": "https://acme.test/token",
        },
        {"name": "auth", "title": "By", "type": "select", "values": ["service-account", "user-and-password"]},
    ],
}


class Stream(panoply.DataSource):
    left = 3

    def read(self, n=None):
        if not self.left:
            return None
        self.left -= 1
        self.log("Driver={ODBC Driver 18};Server=db.acme.test;Uid=ada;Pwd=***")
        self.log("host=db.acme.test port=5432 dbname=warehouse user=reporting password=***")
        self.log(f"GET {self.source['account']['instance_url']}/items, by {self.source['auth']}")
        self.progress(3 - self.left, 3, f"reading {self.source['account']['shop']}")
        return [{"id": self.left, "shop": self.source["account"]["shop"]}]
