"""Each message has the words of the form, not those of the code, and one tells of all that is missing."""

import panoply

PARAMS = {"apiKey": "q8s/77dKe+01x", "db_name": "shop", "maxPages": 4}
CONFIG = {
    "title": "Shop",
    "params": [
        {"name": "apiKey", "title": "Your API key", "type": "password", "required": True},
        {"name": "db_name", "title": "Database", "required": True},
        {"name": "maxPages", "title": "Pages at most", "type": "number", "default": 10},
    ],
}


class Incomplete(ValueError):
    """Says what is to be done, and that trying again is of no use."""

    retryable = False


class Stream(panoply.DataSource):
    page = 0

    def __init__(self, source, options):
        super().__init__(source, options)
        wrong = []
        if not source.get("apiKey"):
            wrong.append("paste an API-Key")
        if not source.get("db_name"):
            wrong.append("say which databases to read")
        if not str(source.get("maxPages", 10)).isdecimal():
            wrong.append("write how many pages")
        if wrong:
            raise Incomplete(f"Please {', and '.join(wrong)}.")

    def read(self, n=None):
        if self.page == int(self.source.get("maxPages", 10)):
            return None
        self.page += 1
        self.log("page", self.page)
        self.progress(self.page, int(self.source.get("maxPages", 10)))
        return [{"id": self.page}]
