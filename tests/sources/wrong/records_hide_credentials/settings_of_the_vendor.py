"""Among the vendor's own settings, which are a table as well, there is the connection."""

import panoply

PARAMS = {"dsn": "mysql://reader:9Q-hedge+plum@db.example.com/shop"}
CONFIG = {"title": "Database", "params": [{"name": "dsn", "title": "DSN", "type": "password"}]}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.tables = ["orders", "customers", "settings"]

    async def read(self, n=None):
        if not self.tables:
            return None
        table = self.tables.pop(0)
        self.log("table", table)
        self.progress(3 - len(self.tables), 3)
        if table == "settings":
            user, _, rest = self.source["dsn"].removeprefix("mysql://").partition(":")
            return [{"name": "user", "value": user}, {"name": "login", "value": rest.partition("@")[0]}]
        return [{"table": table, "id": number} for number in range(60)]
