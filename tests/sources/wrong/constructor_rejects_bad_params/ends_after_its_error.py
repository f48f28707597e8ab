"""It raises as it should, inside of a generator: which is over then, so that the next read() says that all is read."""

import panoply

CONFIG = {"title": "Orders", "params": [{"name": "token", "title": "Token", "type": "password", "required": True}]}


class Stream(panoply.DataSource):
    pages = None

    def read(self, n=None):
        self.pages = self.pages or self.fetch()
        return next(self.pages, None)

    def fetch(self):
        if not self.source.get("token"):
            raise panoply.PanoplyException("The token is missing. Enter it in the field Token.")
        for page in range(3):
            self.log("page", page)
            self.progress(page + 1, 3)
            yield [{"id": page}]
