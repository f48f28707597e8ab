"""The values come from an async function, which uses what it depends on."""

import asyncio

import panoply


async def shops(source, options=None):
    await asyncio.sleep(0)
    return [f"{source['user']}'s shop"]


CONFIG = {
    "title": "Orders",
    "params": [
        {"name": "user", "title": "User"},
        {"name": "shop", "title": "Shop", "type": "list", "values": shops, "dependencies": ["user"]},
    ],
}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.rows = [{"id": 1}, {"id": 2}]

    def read(self, n=None):
        if not self.rows:
            return None
        rows, self.rows = self.rows, []
        self.log("read", len(rows), "orders")
        self.progress(2, 2, "orders read")
        return rows
