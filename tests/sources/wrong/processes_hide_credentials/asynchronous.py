"""An async process, with the token in a URL."""

import asyncio
from urllib.parse import quote

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    async def read(self, n=None):
        self.log("reading orders")
        rows, self.rows = self.rows, None
        url = f"https://acme.test/orders?token={quote(self.source['token'], safe='')}"
        process = await asyncio.create_subprocess_exec("true", url)
        await process.wait()
        self.progress(1, 1)
        return rows
