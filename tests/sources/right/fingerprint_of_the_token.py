"""Accounts are told apart by a fingerprint of the token, in the records and in the state."""

import hashlib

import panoply

CONFIG = {"title": "Shop", "params": [{"name": "token", "title": "Token", "type": "password"}]}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.account = hashlib.sha256(source["token"].encode()).hexdigest()[:12]
        self.day = (source.get("state") or {}).get(self.account, 0)

    def read(self, n=None):
        if self.day == 5:
            return None
        self.day += 1
        state_id = f"{self.account}-{self.day}"
        self.log("day", self.day, "of account", self.account)
        self.progress(self.day, 5)
        self.state(state_id, {self.account: self.day})
        return [{"account": self.account, "day": self.day, "hour": i, "__state": state_id} for i in range(24)]
