"""How the end of a run is told: what became of the records, table by table, and what can be done next.

Pure functions that give text, or drawings; masking them is the screen's business.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

from panoply.cli._text import counted, in_one_line, listed
from panoply.errors import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from panoply.runner import RunResult
    from panoply.sinks import TableSummary

__all__ = ["Ending", "sql_hint", "summary", "table_lines", "table_of_tables"]

# Tables named in the one line; a source may fill hundreds.
_TABLES_NAMED: Final = 10

# Tables that get a line of their own.
_TABLES_SHOWN: Final = 20

# A name cut shorter than this tells tables no longer apart.
_NARROWEST_NAME: Final = 12

# A state that is longer is not typed again by anybody.
_LONGEST_STATE: Final = 400

# What needs no quotes in SQL, and is none of its words in any table that a source is likely to fill.
_PLAIN_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

_SQL_WORDS: Final = frozenset(
    {
        *("all", "and", "as", "asc", "between", "by", "case", "check", "column", "create"),
        *("cross", "default", "delete", "desc", "distinct", "drop", "else", "end", "except", "exists"),
        *("for", "foreign", "from", "full", "group", "having", "in", "index", "inner", "insert"),
        *("into", "is", "join", "key", "left", "like", "limit", "natural", "not", "null"),
        *("offset", "on", "or", "order", "outer", "primary", "references", "right", "select", "set"),
        *("table", "then", "to", "transaction", "union", "unique", "update", "using", "values", "when"),
        *("where", "with"),
    }
)

# Files that get their name when they are complete, unless a state is kept.
_WHOLE_FILES: Final = (".jsonl", ".jsonl.gz")

# Files that every run adds to.
_ADDED_TO: Final = (".duckdb", ".sqlite", ".sqlite3", ".db")

# The command that asks SQL of a file, and what Python says instead.
_SHELLS: Final = {
    ".duckdb": ("duckdb", "import duckdb; duckdb.connect({file}).sql({query}).show()"),
    ".sqlite": ("sqlite3", "import sqlite3; print(*sqlite3.connect({file}).execute({query}), sep=chr(10))"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What there is to tell.

    Attributes:
        line: one line for all.
        tables: what is known of each table beyond the number of records, which the line has; may be empty.
        hints: what can be done next, each as a line.
    """

    line: str
    tables: tuple[TableSummary, ...] = ()
    hints: tuple[str, ...] = ()


def summary(result: RunResult, target: str, state: str | None = None, delivered: int | None = None) -> Ending:
    """What became of a run.

    Args:
        result: its result.
        target: where the records went.
        state: the file in which the state is kept; None: it is not.
        delivered: how many were known to be delivered when it ended, if the run told so.
    """
    tables = result.summaries if any(_tells_more(table) for table in result.summaries) else ()
    names = "" if tables else f": {_named(result)}"
    parts = f" of {counted(len(result.parts), 'part')}" if result.parts else ""
    where = f" into {counted(len(result.tables), 'table')}{names}" if result.tables else ""
    retried = f" (and {counted(result.retries, 'failed one')} tried again)" if result.retries else ""
    records = counted(result.records, "record") if result.records else "no records"
    collected = f"Collected {records} in {counted(result.reads, 'read')}{parts}{retried}{where}"
    return Ending(
        line=f"{collected}; {_fate(result, target, state, delivered)}.",
        tables=tables,
        hints=tuple(_hints(result, target, state, tables)),
    )


def table_of_tables(ending: Ending, width: int) -> Table:
    """The tables as a terminal shows them: numbers below each other, and no column in which there is nothing.

    Args:
        ending: has the tables.
        width: of the terminal. Numbers are never cut: where they have no room, a column is left out.
    """
    shown = ending.tables[:_TABLES_SHOWN]
    facts: dict[str, list[str]] = {
        "records": [f"{table.records:,}" for table in shown],
        "new": [_number(table.new) for table in shown],
        "updated": [_number(table.updated) for table in shown],
        "columns": [_number(table.columns) for table in shown],
        "size": [_size(table) for table in shown],
    }
    room = width - _NARROWEST_NAME
    kept = {}
    for name in ("records", "new", "updated", "size", "columns"):
        size = max(map(len, (name, *facts[name])))
        if any(facts[name]) and room > size + 2:
            kept[name] = size
            room -= size + 2
    drawing = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    drawing.add_column("table", overflow="ellipsis", no_wrap=True, max_width=_NARROWEST_NAME + room - 1)
    columns = [name for name in facts if name in kept]
    for name in columns:
        drawing.add_column(name, justify="right", no_wrap=True, min_width=kept[name])
    for index, table in enumerate(shown):
        drawing.add_row(Text(in_one_line(table.table)), *(Text(facts[name][index]) for name in columns))
    if len(ending.tables) > _TABLES_SHOWN:
        drawing.add_row(Text(_rest(ending.tables), style="dim"))
    return drawing


