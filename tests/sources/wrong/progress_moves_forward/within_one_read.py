"""In each read, the rows are counted for themselves before the pages are."""

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    page = 0

    def read(self, n=None):
        if self.page == 10:
            return None
        self.page += 1
        rows = []
        for number in range(25):
            rows.append({"page": self.page, "row": number})
            if number % 10 == 0:
                self.progress(number, 25, f"row {number} of page {self.page}")
        self.log("page", self.page)
        self.progress(self.page, 10, f"page {self.page}")
        return rows
