"""The state's numbers are the keys of a dict, and come back from JSON as text."""

import panoply

ALSO = ("state_ids_are_unique",)
CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.offsets = {account: 0 for account in (101, 102)}
        for account, offset in (source.get("state") or {}).items():
            self.offsets[account] += offset

    def read(self, n=None):
        for account, offset in self.offsets.items():
            if offset < 80:
                self.offsets[account] += 40
                state_id = f"{account}/{offset}"
                self.log(state_id)
                self.progress(sum(self.offsets.values()), 160)
                self.state(state_id, {account: self.offsets[account]})
                return [{"account": account, "id": offset + i, "__state": state_id} for i in range(40)]
        return None
