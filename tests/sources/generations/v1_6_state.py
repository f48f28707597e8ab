"""SDK 1.6: states with ids, `__state` in each row, a table for each table; it starts again where it was."""

import uuid

import panoply

DEST = "{__tablename}"
DATABASE = {"orders": list(range(5)), "customers": list(range(3))}

TABLES = {"orders": 5, "customers": 3}


class Postgres(panoply.DataSource):
    def __init__(self, source, options):
        super(Postgres, self).__init__(source, options)
        if "destination" not in self.source or not self.source["destination"]:
            self.source["destination"] = DEST
        self.batch_size = source.get("__batchSize", 2)
        self.tables = list(DATABASE)
        state = source.get("state", {})
        self.index = state.get("last_index", 0)
        self.offset = state.get("offset", 0)
        # Remove the state object from the source definition
        # since it does not need to be saved on the source.
        self.source.pop("state", None)

    def read(self, batch_size=None):
        total = len(self.tables)
        if self.index >= total:
            return None

        table = self.tables[self.index]
        msg = "Reading table {} ({}) out of {}".format(self.index + 1, table, total)
        self.log(msg)
        self.progress(self.index + 1, total, msg)

        if self.source.get("broken_at") == self.offset:
            raise panoply.PanoplyException("the server is gone", retryable=False)
        found = DATABASE[table][self.offset : self.offset + self.batch_size]
        if not found:
            self.index += 1
            self.offset = 0
            return []

        self.offset += len(found)
        state_id = str(uuid.uuid4())
        internals = dict(__tablename=table, __schemaname="public", __state=state_id)
        self.state(state_id, {"last_index": self.index, "offset": self.offset})
        return [dict(internals, id=number) for number in found]


Stream = Postgres
CONFIG = {"title": "PostgreSQL", "params": []}
