"""No two runs give the same rows, as each says when it was read; and what is left of a page beyond n is lost."""

import datetime

import panoply

CONFIG = {"title": "Meters", "params": []}


class Stream(panoply.DataSource):
    page = 0

    def read(self, n=None):
        if self.page == 3:
            return None
        numbers = range(self.page * 40, self.page * 40 + 40)
        self.page += 1
        self.log("page", self.page)
        self.progress(self.page, 3)
        return [{"id": number, "read_at": datetime.datetime.now(datetime.UTC)} for number in numbers][:n]
