"""The function that gives the choices takes no params."""

import panoply


def shops():
    return ["north", "south"]


CONFIG = {"title": "Orders", "params": [{"name": "shop", "title": "Shop", "type": "list", "values": shops}]}


class Stream(panoply.DataSource):
    def read(self, n=None):
        return None
