"""close() tells its thread and its task to end, and does not wait until they have."""

import asyncio
import threading

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    number = 0
    task = None

    def __init__(self, source, options):
        super().__init__(source, options)
        self.stop = threading.Event()
        threading.Thread(target=self.stop.wait, daemon=True).start()

    async def read(self, n=None):
        self.log("reading orders")
        if self.task is None:
            self.task = asyncio.create_task(asyncio.sleep(600))
        await asyncio.to_thread(int)
        if self.number == 2:
            return None
        self.number += 1
        self.progress(self.number, 2)
        return [{"id": self.number}]

    async def close(self):
        self.stop.set()
        if self.task is not None:
            self.task.cancel()
