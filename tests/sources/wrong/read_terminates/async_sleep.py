"""A task of its own never ends."""

import asyncio

import panoply

ALSO = ("read_ends_with_none",)
READ_TIMEOUT = 0.7
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    async def read(self, n=None):
        await asyncio.gather(self.poll(), self.poll())
        return None

    async def poll(self):
        while True:
            await asyncio.sleep(30)
