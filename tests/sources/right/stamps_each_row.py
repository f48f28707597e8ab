"""Each row says when it was read and in which batch of whom, so that no two runs give the same rows."""

import datetime
import uuid

import panoply

CONFIG = {"title": "Meters", "params": []}


class Stream(panoply.DataSource):
    loaded = 0

    def read(self, n=None):
        batch = [
            {"id": number, "value": number % 7, "read_at": datetime.datetime.now(datetime.UTC), "run": uuid.uuid4().hex}
            for number in range(self.loaded, min(self.loaded + (n or 40), 120))
        ]
        if not batch:
            return None
        self.loaded += len(batch)
        self.log("meters", self.loaded)
        self.progress(self.loaded, 120)
        return batch
