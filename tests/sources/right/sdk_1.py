"""The idioms of sources of SDK 1.x: class attributes, super with arguments, a default destination."""

import panoply

PARAMS = {"token": "tk/9f3b+71Ca2=Zq8", "user": "ada", "type": "orders"}
CONFIG = {"title": "Orders", "params": [{"name": "token", "title": "Token", "type": "password"}]}
DESTINATION = "orders_{__tableName}"


class Orders(panoply.DataSource):
    _cursor = None
    _loaded = 0
    _total = 0
    _tables = ["orders", "customers"]

    def __init__(self, *args, **kwargs):
        super(Orders, self).__init__(*args, **kwargs)
        if not self.source.get("destination"):
            self.source["destination"] = DESTINATION
        if "idpattern" not in self.source:
            self.source["idpattern"] = "{id}"
        self._todo = self._tables[:]
        self._total = len(self._todo)

    def read(self, batch_size=None):
        if not self._todo:
            return None
        table = self._todo.pop()
        url = "https://acme.test/%s" % table
        self.log("Send request", url, {"user": self.source["user"], "page": 1})
        self._loaded += 1
        self.progress(self._loaded, self._total, "%s of %s tables loaded" % (self._loaded, self._total))
        return [dict(id=1, __tableName=table)]


Stream = Orders
