"""It prints at import what only CONFIG marks as a password."""

import panoply

PARAMS = {"kennwort": "env-5fd80a9e31c7"}
ALSO = ("module_imports_quietly",)
CONFIG = {"title": "Orders", "params": [{"name": "kennwort", "title": "Kennwort", "type": "password"}]}
print("env-5fd80a9e31c7")


class Stream(panoply.DataSource):
    def read(self, n=None):
        return None
