"""The total counts all rows; those that the filter leaves out are never loaded."""

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    page = 0
    kept = 0

    def __init__(self, source, options):
        super().__init__(source, options)
        self.rows = [{"id": number, "deleted": number % 6 == 0} for number in range(120)]

    def read(self, n=None):
        page = self.rows[40 * self.page : 40 * self.page + 40]
        if not page:
            return None
        self.page += 1
        batch = [row for row in page if not row["deleted"]]
        self.kept += len(batch)
        self.log("kept", self.kept)
        self.progress(self.kept, len(self.rows))
        return batch
