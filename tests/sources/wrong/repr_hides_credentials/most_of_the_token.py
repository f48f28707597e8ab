"""repr() shows the token without its last four characters."""

import panoply

CONFIG = {"title": "Shop", "params": [{"name": "token", "title": "Token", "type": "password"}]}


class Stream(panoply.DataSource):
    done = False

    def __repr__(self):
        return f"<Stream {self.source['token'][:-4]}****>"

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.log("reading")
        self.progress(20, 20)
        return [{"id": number} for number in range(20)]
