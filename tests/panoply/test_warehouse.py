"""The embedded warehouse: whatever records come, in whatever order, DuckDB and SQLite hold what a dict in Python would."""

from __future__ import annotations

import tempfile
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from panoply._sink_warehouse import WarehouseSink
from panoply._warehouse_duckdb import DuckDBStore
from panoply._warehouse_keys import key_of
from panoply._warehouse_names import quoted, spelled
from panoply._warehouse_rows import META, Columns
from panoply._warehouse_sqlite import SQLiteStore
from panoply._warehouse_types import moment

STORES = pytest.mark.parametrize("store", [DuckDBStore, SQLiteStore])

TIMES = ["2024-02-29", "2024-01-02T03:04:05Z", "2024-01-02 03:04", "2024-01-02T03:04:05.123456+05:30", "0001-01-01"]
NO_TIMES = ["2024-02-30", "0001-01-01T00:00:00+01:00", "2024-01-02T25:00:00Z", "2024", "2024-01-02T03:04:05.1234567Z"]
TEXTS = ["", "x", "null", "true", "1", "1.0", 'it\'s "quoted"', "nul\0in it", "\ufeff\u2028\uffff", "e\u0301", "[1]"]
INTEGERS = [0, 1, -1, 2**53, 2**53 + 1, 2**63 - 1, -(2**63), 2**63, 2**64, -(10**30)]
FLOATS = [0.1, -0.0, 1.0, 1e22, 5e-324, 1.7976931348623157e308, 1e16, 2.0**63]

scalars = st.one_of(
    st.none(),
    st.booleans(),
    *map(st.sampled_from, (TIMES, NO_TIMES, TEXTS, INTEGERS, FLOATS)),
    st.integers(),
    st.text(max_size=3),
).filter(lambda value: not (isinstance(value, str) and any(0xD800 <= ord(each) < 0xE000 for each in value)))
keys = st.sampled_from(
    [
        "a",
        "A",
        "a_2",
        "a b",
        "order",
        "b\\n's/{}",
        'q"t',
        "id",
        "Id",
        "value",
        "tags",
        "t_id",
        "t_tags_id",
        "__senttime",
        "",
        "\u0130",
        "x" * 200,
    ]
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=5
)
ids = st.sampled_from([1, 2, "1", "b", None, 1.0, 2**64])
records = st.dictionaries(keys.filter(lambda key: key not in {"id", "Id"}), values, max_size=4)


@st.composite
def steps(draw):
    """Records, with or without an id, and in between "flush" and "reopen"."""
    found = []
    for _ in range(draw(st.integers(1, 8))):
        record = draw(records)
        if draw(st.integers(0, 4)):
            record = {"id": draw(ids), **record}
        found.append(record)
        found += draw(st.sampled_from([[], [], ["flush"], ["reopen"]]))
    return found


class Model:
    """What the warehouse should hold, as plain as can be: a dict for each key, a list for each nested value."""

    def __init__(self):
        self.rows = {}
        self.keyless = []

    def write(self, record):
        columns = Columns.of(tuple(record))
        row = self.row(record, columns, ("t_id",))
        key = None if columns.id_key is None else key_of(record[columns.id_key])
        if key is None:
            self.keyless.append(row)
        else:
            self.rows.setdefault(str(key), {}).update(row)

    def row(self, record, columns, links):
        row = {}
        for (key, value), name in zip(record.items(), columns.names, strict=True):
            if name is None and isinstance(value, (dict, list)) and key == columns.id_key:
                name = "id"  # noqa: PLW2901
            if name is not None:
                row[name] = (
                    self.inner(value, spelled_under(links[-1], name), links)
                    if isinstance(value, (dict, list))
                    else value
                )
        return row

    def inner(self, value, table, links):
        items = (
            ([value] if value else [])
            if isinstance(value, dict)
            else [item if isinstance(item, dict) else {"value": item} for item in value]
        )
        rows = []
        for item in items:
            columns = Columns.of(tuple(item), links)
            row = self.row(item, columns, (*links, spelled(f"{table}_id")))
            own = None if columns.id_key is None else key_of(item[columns.id_key])
            if own is not None:
                row["id"] = str(own)
            rows.append(row)
        return rows


def spelled_under(link, name):
    return spelled(f"{link.removesuffix('_id')}_{name}")


