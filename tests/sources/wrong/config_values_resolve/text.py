"""A text with commas, of which each character would be a choice."""

import panoply

PARAMS = {"tables": ["orders"]}


def tables(source):
    return "orders,refunds,customers"


CONFIG = {
    "title": "Shop",
    "params": [{"name": "tables", "title": "Tables", "type": "multiselect", "values": tables}],
}


class Stream(panoply.DataSource):
    done = 0

    def read(self, n=None):
        if self.done == len(self.source["tables"]):
            return None
        table = self.source["tables"][self.done]
        self.done += 1
        self.log("table", table)
        self.progress(self.done, len(self.source["tables"]))
        return [{"table": table, "id": number} for number in range(30)]
