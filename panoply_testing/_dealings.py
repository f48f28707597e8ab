"""Notes what a source has to do with the world, as far as that can be told without telling a value.

A record's values become shapes at once, and are forgotten. What is left, the names of columns, tables, hosts and files, may
hold a credential all the same, so it is masked when it is told.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from panoply._tables import table_of
from panoply_testing.dealings import Column, Dealings, File, Host, Program, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from panoply_testing._blame import Doer
    from panoply_testing.faults import Operation

__all__ = ["Notes", "shape_of", "type_of"]

# A report has room for so much; a source may have a table for each of its users.
MOST_TABLES: Final = 50
MOST_COLUMNS: Final = 200
MOST_HOSTS: Final = 50
MOST_REQUESTS: Final = 20
MOST_FILES: Final = 200

# After so many records of a table its columns are known, as a rule; looking at them takes time.
LOOKED_AT: Final = 1000

SAMPLES: Final = 2
LONGEST_SHAPE: Final = 24
LONGEST_NAME: Final = 80
LONGEST_PATH: Final = 200

# Of so many different values it is remembered that they are values, so that no request shows one.
_MOST_VALUES: Final = 20_000

# What structures a text, and says nothing by itself. Letters and digits become A, a and 9, the rest a dot.
_STRUCTURE: Final = frozenset(" -_.,:;/@+#&=?%()[]{}<>|'\"")

# The parts of a request's path that are words; others (ids, dates, addresses) may be a customer's.
_WORD: Final = re.compile(
    r"[A-Za-z][A-Za-z_.-]{0,30}|v\d{1,3}(\.\d{1,3})?|[A-Za-z_-]{1,24}\.(json|csv|xml|php|txt|jsonl)"
)


# A name as tempfile makes them up: another one each time.
_MADE_UP: Final = re.compile(r"\btmp[a-z0-9_]{8}\b")

_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")


class _Table:
    def __init__(self) -> None:
        self.records = 0
        self.columns: dict[str, _Column] = {}
        self._others: set[int] = set()

    def add(self, row: Mapping[Any, Any]) -> None:
        self.records += 1
        if self.records > LOOKED_AT:
            return
        for key, value in row.items():
            name = str(key)[: LONGEST_NAME * 4]
            column = self.columns.get(name)
            if column is None:
                if len(self.columns) >= MOST_COLUMNS:
                    if len(self._others) < _MOST_VALUES:
                        self._others.add(hash(name))
                    continue
                column = self.columns[name] = _Column()
            column.add(value, self.records)

    @property
    def column_count(self) -> int:
        return len(self.columns) + len(self._others)


class _Column:
    __slots__ = ("filled", "samples", "types")

    def __init__(self) -> None:
        self.types: dict[str, None] = {}
        self.filled = 0
        self.samples: dict[int, str] = {}

    def add(self, value: Any, number: int) -> None:
        if number <= SAMPLES:
            self.samples[number] = shape_of(value)
        if value is not None:
            self.filled += 1
            self.types[type_of(value)] = None


class Notes:
    """What is noted of one run.

    Args:
        params: the source's own, in which it may have put something; its `destination` names the tables.
        default: the name of a table that nothing else names.
    """

    def __init__(self, params: Mapping[str, Any], default: Callable[[], str]) -> None:
        self._params = params
        self._default = default
        self._tables: dict[str, _Table] = {}
        self._values: set[str] = set()
        self._hosts: dict[str, list[Operation]] = {}
        self._here = _places()

    def record(self, row: Any, resource: str | None) -> None:
        """A record was given."""
        # It may be of any class, and so may its keys and values: what these raise, other rules tell.
        with contextlib.suppress(Exception):
            if isinstance(row, Mapping):
                self._record(row, resource)

    def _record(self, row: Mapping[Any, Any], resource: str | None) -> None:
        name = self._name(row, resource)
        table = self._tables.get(name)
        if table is None:
            if len(self._tables) >= MOST_TABLES:
                return
            table = self._tables[name] = _Table()
        table.add(row)
        if table.records <= LOOKED_AT and len(self._values) < _MOST_VALUES:
            self._values.update(
                # A table's name is told, and so is a request for it.
                str(value)
                for key, value in row.items()
                if isinstance(value, str | int) and key != "__table"
            )

    def _name(self, row: Mapping[Any, Any], resource: str | None) -> str:
        destination = self._params.get("destination")
        if not isinstance(destination, str) or "{" not in destination:
            return table_of(row, self._params, self._default(), resource)
        names = {"__table": row.get("__table"), "resource_id": resource}
        # Any other column filled in would be a value.
        return _PLACEHOLDER.sub(
            lambda match: name if isinstance(name := names.get(match[1]), str) else match[0], destination.strip()
        )

    def operations(self, operations: Iterable[Operation]) -> None:
        """So much was done on the network."""
        for each in operations:
            if each.host in self._hosts or len(self._hosts) < MOST_HOSTS:
                self._hosts.setdefault(each.host, []).append(each)

    def told(
        self,
        *,
        mask: Callable[[str], str],
        unseen: Iterable[str],
        touched: Iterable[tuple[str, str, Doer]],
        started: Iterable[tuple[tuple[str, ...], Doer]],
    ) -> Dealings:
        """All that may be told.

        Args:
            mask: takes the credentials out of a text.
            unseen: addresses of connections that were made outside of Python's sockets.
            touched: path, how, and by which line of the source's own.
            started: the words of each process, and by whom.
        """
        hosts = [*self._told_hosts(), *(Host(host=address) for address in unseen if address not in self._hosts)]
        return Dealings(
            tables=tuple(
                Table(
                    table=_cut(mask(name)),
                    records=table.records,
                    looked_at=min(table.records, LOOKED_AT),
                    columns=tuple(_told_column(name, each, mask) for name, each in table.columns.items()),
                    column_count=table.column_count,
                )
                for name, table in self._tables.items()
            ),
            hosts=tuple(
                Host(
                    host=_cut(mask(each.host)),
                    operations=each.operations,
                    requests=tuple(mask(request) for request in each.requests),
                    encrypted=each.encrypted,
                )
                for each in hosts
            ),
            files=tuple(dict.fromkeys(self._files(touched, mask)))[:MOST_FILES],
            programs=tuple(dict.fromkeys(_program(words, doer, mask) for words, doer in started if doer.where)),
        )

    def _told_hosts(self) -> Iterator[Host]:
        looked_up = {name for name, each in self._hosts.items() if all(one.kind == "lookup" for one in each)}
        for name, operations in self._hosts.items():
            # Of a name that was looked up, and then connected to, the connection tells.
            if name in looked_up and any(other.rpartition(":")[0] == name for other in self._hosts):
                continue
            requests = dict.fromkeys(self._request(each.request) for each in operations if each.request)
            yield Host(
                host=name,
                operations=len(operations),
                requests=tuple(requests)[:MOST_REQUESTS],
                encrypted=any(each.kind == "handshake" for each in operations),
            )

    def _request(self, request: str) -> str:
        method, _, path = request.partition(" ")
        return f"{method} {'/'.join(self._segment(each) for each in path.partition('?')[0].split('/'))}"

    def _segment(self, text: str) -> str:
        # What is percent-encoded is no word.
        return text if not text or (_WORD.fullmatch(text) and text not in self._values) else "*"

    def _files(self, touched: Iterable[tuple[str, str, Doer]], mask: Callable[[str], str]) -> Iterator[File]:
        for path, how, doer in touched:
            yield File(path=_cut(mask(self._shown(path)), LONGEST_PATH), how=how, where=doer.where)

    def _shown(self, path: str) -> str:
        for name, folder in self._here:
            if path == folder or path.startswith(f"{folder}{os.sep}"):
                return _MADE_UP.sub("tmp*", f"{name}{path[len(folder) :]}")
        return path


def _places() -> tuple[tuple[str, str], ...]:
    """The folders that paths are told from: where they are on this machine is of no use to a reader."""
    found = [(".", str(Path.cwd())), ("$TMPDIR", tempfile.gettempdir()), ("~", os.path.expanduser("~"))]  # noqa: PTH111 - never raises
    return tuple((name, folder) for name, folder in found if folder not in ("", os.sep))


def _told_column(name: str, column: _Column, mask: Callable[[str], str]) -> Column:
    return Column(
        column=_cut(mask(name)),
        types=tuple(column.types),
        filled=column.filled,
        samples=tuple(column.samples.get(number, "") for number in range(1, SAMPLES + 1)),
    )


def _program(words: tuple[str, ...], doer: Doer, mask: Callable[[str], str]) -> Program:
    options = [
        word.partition("=")[0]
        for word in words[1:]
        if re.fullmatch(r"--?[A-Za-z][A-Za-z-]{0,30}(=.*)?", word, re.DOTALL)
    ]
    options = [each if each.startswith("--") else each[:2] for each in options]
    others = len(words) - 1 - len(options)
    told = [
        *options,
        *([f"and {others} more"] if others > 0 and options else [f"{others} of them"] if others > 0 else []),
    ]
    name = os.path.basename(words[0]) if words else "a program"  # noqa: PTH119 - a word, not a path
    return Program(program=_cut(mask(name)), arguments=mask(" ".join(told)), where=doer.where)


def _cut(text: str, most: int = LONGEST_NAME) -> str:
    return text if len(text) <= most else f"{text[:most]}..."


# ---------------------------------------------------------------------- values


def type_of(value: object) -> str:
    """What a value is, as one would say it of a column."""
    names: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (bool, "true or false"),
        (int, "integer"),
        ((float, Decimal), "number"),
        (str, "text"),
        (datetime, "date and time"),
        (date, "date"),
        (time, "time"),
        (UUID, "UUID"),
        (Mapping, "object"),
        ((list, tuple), "list"),
        ((bytes, bytearray), "bytes"),
    )
    return next((name for kind, name in names if isinstance(value, kind)), type(value).__name__[:LONGEST_NAME])


def shape_of(value: object) -> str:
    """What a value looks like, and not what it is: letters become A or a, digits 9; of what holds others, how many there are."""
    if value is None:
        return "null"
    match value:
        case bool():
            shape = "true or false"
        case Mapping():
            shape = f"{{{len(value)}}}"
        case list() | tuple():
            shape = f"[{len(value)}]"
        case bytes() | bytearray():
            shape = f"{len(value)} bytes"
        case str():
            # Not a method of a subclass: those are the source's.
            shape = _shaped(str.__str__(value))
        case int() | float() | Decimal() | date() | time() | UUID():
            shape = _shaped(str(value))
        case _:
            shape = f"<{type(value).__name__[:LONGEST_NAME]}>"
    return shape


def _shaped(text: str) -> str:
    shown = "".join(map(_letter, text[:LONGEST_SHAPE]))
    return shown if len(text) <= LONGEST_SHAPE else f"{shown}... ({len(text):,} characters)"


def _letter(letter: str) -> str:
    if letter.isalpha():
        return "A" if letter.isupper() else "a"
    if letter.isdecimal():
        return "9"
    return letter if letter in _STRUCTURE else "·"
