"""It awaits what nobody resolves."""

import asyncio

import panoply

ALSO = ("read_ends_with_none",)
READ_TIMEOUT = 0.7
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    async def read(self, n=None):
        await self.answer()
        return None

    async def answer(self):
        await asyncio.get_running_loop().create_future()
