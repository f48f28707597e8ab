"""Its first batch is empty, as it connects meanwhile; what is missing comes out with the second one, again and again."""

import panoply

PARAMS = {"refresh_token": "q7/Zk2+0p=91xE", "site": "north", "user": "ada"}
CONFIG = {
    "title": "Orders",
    "params": [
        {"name": "site", "title": "Site", "required": True},
        {"name": "refresh_token", "title": "Account", "type": "oauth", "required": True}
        | {f"oauth{kind}URL": f"https://shop.example/{kind}" for kind in ("Authorize", "Access", "Refresh")},
    ],
}


class NotConnected(Exception):
    """Nobody has signed in."""


class Stream(panoply.DataSource):
    number = 0

    async def read(self, n=None):
        if self.number == 3:
            return None
        if self.number == 0:
            self.number = 1
            self.progress(0, 2, "connecting")
            return []
        if not self.source.get("refresh_token"):
            raise NotConnected("No account is connected. Press Connect, and sign in.")
        if not self.source.get("site"):
            raise NotConnected("Which of its sites? The form has a field for that.")
        self.number += 1
        self.log("batch", self.number)
        self.progress(self.number - 1, 2)
        return [{"id": self.number}]
