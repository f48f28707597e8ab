"""The header is shown when the third part begins: user and token in base64."""

import base64

import panoply

CONFIG = {"title": "Shop", "params": [{"name": "token", "title": "Token", "type": "password"}]}


class Stream(panoply.DataSource):
    part = 0

    def read(self, n=None):
        if self.part == 4:
            return None
        self.part += 1
        header = base64.b64encode(f"ada:{self.source['token']}".encode()).decode()
        self.log("part", self.part)
        message = f"part {self.part}" if self.part != 3 else f"part 3 with Authorization: Basic {header}"
        self.progress(self.part, 4, message)
        return [{"part": self.part, "row": row} for row in range(20)]
