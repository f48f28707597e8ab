"""A list as a default argument is shared by all who leave it out."""

import panoply

ALSO = ("source_is_reusable",)
CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options, seen=[]):
        super().__init__(source, options)
        self.seen = seen
        self.feed = [{"id": number % 90} for number in range(180)]

    def read(self, n=None):
        batch = []
        while self.feed and len(batch) < 30:
            row = self.feed.pop(0)
            if row["id"] not in self.seen:
                self.seen.append(row["id"])
                batch.append(row)
        self.log("new rows:", len(batch))
        if not batch:
            return None
        self.progress(len(self.seen), 90)
        return batch
