"""It prints at import what the environment holds, which is the token."""

import os

import panoply

PARAMS = {"token": "env-5fd80a9e31c7"}
ALSO = ("module_imports_quietly",)
CONFIG = {"title": "Orders", "params": []}
os.environ["ORDERS"] = "env-5fd80a9e31c7"
print("token:", os.environ["ORDERS"])


class Stream(panoply.DataSource):
    def read(self, n=None):
        return None
