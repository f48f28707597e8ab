"""read and close are async."""

import asyncio

import panoply

WARNS = ("log_is_used",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    number = 0
    lock = None

    async def read(self, n=None):
        # Bound to the loop of the first read: all further calls have to be on that loop.
        self.lock = self.lock or asyncio.Lock()
        async with self.lock:
            await asyncio.sleep(0)
            self.number += 1
            if self.number > 3:
                return None
            self.progress(self.number, 3)
            return [{"id": self.number}]

    async def close(self):
        await asyncio.sleep(0)
        self.number = 99
