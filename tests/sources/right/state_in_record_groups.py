"""Record groups: each row of the data carries the state's id, and the whole bookmark goes out with every state."""

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    tables = ("orders", "refunds", "customers")

    def __init__(self, source, options):
        super().__init__(source, options)
        bookmarks = (source.get("state") or {}).get("bookmarks", {})
        self.bookmarks = {table: bookmarks.get(table, 0) for table in self.tables}

    async def read(self, n=None):
        for table in self.tables:
            offset = self.bookmarks[table]
            if offset == 60:
                continue
            self.bookmarks[table] += 30
            state_id = f"{table}:{offset}"
            self.log(state_id)
            self.progress(sum(self.bookmarks.values()), 180)
            self.state(state_id, {"bookmarks": dict(self.bookmarks)})
            rows = [{"id": offset + i, "__state": state_id} for i in range(30)]
            return [{"data": rows, "metadata": {"resource_id": table}}]
        return None
