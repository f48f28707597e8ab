"""The account is connected by a form that masks; the app's own secret, for those who have one, is not."""

import panoply

PARAMS = {"password": "plum-Tart-772", "clientSecret": "cs/41dd+90Lq=7"}
CONFIG = {
    "title": "Shop",
    "params": [
        {"name": "password", "title": "Password", "type": "password"},
        {"name": "clientSecret", "title": "Client secret (only with an app of your own)", "help": "Leave it empty."},
    ],
}


class Stream(panoply.DataSource):
    part = 0

    def read(self, n=None):
        if self.part == 2:
            return None
        self.part += 1
        self.log("part", self.part)
        self.progress(self.part, 2)
        return [{"part": self.part, "row": row} for row in range(10)]
