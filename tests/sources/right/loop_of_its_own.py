"""A sync read that drives an event loop of its own."""

import asyncio

import panoply

WARNS = ("log_is_used",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    loop = None
    number = 0

    def read(self, n=None):
        if self.loop is None:
            self.loop = asyncio.new_event_loop()
        self.number += 1
        rows = self.loop.run_until_complete(self.fetch(self.number))
        if rows is not None:
            self.progress(self.number, 3)
        return rows

    async def fetch(self, number):
        await asyncio.sleep(0)
        return [{"id": number}] if number <= 3 else None

    def close(self):
        if self.loop is not None:
            self.loop.close()
            self.loop = None
