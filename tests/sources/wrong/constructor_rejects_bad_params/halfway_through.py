"""What the second table needs is only looked for when the first one has been read and sent."""

import panoply

PARAMS = {"workspace": "north"}
CONFIG = {"title": "Boards", "params": [{"name": "workspace", "title": "Workspace", "required": True}]}


class Stream(panoply.DataSource):
    number = 0

    def read(self, n=None):
        if self.number == 2:
            return None
        self.log("table", self.number)
        if self.number == 1 and not self.source.get("workspace"):
            raise panoply.PanoplyException("There is no workspace: enter its name.", retryable=False)
        self.number += 1
        self.progress(self.number, 2)
        return [{"id": self.number, "__table": ("users", "boards")[self.number - 1]}]
