"""What it remembers is the table, so that a table is read again from its first page."""

import panoply
import requests

PARAMS = {"url": "{url}", "token": "{token}"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "token", "title": "Token", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    done = 0
    batches = None

    def __init__(self, source, options):
        super().__init__(source, options)
        self.tables = ["orders", "refunds"]

    def fetch(self, table):
        page = pages = 1
        while page <= pages:
            response = requests.get(
                f"{self.source['url']}/items",
                params={"page": page, "table": table},
                headers={"Authorization": f"Bearer {self.source['token']}"},
                timeout=30,
            )
            response.raise_for_status()
            answer = response.json()
            pages = answer["pages"]
            yield [{"table": table, **item} for item in answer["items"]]
            page += 1

    def read(self, n=None):
        while self.tables:
            if self.batches is None:
                self.log("table", self.tables[0])
                self.batches = self.fetch(self.tables[0])
            try:
                batch = next(self.batches, None)
            except Exception:
                self.batches = None
                raise
            if batch is not None:
                self.done += len(batch)
                self.progress(self.done, max(self.done, 200))
                return batch
            self.batches = None
            self.tables.pop(0)
        return None
