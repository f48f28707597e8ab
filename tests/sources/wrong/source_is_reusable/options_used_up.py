"""The sheets to read are among the options, and are taken from there one by one."""

import panoply

OPTIONS = {"sheets": {"2023": 40, "2024": 60}}
CONFIG = {"title": "Spreadsheet", "params": []}


class Stream(panoply.DataSource):
    done = 0

    def read(self, n=None):
        if not self.options.get("sheets"):
            return None
        sheet, rows = self.options["sheets"].popitem()
        self.done += 1
        self.log("sheet", sheet)
        self.progress(self.done, self.done + len(self.options["sheets"]))
        return [{"sheet": sheet, "row": row} for row in range(rows)]
