"""SDK 2: exceptions of its own that carry `retryable`, and that extend no class of the SDK's."""

import panoply
from panoply.errors import IncorrectParamError

TABLES = {"shop": 4}


class VendorError(Exception):
    def __init__(self, message: str, retryable: bool = True):
        super().__init__(message)
        self.retryable = retryable


class Stream(panoply.DataSource):
    def __init__(self, source: dict, options: dict):
        super().__init__(source=source, options=options)
        if source.get("port", 443) > 65535:
            raise IncorrectParamError("Port should be in range [0: 65535]")
        self.source["destination"] = "shop"
        self.page = 0
        self.failed = 0

    def read(self, n: int = None) -> (list, None):
        if self.page >= 2:
            return None
        if self.failed < self.source.get("failures", 1):
            self.failed += 1
            raise VendorError("429 Too Many Requests", retryable=self.source.get("retryable", True))
        self.page += 1
        self.progress(self.page, 2, f"{self.page} of 2 pages")
        self.log(f"page {self.page}")
        return [{"page": self.page, "row": row} for row in range(2)]


CONFIG = {"title": "Shop", "params": []}
