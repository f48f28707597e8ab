"""The token is among the arguments of a program."""

import json
import subprocess

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        self.log("reading orders")
        if self.done:
            return None
        self.done = True
        header = f"Authorization: Bearer {self.source['token']}"
        answer = subprocess.run(["echo", '[{"id": 1}]', "-H", header], stdout=subprocess.PIPE, check=True).stdout
        self.progress(1, 1)
        return [json.loads(answer.split(b" -H")[0])[0]]
