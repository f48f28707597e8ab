"""Both tables keep their position under the same key, so that the second's is taken for the first's."""

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    sizes = {"orders": 90, "refunds": 60}

    def __init__(self, source, options):
        super().__init__(source, options)
        state = source.get("state") or {}
        self.offsets = {table: state.get("offset", 0) for table in self.sizes}

    def read(self, n=None):
        # In turn, a batch of each.
        table = min(self.sizes, key=lambda each: (self.offsets[each] >= self.sizes[each], self.offsets[each]))
        offset = self.offsets[table]
        if offset >= self.sizes[table]:
            return None
        self.offsets[table] += 30
        state_id = f"{table}-{self.offsets[table]}"
        self.log(state_id)
        self.progress(min(sum(self.offsets.values()), 150), 150)
        self.state(state_id, {"offset": self.offsets[table]})
        return [{"table": table, "id": offset + i, "__state": state_id} for i in range(30)]
