"""SDK 1.6: raw messages that carry a state."""

import uuid

import panoply

TABLES = {"s3": 3}


class Stream(panoply.DataSource):
    def __init__(self, source, options, *args, **kwargs):
        super(Stream, self).__init__(source, options, *args, **kwargs)
        if "destination" not in source:
            source["destination"] = "s3"
        self.files = {"a.csv": b"x,y\n1,2\n", "b.csv": b"x,y\n3,4\n", "c.csv": "x,y\n5,é\n".encode("utf-8")}
        self.total = len(self.files)
        self.loaded = self.source.get("state", {}).get("loaded", 0)
        self.source.pop("state", None)

    def read(self, n=None):
        if self.loaded >= self.total:
            return None
        name = sorted(self.files)[self.loaded]
        state_id = str(uuid.uuid4())
        self.loaded += 1
        self.state(state_id, {"loaded": self.loaded})
        self.progress(self.loaded, self.total, "{:,}/{:,} files loaded".format(self.loaded, self.total))
        self.log("file", name)
        return [dict(self.raw(name, self.files[name], {"__state": state_id}), __state=state_id)]


CONFIG = {"title": "S3", "params": []}
