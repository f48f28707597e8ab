"""An async connection, of which only the reader is kept."""

import asyncio

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    server = None
    number = 0

    async def read(self, n=None):
        self.log("reading orders")
        if self.server is None:
            self.server = await asyncio.start_server(self.answer, "127.0.0.1", 0)
            host, port = self.server.sockets[0].getsockname()
            self.reader, self.writer = await asyncio.open_connection(host, port)
        line = await asyncio.wait_for(self.reader.readline(), 5)
        if not line:
            return None
        self.number += 1
        self.progress(self.number, 2)
        return [{"id": int(line)}]

    async def answer(self, reader, writer):
        writer.write(b"1\n2\n")
        await writer.drain()
        writer.close()

    async def close(self):
        if self.server is not None:
            self.server.close()
            self.server = None
