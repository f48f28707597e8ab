"""Whatever stands for a list is one to it, a page size that is no number is its own, any currency is as good as another."""

import itertools
import time

import panoply

WARNS = ("batches_are_large",)
PARAMS = {"tables": ["orders", "returns"], "page_size": 2, "fiscal_year": 2024, "currency": "EUR"}
CONFIG = {
    "title": "Shop",
    "params": [
        {"name": "tables", "title": "Tables", "type": "list", "values": ["orders", "returns"]},
        {"name": "page_size", "title": "Page size", "type": "number", "default": 2},
        {"name": "fiscal_year", "title": "Fiscal year", "type": "number", "required": True},
        {"name": "currency", "title": "Currency", "type": "select", "values": ["EUR", "USD"]},
    ],
}
KNOWN = ("orders", "returns")


def tables_of(given):
    """Names out of a list of names or entries, a single one, or text with commas between them."""
    given = given.split(",") if isinstance(given, str) else given if isinstance(given, list) else [given]
    names = [each.get("value") if isinstance(each, dict) else each for each in given]
    unknown = [name for name in names if name not in KNOWN]
    if unknown:
        raise panoply.PanoplyException(f"There are no tables {unknown}, only {', '.join(KNOWN)}.", retryable=False)
    return names


class Stream(panoply.DataSource):
    read_at = itertools.count(time.time_ns())

    def __init__(self, source, options):
        super().__init__(source, options)
        self.left = [(table, number) for table in tables_of(source["tables"]) for number in range(4)]
        size = source.get("page_size")
        self.size = size if isinstance(size, int) else 2
        try:
            self.year = int(source["fiscal_year"])
        except KeyError:
            raise panoply.PanoplyException("Which year? Say so under 'Fiscal year'.", retryable=False) from None
        except (TypeError, ValueError) as exc:
            raise panoply.PanoplyException(f"fiscal_year: {exc}", retryable=False) from exc

    def read(self, n=None):
        if not self.left:
            return None
        self.log(len(self.left), "left")
        batch = self.left[: self.size]
        self.left = self.left[self.size :]
        self.progress(8 - len(self.left), 8)
        return [
            {
                "id": number,
                "year": self.year,
                "currency": self.source["currency"],
                "read_at": next(self.read_at),
                "__table": table,
            }
            for table, number in batch
        ]
