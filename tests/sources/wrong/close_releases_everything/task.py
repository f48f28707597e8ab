"""A task that renews the token outlives close()."""

import asyncio

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    number = 0
    renewal = None

    async def read(self, n=None):
        self.log("reading orders")
        if self.renewal is None:
            self.renewal = asyncio.create_task(self.renew())
        await asyncio.sleep(0)
        if self.number == 2:
            return None
        self.number += 1
        self.progress(self.number, 2)
        return [{"id": self.number}]

    async def renew(self):
        while True:
            await asyncio.sleep(600)

    async def close(self):
        self.number = 2
