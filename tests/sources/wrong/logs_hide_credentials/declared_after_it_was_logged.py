"""It logs the answer to its login, and declares it right after."""

import panoply

PARAMS = {"user": "ada"}
CONFIG = {"title": "Items", "params": [{"name": "user", "title": "User"}]}


class Stream(panoply.DataSource):
    left = 3
    session = None

    async def read(self, n=None):
        if self.session is None:
            answer = ["at/9f3b+71Ca2=Zq8"]
            self.log("logged in", answer)
            (self.session,) = self.secret(answer)
        if not self.left:
            return None
        self.left -= 1
        self.progress(3 - self.left, 3, "reading")
        return [{"id": self.left}]
