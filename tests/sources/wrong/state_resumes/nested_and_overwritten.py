"""The positions of the tables are in one nested object, and each state has only its own table's."""

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        bookmarks = (source.get("state") or {}).get("bookmarks", {})
        self.current = (source.get("state") or {}).get("current", 0)
        self.tables = ["orders", "refunds", "customers"]
        self.offsets = {table: bookmarks.get(table, 60) for table in self.tables}
        if not bookmarks:
            self.offsets = dict.fromkeys(self.tables, 0)

    async def read(self, n=None):
        for table in self.tables:
            offset = self.offsets[table]
            if offset < 60:
                self.offsets[table] += 30
                state_id = f"{table}:{offset}"
                self.log(state_id)
                self.progress(sum(self.offsets.values()), 180)
                self.state(state_id, {"bookmarks": {table: self.offsets[table]}})
                return [{"table": table, "id": offset + i, "__state": state_id} for i in range(30)]
        return None
