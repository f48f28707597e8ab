"""read is an async generator."""

import panoply

ALSO = ("read_ends_with_none",)
MAX_READS = 50
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    async def read(self, n=None):
        for number in range(3):
            self.progress(number, 3)
            yield {"id": number}
