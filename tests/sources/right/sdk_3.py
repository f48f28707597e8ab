"""The idioms of sources of SDK 3.x: state that is popped, records that carry it, resources."""

import panoply

PARAMS = {"token": "tk/9f3b+71Ca2=Zq8", "resources": ["orders"], "state": {"orders": 3}}
WARNS = ("log_is_used",)
CONFIG = {"title": "Orders", "params": [{"name": "token", "title": "Token", "type": "password"}]}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.saved = source.pop("state", {})
        self.number = self.saved.get("orders", 0)

    def read(self, n=None):
        self.number += 1
        if self.number > 6:
            return None
        state_id = f"orders-{self.number}"
        self.state(state_id, {"orders": self.number})
        self.progress(self.number, 6)
        rows = [{"id": self.number, "__state": state_id}]
        return [{"data": rows, "metadata": {"resource_id": "orders", "timestamp": 1}}]
