"""In a record group one row is too large, though the group is cut into pieces."""

import panoply

CONFIG = {"title": "Mails", "params": []}


class Stream(panoply.DataSource):
    piece = 0

    def read(self, n=None):
        if self.piece == 3:
            return None
        self.piece += 1
        rows = [{"mail": 10 * self.piece + i, "body": "x" * 900} for i in range(10)]
        if self.piece == 2:
            rows[4]["attachments"] = [{"name": "photo.jpg", "data": "/9j/4AAQ" * 40_000}]
        self.log("piece", self.piece)
        self.progress(self.piece, 3)
        return [{"data": rows, "metadata": {"resource_id": "mails"}}]
