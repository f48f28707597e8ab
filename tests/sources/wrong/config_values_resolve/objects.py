"""A list of the client library's objects."""

import dataclasses

import panoply

PARAMS = {"sheet": "Totals"}


@dataclasses.dataclass
class Sheet:
    title: str
    index: int


def sheets(source):
    return [Sheet("Totals", 0), Sheet("Details", 1)]


CONFIG = {
    "title": "Spreadsheet",
    "params": [{"name": "sheet", "title": "Sheet", "type": "select", "values": sheets}],
}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.log("sheet", self.source["sheet"])
        self.progress(20, 20)
        return [{"sheet": self.source["sheet"], "row": row} for row in range(20)]
