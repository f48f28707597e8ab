"""A private key is pasted into a box where everybody can read it."""

import panoply

PARAMS = {"host": "db.example.com", "privateKey": "MIIEpAIBAAKCAQEA7f31qT2xkz0Zb9u4"}
CONFIG = {
    "title": "Database",
    "params": [
        {"name": "host", "title": "Host"},
        {"name": "privateKey", "title": "Private key", "type": "text", "placeholder": "Paste it here"},
    ],
}


class Stream(panoply.DataSource):
    part = 0

    async def read(self, n=None):
        if self.part == 2:
            return None
        self.part += 1
        self.log("part", self.part)
        self.progress(self.part, 2)
        return [{"part": self.part, "row": row} for row in range(10)]
