"""It declares the session that it was given for its password, and asks with it."""

import panoply

PARAMS = {"user": "ada", "password": "8fK2xQ9z77aLmN"}
CONFIG = {
    "title": "Items",
    "params": [{"name": "user", "title": "User"}, {"name": "password", "title": "Password", "type": "password"}],
}


class Stream(panoply.DataSource):
    left = 3

    def __init__(self, source, options):
        super().__init__(source, options)
        answer = self.secret({"session": "at/9f3b+71Ca2=Zq8", "user": "ada-of-the-north", "expires_in": 36000})
        self.log("logged in as", answer["user"], "for", answer["expires_in"], "seconds")
        self.headers = {"X-Session": answer["session"]}

    def read(self, n=None):
        if not self.left:
            return None
        self.left -= 1
        self.log("page", 3 - self.left, "with the headers", *self.headers)
        self.progress(3 - self.left, 3, "reading")
        return [{"id": self.left}]