def table_lines(ending: Ending) -> Iterator[str]:
    """The tables as lines: `orders: 120 records, 100 new, 20 updated, 12 columns, 34.5 kB`."""
    for table in ending.tables[:_TABLES_SHOWN]:
        facts = [counted(table.records, "record")]
        facts += [f"{table.new:,} new"] if table.new is not None else []
        facts += [f"{table.updated:,} updated"] if table.updated is not None else []
        facts += [counted(table.columns, "column")] if table.columns is not None else []
        facts += [_size(table)] if table.bytes else []
        yield f"{in_one_line(table.table)}: {', '.join(facts)}"
    if len(ending.tables) > _TABLES_SHOWN:
        yield _rest(ending.tables)


def sql_hint(target: str, tables: Sequence[str], installed: Callable[[str], bool]) -> str | None:
    """The command that asks SQL of the file at once; None if it is no such file, or no table's name goes without quotes.

    Args:
        target: where the records went.
        tables: those that are in it.
        installed: whether there is a command of that name; without one, Python asks.
    """
    plain = [name for name in tables if _PLAIN_NAME.fullmatch(name) and name.lower() not in _SQL_WORDS]
    suffix = PurePath(target).suffix
    if suffix not in _SHELLS or not plain:
        return None
    query = f"select * from {plain[0]} limit 5"  # noqa: S608 - for a person to type
    shell, code = _SHELLS[suffix]
    if installed(shell):
        # What begins with a dash would be taken for an option.
        file = target if not target.startswith("-") else f"./{target}"
        return f"{shell} {shlex.quote(file)} '{query}'"
    return f"python -c {shlex.quote(code.format(file=json.dumps(target), query=json.dumps(query)))}"


def _hints(result: RunResult, target: str, kept: str | None, tables: Sequence[TableSummary]) -> Iterator[str]:
    asked = sql_hint(target, [table.table for table in tables] or list(result.tables), _installed)
    if asked is not None and result.delivered and result.records:
        yield f"Ask it: {asked}"
    if PurePath(target).suffix in _ADDED_TO or kept is not None:
        keyless = [table for table in tables if table.keyless]
        if keyless:
            named = listed([in_one_line(table.table) for table in keyless], _TABLES_NAMED)
            yield (
                f"Rows without an id are new each time: {named}. --param 'idpattern={{COLUMN}}' says which column tells them apart."
            )
    if kept is not None:
        if not result.finished and (result.state or result.parts):
            yield "To go on from there, run it again with the same --state."
        elif result.delivered and not result.state and result.records:
            yield "The source reported no state: the next run reads everything again."
    elif not result.finished and result.state and not result.parts:
        state = _state(result.state)
        if state is not None:
            yield f"To go on from there: --param {shlex.quote(f'state={state}')}"


def _state(state: Any) -> str | None:
    try:
        text = json.dumps(dict(state))
    except (TypeError, ValueError):
        return None
    return text if len(text) <= _LONGEST_STATE else None


def _fate(result: RunResult, target: str, state: str | None, delivered: int | None) -> str:
    files = _files(result, target)
    everything = "everything delivered" if target in {"-", "sqs"} else f"everything is in {files}"
    if result.finished and result.delivered:
        if not result.records:
            none = "nothing new" if state is not None and result.state and not result.parts else "none"
            return f"the source gave {none}" if result.retries else f"the source had {none}"
        return everything
    if not result.delivered and result.records:
        return _share(result, delivered)
    if result.stopped == "limit":
        return f"that was the limit; {everything}"
    kept = "nothing was delivered" if not result.records else "these were delivered"
    if result.records and target not in {"-", "sqs"}:
        whole = target.endswith(".parquet") or (state is None and target.endswith(_WHOLE_FILES))
        kept = f"these are in {files}{'.part' if whole else ''}"
    if result.finished:
        return kept
    why = "its time was up" if result.stopped == "timeout" else "the source was not read to its end"
    return f"{why}; {kept}"


def _files(result: RunResult, target: str) -> str:
    """The target as it is found on disk: of several tables, Parquet has a file each."""
    if target.endswith(".parquet") and len(result.summaries) > 1:
        return f"{target.removesuffix('.parquet')}*.parquet"
    return target


def _share(result: RunResult, delivered: int | None) -> str:
    """How many of the records have arrived, where not all have."""
    lost = sum(len(failure.error.records) for failure in result.failures if isinstance(failure.error, DeliveryError))
    if lost:
        return f"{counted(lost, 'record')} of them not delivered"
    return "not all of them delivered" if delivered is None else f"{delivered:,} of them delivered"


def _named(result: RunResult) -> str:
    return listed((f"{in_one_line(table)} {count:,}" for table, count in result.tables.items()), _TABLES_NAMED)


def _tells_more(table: TableSummary) -> bool:
    return table.new is not None or table.updated is not None or table.columns is not None


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _size(table: TableSummary) -> str:
    """How large the records were; of what was nested in them, that is a part of their own size."""
    return decimal(table.bytes) if table.bytes else ""


def _rest(tables: Sequence[TableSummary]) -> str:
    rest = tables[_TABLES_SHOWN:]
    return f"and {len(rest):,} more ({counted(sum(table.records for table in rest), 'record')})"


def _installed(command: str) -> bool:
    return shutil.which(command) is not None
