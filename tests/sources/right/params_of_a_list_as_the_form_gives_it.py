"""It takes for granted that a list is one, as any form sees to; what a params file may hold instead ends in a TypeError."""

import panoply

WARNS = ("batches_are_large",)
PARAMS = {"tables": [{"name": "Orders", "value": "orders"}], "period": "day"}
CONFIG = {
    "title": "Shop",
    "params": [
        {"name": "tables", "title": "Tables", "type": "list", "values": [{"name": "Orders", "value": "orders"}]},
        {"name": "period", "title": "Period", "type": "select", "values": ["day", "week"]},
    ],
}
DAYS = {"day": 1, "week": 7}


class Stream(panoply.DataSource):
    number = 0

    def __init__(self, source, options):
        super().__init__(source, options)
        self.tables = [table["value"] for table in source["tables"]]
        self.days = DAYS[source["period"]]

    def read(self, n=None):
        if self.number == len(self.tables) * 3:
            return None
        self.number += 1
        self.log("batch", self.number)
        self.progress(self.number, len(self.tables) * 3)
        return [{"id": self.number, "days": self.days}]
