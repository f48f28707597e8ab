"""The icon is small, and becomes 3,600,000,000 pixels."""

import base64
import struct
import zlib

import panoply


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


HEADER = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
PNG = (
    b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", HEADER) + chunk(b"IDAT", zlib.compress(bytes(100_000))) + chunk(b"IEND", b"")
)
CONFIG = {"title": "Orders", "params": [], "icon": "data:image/png;base64," + base64.b64encode(PNG).decode()}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.rows = [{"id": 1}, {"id": 2}]

    def read(self, n=None):
        if not self.rows:
            return None
        rows, self.rows = self.rows, []
        self.log("read", len(rows), "orders")
        self.progress(2, 2, "orders read")
        return rows
