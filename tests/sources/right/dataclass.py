"""A dataclass: its constructor takes source and options."""

from dataclasses import dataclass, field
from typing import Any

import panoply

WARNS = ("log_is_used", "repr_hides_credentials")
CONFIG = {"title": "Orders", "params": []}


@dataclass
class Stream(panoply.DataSource):
    source: dict[str, Any]
    options: dict[str, Any]
    rows: list[dict[str, Any]] | None = field(default_factory=lambda: [{"id": 1}])

    def read(self, n=None):
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
