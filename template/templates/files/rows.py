"""Takes files apart into rows: CSV with a header, and JSON lines. Knows nothing of where they come from."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from typing import Any, TextIO

import panoply


def rows_of(name: str, text: TextIO) -> Iterator[tuple[dict[str, Any], bool]]:
    """Give one row after the other, each with whether it is the last one. The file's name tells what is in it.

    Raises:
        PanoplyException: a line is not what it has to be. Reading it again would not help.
    """
    row, number = None, 0
    try:
        for following in _csv(text) if name.lower().endswith(".csv") else _json_lines(text):
            if row is not None:
                yield row, False
            row, number = following, number + 1
    except (ValueError, RecursionError, csv.Error) as exc:
        reason = "it is not UTF-8" if isinstance(exc, UnicodeError) else exc
        raise panoply.PanoplyException(f"{name}, after row {number}: {reason}", retryable=False) from None
    if row is not None:
        yield row, True


def _csv(text: TextIO) -> Iterator[dict[str, Any]]:
    reader = csv.reader(text, strict=True)
    header = next(reader, [])
    if len(set(header)) < len(header) or not all(header):
        raise ValueError("the columns need different names, and none may be blank")
    for values in reader:
        if values and len(values) != len(header):
            raise ValueError(f"{len(values)} values for {len(header)} columns")
        if values:  # a blank line has none
            yield dict(zip(header, values, strict=True))


def _json_lines(text: TextIO) -> Iterator[dict[str, Any]]:
    for line in text:
        if line.strip():
            row = json.loads(line, parse_constant=lambda _: None)  # NaN, Infinity: programs write them, JSON has none
            if not isinstance(row, dict):
                raise ValueError(f"a line has to be a JSON object, and this one is of type {type(row).__name__}")
            yield row
