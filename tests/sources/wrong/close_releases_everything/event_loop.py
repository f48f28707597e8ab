"""Its own event loop is never closed."""

import asyncio

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    number = 0

    def __init__(self, source, options):
        super().__init__(source, options)
        self.loop = asyncio.new_event_loop()

    def read(self, n=None):
        self.log("reading orders")
        return self.loop.run_until_complete(self.fetch())

    async def fetch(self):
        if self.number == 2:
            return None
        self.number += 1
        self.progress(self.number, 2)
        return [{"id": self.number}]
