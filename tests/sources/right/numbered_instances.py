"""The class counts its instances, for their names; nothing else depends on it."""

import itertools

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    numbers = itertools.count(1)

    def __init__(self, source, options):
        super().__init__(source, options)
        self.name = f"reader {next(self.numbers)}"
        self.left = [f"2024-{month:02d}" for month in range(1, 13)]

    async def read(self, n=None):
        if not self.left:
            return None
        month = self.left.pop(0)
        self.log(self.name, month)
        self.progress(12 - len(self.left), 12)
        return [{"month": month, "day": day} for day in range(1, 29)]
