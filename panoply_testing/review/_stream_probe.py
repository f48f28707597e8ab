"""Constructs a source in a process that is there for that, and writes down what it puts into its params: `python -m` this,
MODULE, FILE, PARAMS, where PARAMS is a file with a list of params to try.
"""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path
from typing import Any, Final

from panoply.loading import load_source

# What the platform names tables and finds rows by.
DEFAULTS: Final = ("destination", "idpattern")


def main(name: str, file: str, params: str) -> None:
    """Write what constructing the source comes to, for each of the params."""
    given = json.loads(Path(params).read_text(encoding="utf-8"))
    Path(file).write_text(json.dumps(list(_constructed(name, given))), encoding="utf-8")


def _constructed(name: str, given: list[dict[str, Any]]) -> list[dict[str, str] | None]:
    """The defaults that it writes; None: it does not take these params."""
    try:
        stream = load_source(name).Stream
    except BaseException:  # noqa: BLE001 - a stranger's code may raise anything
        return [None] * len(given)
    return [_written(stream, copy.deepcopy(each)) for each in given]


def _written(stream: Any, source: dict[str, Any]) -> dict[str, str] | None:
    try:
        stream(source, {})
    except BaseException:  # noqa: BLE001 - likewise
        return None
    return {key: source[key] for key in DEFAULTS if isinstance(source.get(key), str)}


if __name__ == "__main__":
    main(*sys.argv[1:])
