"""The client is a dataclass, and the source shows it."""

import dataclasses

import panoply

CONFIG = {"title": "Shop", "params": [{"name": "token", "title": "Token", "type": "password"}]}


@dataclasses.dataclass
class Client:
    user: str
    token: str
    left: int = 3


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.client = Client(source.get("user", ""), source["token"])

    def __repr__(self):
        return f"<Shop source with {self.client}>"

    def read(self, n=None):
        if not self.client.left:
            return None
        self.client.left -= 1
        self.log("left:", self.client.left)
        self.progress(3 - self.client.left, 3)
        return [{"part": self.client.left, "row": row} for row in range(20)]
