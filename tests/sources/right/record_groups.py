"""It gives record groups and raw messages of SDK 3.x, beside plain rows."""

import datetime

import panoply

WARNS = ("log_is_used",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.progress(1, 1)
        metadata = {"resource_id": "orders", "timestamp": datetime.datetime(2024, 1, 1)}
        return [
            {"data": [{"id": 1}, {"id": 2}], "metadata": metadata},
            {"data": [], "metadata": {"resource_id": "empty"}},
            self.raw("orders", b"\x00\xff", {"file": "a.bin"}),
            {"data": [1, 2], "metadata": "a row that only looks like a group"},
            {"id": 3},
        ]
