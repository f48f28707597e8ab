"""Each window begins with the last row of the one before, which is left out: with n = 1 it never moves on."""

import panoply

MAX_READS = 300
CONFIG = {"title": "Sensor", "params": []}


class Stream(panoply.DataSource):
    start = 0
    last = None

    def __init__(self, source, options):
        super().__init__(source, options)
        self.rows = [{"minute": number, "value": number * 13 % 40} for number in range(180)]

    def read(self, n=None):
        if self.start >= len(self.rows) - 1:
            return None
        size = n or 60
        window = self.rows[self.start : self.start + size]
        self.start += size - 1
        fresh = [row for row in window if row is not self.last]
        self.last = window[-1]
        self.log("window from", window[0]["minute"])
        self.progress(min(self.start + 1, 180), 180)
        return fresh
