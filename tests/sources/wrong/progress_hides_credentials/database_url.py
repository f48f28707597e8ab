"""What it connects to is told as a URL, with the password in it."""

import panoply

PARAMS = {"host": "db.example.com", "user": "reader", "password": "wL5-tr0ub4dor+3"}
CONFIG = {
    "title": "Database",
    "params": [
        {"name": "host", "title": "Host"},
        {"name": "user", "title": "User"},
        {"name": "password", "title": "Password", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    connected = False
    done = 0

    async def read(self, n=None):
        if not self.connected:
            self.connected = True
            url = "postgresql://{user}:{password}@{host}/shop".format(**self.source)
            self.progress(0, 3, f"connected to {url}")
        if self.done == 3:
            return None
        self.done += 1
        self.log("table", self.done)
        self.progress(self.done, 3, f"table {self.done}")
        return [{"table": self.done, "id": number} for number in range(40)]
