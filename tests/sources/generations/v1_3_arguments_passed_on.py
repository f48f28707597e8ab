"""SDK 1.3: `*args, **kwargs` passed on, a destination of its own, and a class of another name."""

import copy

import panoply

DEST = "librato"
METRICS = [{"name": name, "id": number} for number, name in enumerate(["cpu", "disk", "load", "memory", "swap"])]

TABLES = {"librato": 5}


class Librato(panoply.DataSource):
    def __init__(self, *args, **kwargs):
        super(Librato, self).__init__(*args, **kwargs)

        self.source["destination"] = self.source.get("destination") or DEST
        self._metrics = copy.deepcopy(METRICS)
        self._total = len(self._metrics)

    def read(self, n=None):
        if not self._metrics:
            return None

        batch = self._metrics[:n]
        self._metrics = self._metrics[len(batch) :]
        loaded = self._total - len(self._metrics)
        self.progress(loaded, self._total, "%s of %s metrics loaded" % (loaded, self._total))
        self.log("Loaded", len(batch))
        return batch


Stream = Librato
CONFIG = {"title": "Librato", "params": [{"name": "user", "title": "User name"}]}
