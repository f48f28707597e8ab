"""The icon is a GIF, written over several lines."""

import panoply

ICON = (
    "data:image/gif;base64,"
    "R0lGODdhMAAwAIEAAP////rIKBRaoAAAACwAAAAAMAAwAEAI7AABCBRAsKDBgwgTKlyIUKBDgwEiSpxIUSLDiwQrOhRYsaNH"
    "jBk9dtwIQGRFkAJMqgxAkiLKiysjJiQ5c+PLmzgLtowp8ubKnTwtYgw6EWjHnERH2szJFCRNmk2jHoS68KPUqRuTnmwq0ahW"
    "nx69BgXJU6zKoUnNboWpNaJanG27Zr2asi1BqnSb4s2bk+RDvn2XAr65dzDGwnVX0oUa96rasVwfx0RaNGvcAC/DWrZLVqTk"
    "nmhVfj7KNuboiaHLbj5bmujozlofZ44rFu5loEwvuxWcWzdisEQN/qa8VuFwwzX/InfKezlDhwEBADs="
)
CONFIG = {"title": "Orders", "params": [], "icon": ICON}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.rows = [{"id": 1}, {"id": 2}]

    def read(self, n=None):
        if not self.rows:
            return None
        rows, self.rows = self.rows, []
        self.log("read", len(rows), "orders")
        self.progress(2, 2, "orders read")
        return rows
