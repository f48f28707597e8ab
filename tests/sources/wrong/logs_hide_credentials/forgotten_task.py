"""A task that nobody awaits fails with it, and asyncio logs that."""

import asyncio
import gc

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    number = 0

    async def read(self, n=None):
        self.number += 1
        if self.number > 2:
            return None
        task = asyncio.get_running_loop().create_task(self.refuse())
        await asyncio.sleep(0)
        del task
        gc.collect()
        self.progress(self.number, 2)
        return [{"id": self.number}]

    async def refuse(self):
        raise ConnectionError(f"refused: {self.source['token']}")
