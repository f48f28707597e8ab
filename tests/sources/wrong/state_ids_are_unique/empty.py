"""The first state's id is empty: there was no cursor before it."""

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.cursor = (source.get("state") or {}).get("cursor", "")

    def read(self, n=None):
        if self.cursor == "xxx":
            return None
        state_id, self.cursor = self.cursor, self.cursor + "x"
        self.log("cursor", self.cursor)
        self.progress(len(self.cursor), 3)
        self.state(state_id, {"cursor": self.cursor})
        return [{"id": f"{self.cursor}{i}", "__state": state_id} for i in range(20)]
