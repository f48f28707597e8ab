"""What is missing it says well, and with it all that is there: the password."""

import panoply

PARAMS = {"host": "db.internal", "password": "hd7/Kq+29fLw"}
CONFIG = {
    "title": "Shop",
    "params": [
        {"name": "host", "title": "Host", "required": True},
        {"name": "password", "title": "Password", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    done = False

    def __init__(self, source, options):
        super().__init__(source, options)
        if not source.get("host"):
            raise panoply.PanoplyException(f"The host is missing, there is only {source}", retryable=False)

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.log("reading")
        self.progress(1, 1)
        return [{"id": 1}]
