"""CONFIG's values are functions of several shapes."""

import panoply


class Shops:
    def __call__(self, source):
        return ["north"]


def kinds(source, *args, **kwargs):
    return ["open"]


WARNS = ("log_is_used",)
CONFIG = {
    "title": "Orders",
    "params": [
        {"name": "shop", "title": "Shop", "type": "list", "values": Shops()},
        {"name": "kind", "title": "Kind", "type": "list", "values": kinds, "dependencies": ["shop"]},
        {"name": "size", "title": "Size", "type": "dynamic-list", "values": lambda source, options: ["s"]},
        {"name": "state", "title": "State", "type": "select", "values": [{"name": "Open", "value": 1}, "closed"]},
    ],
}


class Stream(panoply.DataSource):
    def read(self, n=None):
        return None
