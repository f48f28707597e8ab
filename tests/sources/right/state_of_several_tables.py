"""Each table has a key of its own in the state, and a batch in two tables has two states."""

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    sizes = {"orders": 90, "refunds": 60}

    def __init__(self, source, options):
        super().__init__(source, options)
        state = source.get("state") or {}
        self.offsets = {table: state.get(table, 0) for table in self.sizes}

    def read(self, n=None):
        batch = []
        for table, size in self.sizes.items():
            offset = self.offsets[table]
            if offset < size:
                state_id = f"{table}-{offset}"
                batch += [{"table": table, "id": offset + i, "__state": state_id} for i in range(30)]
                self.offsets[table] = offset + 30
                self.state(state_id, {table: self.offsets[table]})
        if not batch:
            return None
        self.log(self.offsets)
        self.progress(sum(self.offsets.values()), 150)
        return batch
