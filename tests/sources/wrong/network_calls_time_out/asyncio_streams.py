"""asyncio's streams wait without end; only the connecting has a limit."""

import asyncio
import json

import panoply

PARAMS = {"host": "{host}", "port": "{port}", "token": "{token}"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "host", "title": "Host"},
        {"name": "port", "title": "Port"},
        {"name": "token", "title": "Token", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    page = pages = 1

    async def get(self, path):
        host, port = self.source["host"], int(self.source["port"])
        reader, writer = await asyncio.wait_for(asyncio.open_connection(host, port), 30)
        try:
            writer.write(
                f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {self.source['token']}\r\n\r\n".encode()
            )
            await writer.drain()
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
            body = await reader.readexactly(int(fields["content-length"]))
        finally:
            writer.close()
        if " 200 " not in head[0]:
            raise panoply.PanoplyException(f"{path} was answered with {head[0]}")
        return json.loads(body)

    async def read(self, n=None):
        if self.page > self.pages:
            return None
        answer = await self.get(f"/items?page={self.page}")
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages)
        self.page += 1
        return answer["items"]
