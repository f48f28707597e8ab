"""Streams that know no limit, under one that asyncio sets for the whole exchange."""

import asyncio
import json

import panoply

PARAMS = {"host": "{host}", "port": "{port}", "token": "{token}"}
BAD_PARAMS = {"host": "{host}", "port": "{port}", "token": "not/the+right=1"}
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
        async with asyncio.timeout(45):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
                request += f"Authorization: Bearer {self.source['token']}\r\n\r\n"
                writer.write(request.encode())
                await writer.drain()
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
                body = await reader.readexactly(int(fields["content-length"]))
            finally:
                writer.close()
        status = int(head[0].split()[1])
        if status == 401:
            raise panoply.PanoplyException("The API refused the token.", retryable=False)
        if status != 200:
            raise panoply.PanoplyException(f"{path} was answered with {status}")
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
