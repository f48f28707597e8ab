"""Its constructor is async."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    async def __init__(self, source, options):
        super().__init__(source, options)

    def read(self, n=None):
        return None
