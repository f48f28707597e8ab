"""It cuts texts to 200,000 characters, of which each may take three bytes."""

import panoply

CONFIG = {"title": "Tickets", "params": []}


class Stream(panoply.DataSource):
    number = 0

    async def read(self, n=None):
        if self.number:
            return None
        self.number = 1
        texts = ["Zu spät geliefert", "配達が遅れています。" * 30_000]
        self.log("tickets:", len(texts))
        self.progress(len(texts), len(texts))
        return [{"id": i, "text": text[:200_000]} for i, text in enumerate(texts)]
