"""The user's list of tables is the queue that is worked off."""

import panoply

PARAMS = {"tables": ["orders", "refunds", "customers"]}
CONFIG = {
    "title": "Shop",
    "params": [
        {"name": "tables", "title": "Tables", "type": "multiselect", "values": ["orders", "refunds", "customers"]}
    ],
}


class Stream(panoply.DataSource):
    done = 0

    def read(self, n=None):
        tables = self.source["tables"]
        if not tables:
            return None
        table = tables.pop(0)
        self.done += 1
        self.log("table", table)
        self.progress(self.done, self.done + len(tables))
        return [{"table": table, "id": number} for number in range(40)]
