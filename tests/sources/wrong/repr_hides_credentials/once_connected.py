"""Only a source that has connected shows to what: an address with user and password."""

import panoply

PARAMS = {"host": "db.example.com", "user": "reader", "password": "Mango/tree=77x"}
CONFIG = {
    "title": "Database",
    "params": [
        {"name": "host", "title": "Host"},
        {"name": "user", "title": "User"},
        {"name": "password", "title": "Password", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    address = None
    done = 0

    def __repr__(self):
        return f"<Database {self.address or 'not connected'}>"

    def read(self, n=None):
        if self.address is None:
            self.address = "mysql://{user}:{password}@{host}".format(**self.source)
            self.log("connected")
        if self.done == 2:
            return None
        self.done += 1
        self.progress(self.done, 2)
        return [{"table": self.done, "id": number} for number in range(40)]
