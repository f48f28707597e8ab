"""The password is masked, the passphrase of the key is not."""

import panoply

PARAMS = {"password": "plum-Tart-772", "key_passphrase": "open/sesame+88"}
CONFIG = {
    "title": "Database",
    "params": [
        {"name": "password", "title": "Password", "type": "password"},
        {"name": "key_passphrase", "title": "Passphrase of the key", "type": "text"},
    ],
}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.log("reading")
        self.progress(10, 10)
        return [{"row": row} for row in range(10)]