class Found:
    """What the warehouse holds."""

    def __init__(self, store):
        self.tables = {}
        if "__panoply" in store.tables():
            for name, path in store.run("SELECT name, path FROM __panoply"):
                import json

                columns = list(store.columns(name))
                rows = store.run(f"SELECT * FROM {quoted(name)} ORDER BY rowid")
                self.tables[tuple(json.loads(path))] = (name, [dict(zip(columns, row, strict=True)) for row in rows])
        self.sizes = {path: len(rows) for path, (_, rows) in self.tables.items()}

    def main(self):
        return {row["id"]: row for row in self.tables.get(("t",), ("", []))[1]}

    def inner(self, path, links):
        """The rows below, for these values of the columns that lead to them."""
        name, rows = self.tables.get(path, ("", []))
        return name, [row for row in rows if all(str(row[link]) == key for link, key in links.items())]


def same(written, read):
    if written is None or read is None:
        return written is read
    if isinstance(written, bool):
        return read in (written, "true" if written else "false") and not (
            isinstance(read, str) and read not in ("true", "false")
        )
    if isinstance(written, str):
        at = moment(written)
        if at is None or read == written:
            return read == written
        found = datetime.combine(read, datetime.min.time()) if type(read) is date else read
        return (moment(found) if isinstance(found, str) else found) == at
    if isinstance(read, str):
        return (
            str(written) == read
            if isinstance(written, int) and "e" not in read and "." not in read
            else float(read) == written
        )
    return read == written and not isinstance(read, bool)


def check_row(found, path, table, row, read, links):  # noqa: PLR0913, PLR0917
    """The row in the database says what the one of the model says, and so does all below."""
    for name, value in row.items():
        if name == "id" and not isinstance(value, list):
            assert str(read["id"]) == value
            continue
        below = found.inner((*path, name), links | {spelled(f"{table}_id"): str(read["id"])})
        if isinstance(value, list):
            assert name == "id" or read.get(name) is None
            check_rows(found, (*path, name), below, value, links | {spelled(f"{table}_id"): str(read["id"])})
        else:
            assert same(value, read.get(name)), (path, name, value, read.get(name))
            assert not below[1]


def fits(found, row, read):
    try:
        check_row(found, ("t",), "t", row, read, {})
    except AssertionError:
        return False
    return True


def check_rows(found, path, below, rows, links):
    table, read = below
    assert len(read) >= len(rows)
    # Rows whose ids are the same have the same rows below them, and cannot be told apart from here.
    ambiguous = len({str(row["id"]) for row in read}) < len(read)
    for row, each in zip(rows, read, strict=True):
        if not ambiguous:
            check_row(found, path, table, row, each, links)


@STORES
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=steps(), limit=st.sampled_from([1, 1 << 20]))
@example(steps=[{"id": 1, "a": 2**53 + 1}, "flush", {"id": 2, "a": 0.5}], limit=1)
@example(steps=[{"id": 1, "a": 7}, "reopen", {"id": 2, "a": 0.5}], limit=1)
@example(steps=[{"id": 1, "a": "2024-01-02"}, "flush", {"id": 2, "a": TIMES[3]}, "flush", {"id": 3, "a": "x"}], limit=1)
@example(
    steps=[{"id": 1, "tags": [{"id": 5}, {"id": 5}]}, {"id": 1, "tags": 3}, "reopen", {"id": "b", "tags": [[1], [[]]]}],
    limit=1 << 20,
)
@example(steps=[{"id": 1, "a": 1}, {"id": 1, "tags": [1]}, {"id": "1", "a": 2}], limit=1 << 20)
@example(
    steps=[{"id": 1, "tags": [1], "a": 5}, {"id": 1, "value": [2], "a": None}, {"id": 1, "tags": "no list"}],
    limit=1 << 20,
)
@example(steps=[{"id": 1, "a": 0.1 + 0.2}, "flush", {"id": 2, "a": "x"}], limit=1)
@example(
    steps=[{"id": 1, "a": 1, "value": 1}, {"id": 2, "a": 1}, "flush", {"id": 1, "a": 2}, {"id": 2, "value": 2}],
    limit=1 << 20,
)
def test_the_warehouse_holds_what_was_written_last(store, steps, limit):
    model = Model()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out"
        sink = WarehouseSink(store(path, "out"), limit=limit)
        for step in steps:
            if step == "flush":
                sink.flush()
            elif step == "reopen":
                sink.close()
                sink = WarehouseSink(store(path, "out"), limit=limit)
            else:
                sink.write("t", step)
                model.write(step)
        sink.close()
        opened = store(path, "out")
        found = Found(opened)
        opened.close()
    main = found.main()
    by_text = {str(key): row for key, row in main.items()}
    assert len(by_text) == len(main) == len(model.rows) + len(model.keyless)
    for key, row in model.rows.items():
        check_row(found, ("t",), "t", row, by_text.pop(key), {})
    for row in model.keyless:  # in which order they come is not promised
        by_text.pop(next(key for key, read in by_text.items() if fits(found, row, read)))
    assert not by_text
    assert all(row[name] is not None for row in main.values() for name in META)
