"""It imports a package that is not installed."""

import acme_client_that_is_not_installed  # noqa: F401
import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def read(self, n=None):
        return None
