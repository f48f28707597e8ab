"""An event of its own tells how the session was opened."""

import panoply

CONFIG = {"title": "Shop", "params": [{"name": "token", "title": "Token", "type": "password"}]}


class Stream(panoply.DataSource):
    part = 0

    async def read(self, n=None):
        if self.part == 3:
            return None
        if not self.part:
            self.fire("session-opened", {"user": self.source.get("user"), "with": [self.source["token"]]})
        self.part += 1
        self.log("part", self.part)
        self.progress(self.part, 3)
        return [{"part": self.part, "row": row} for row in range(20)]
