"""createdAt is a date, where text is wanted."""

import datetime

import panoply

CONFIG = {"title": "Orders", "params": [], "createdAt": datetime.date(2023, 2, 3)}


class Stream(panoply.DataSource):
    def read(self, n=None):
        return None
