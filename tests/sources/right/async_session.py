"""An async client and a server of its own, both closed; the connection takes a moment for that."""

import json

import aiohttp
import panoply
from aiohttp import web

CONFIG = {"title": "Orders", "params": []}


async def orders(request):
    return web.json_response([{"id": int(request.query["page"])}])


class Stream(panoply.DataSource):
    session = None
    number = 0

    async def read(self, n=None):
        self.log("reading orders")
        if self.session is None:
            app = web.Application()
            app.router.add_get("/orders", orders)
            self.runner = web.AppRunner(app)
            await self.runner.setup()
            site = web.TCPSite(self.runner, "127.0.0.1", 0)
            await site.start()
            self.port = self.runner.addresses[0][1]
            self.session = aiohttp.ClientSession()
        if self.number == 2:
            return None
        url = f"http://127.0.0.1:{self.port}/orders?page={self.number + 1}"
        async with self.session.get(url, timeout=5) as answer:
            answer.raise_for_status()
            rows = json.loads(await answer.text())
        self.number += 1
        self.progress(self.number, 2)
        return rows

    async def close(self):
        if self.session is not None:
            await self.session.close()
            await self.runner.cleanup()
            self.session = None
