"""log() gets an object whose repr shows all its attributes."""

import dataclasses

import panoply

CONFIG = {"title": "Orders", "params": []}


@dataclasses.dataclass
class Client:
    token: str


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        token = self.source["token"]
        self.log(Client(token))
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
