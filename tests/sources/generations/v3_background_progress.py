"""SDK 3: a query that takes long, in a database whose connections belong to one thread, under other decorators."""

import sqlite3
from functools import wraps

from panoply.datasource import DataSource, background_progress
from panoply.errors import Phase, wrap_errors

TABLES = {"warehouse": 5}


def reconnecting(fn):
    @wraps(fn)
    def wrapper(self, *args, **kwargs):
        if self.conn is None:
            self.conn = sqlite3.connect(":memory:")
            self.cursor = self.conn.cursor()
        return fn(self, *args, **kwargs)

    return wrapper


class Stream(DataSource):
    def __init__(self, source, options=None):
        super().__init__(source, options or {})
        self.source["destination"] = "warehouse"
        self.conn = None
        self.cursor = None
        self.running = False
        self.loaded = 0

    @wrap_errors(Phase.COLLECT)
    @reconnecting
    def read(self, batch_size=None):
        if not self.running:
            self.execute(
                "with recursive t(id) as (select 1 union all select id + 1 from t where id < 5) select id from t"
            )
            self.running = True
        rows = [{"id": number} for (number,) in self.cursor.fetchmany(batch_size or 2)]
        if not rows:
            return None
        self.loaded += len(rows)
        self.progress(self.loaded, 5, f"{self.loaded} rows")
        return rows

    @background_progress(message="Waiting for query to execute", waiting_interval=3 * 60)
    def execute(self, query: str):
        self.log(query)
        self.cursor.execute(query)

    def close(self):
        conn, self.conn = self.conn, None
        if conn is not None:
            conn.close()


CONFIG = {"title": "Warehouse", "params": []}
