"""A program gets the token by its environment and by its standard input, not by its arguments."""

import os
import subprocess

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        self.log("reading orders")
        rows, self.rows = self.rows, None
        subprocess.run(
            ["sh", "-c", 'cat > /dev/null; test -n "$ORDERS_TOKEN"'],
            env={**os.environ, "ORDERS_TOKEN": self.source["token"]},
            input=self.source["token"].encode(),
            check=True,
        )
        self.progress(1, 1)
        return rows
