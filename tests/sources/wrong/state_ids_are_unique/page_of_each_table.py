"""The id is the number of the page, which each table has."""

import json
import urllib.request

import panoply

PARAMS = {"url": "{url}", "token": "{token}"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "token", "title": "Token", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    tables = ("orders", "refunds")

    def __init__(self, source, options):
        super().__init__(source, options)
        self.after = {table: 0 for table in self.tables} | (source.get("state") or {})
        self.done = 0

    def read(self, n=None):
        for table in self.tables:
            after = self.after[table]
            request = urllib.request.Request(
                f"{self.source['url']}/items?after={after}&limit=50&table={table}",
                headers={"Authorization": f"Bearer {self.source['token']}"},
            )
            with urllib.request.urlopen(request, timeout=30) as response:
                rows = json.load(response)["items"]
            if rows:
                self.after[table] = rows[-1]["id"]
                state_id = f"{rows[-1]['id']}"
                self.state(state_id, {table: rows[-1]["id"]})
                self.log(table, "up to", state_id)
                self.progress(sum(self.after.values()), 100 * len(self.tables))
                return [{**row, "table": table, "__state": state_id} for row in rows]
        return None
