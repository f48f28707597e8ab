"""Besides a new token, source-change announces up to where it has read, which its records have as well."""

import panoply

CONFIG = {"title": "Items", "params": [{"name": "token", "title": "Token", "type": "password"}]}


class Stream(panoply.DataSource):
    left = 3

    def read(self, n=None):
        if not self.left:
            return None
        self.left -= 1
        last, day = 100_200_300 - self.left, f"2024-05-{31 - self.left}"
        self.fire("source-change", {"access_token": f"at/9f3b+71Ca2=Zq{self.left}", "lastId": last, "since": day})
        self.log("read up to", last, "of", day)
        self.progress(3 - self.left, 3, f"read up to {day}")
        return [{"id": last, "day": day}]
