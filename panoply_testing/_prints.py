"""Fingerprints of records: equal records have equal ones, so that runs can be compared without keeping what was read.

Equal means what the contract says: columns that begin with `__` and the time stamp in a raw message's metadata do not
count, nor does the order of columns. The numbers only mean something among processes forked from one another, since
Python salts its hashes anew in each process that it starts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any, Final

import orjson

from panoply._jsonable import converter
from panoply.records import is_raw

__all__ = ["Columns", "fingerprint"]

_OPTIONS: Final = (
    orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
)
_CONVERT: Final = converter(None)
_BITS: Final = (1 << 64) - 1


def fingerprint(row: Any, ignoring: Collection[str] = ()) -> int:
    """The record's fingerprint, without the columns `ignoring`. Of what is no record, that of all of it."""
    return hash(_written(_counted(row, ignoring) if isinstance(row, dict | Mapping) else row))


def _counted(row: Mapping[str, Any], ignoring: Collection[str]) -> Mapping[str, Any]:
    if "raw" in row and is_raw(row) and isinstance(row["metadata"], Mapping):
        metadata = {key: value for key, value in row["metadata"].items() if key != "timestamp"}
        row = {**row, "metadata": metadata}
    left_out = [key for key in row if key in ignoring or (isinstance(key, str) and key[:2] == "__")]
    # Most records have no such columns, and need not be copied.
    return {key: value for key, value in row.items() if key not in left_out} if left_out else row


def _written(value: Any) -> object:
    try:
        return orjson.dumps(value, _CONVERT, _OPTIONS)
    except (TypeError, RecursionError):
        # It cannot travel, which another rule says. For comparing, its repr does, as far as there is one.
        try:
            return repr(value)
        except Exception as exc:  # noqa: BLE001 - a __repr__ of the source's own
            return type(exc).__name__


class Columns:
    """Sums up the values of each column over all records of a run: where two runs differ, so do the sums."""

    def __init__(self) -> None:
        self._sums: Counter[str] = Counter()

    def add(self, row: Mapping[str, Any]) -> None:
        """Take a record in."""
        for name, value in _counted(row, ()).items():
            self._sums[str(name)] += hash(_written([value]))

    def sums(self) -> tuple[tuple[str, int], ...]:
        """Each column with its sum, by name."""
        return tuple(sorted((name, value & _BITS) for name, value in self._sums.items()))
