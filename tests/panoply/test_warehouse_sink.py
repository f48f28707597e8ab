"""The embedded warehouse from outside: what Panoply documents, what outlives a process, and what is said when it fails."""

from __future__ import annotations

import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

import duckdb
import pytest

from panoply.encoding import encode_record
from panoply.errors import Closed, DeliveryError, MissingExtra, ParamsError, RecordError
from panoply.sinks import TableSummary, open_sink

FILES = pytest.mark.parametrize("name", ["out.duckdb", "out.sqlite", "out.db"])
BOTH = pytest.mark.parametrize("name", ["out.duckdb", "out.sqlite"])


def asked(path, sql):
    """What a plain client of the database says."""
    connection = duckdb.connect(str(path)) if path.suffix == ".duckdb" else sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def filled(path, *records, table="t", **params):
    with open_sink(str(path), params=params) as sink:
        for record in records:
            sink.write(table, record)
    return sink


@FILES
def test_the_example_of_the_documentation_comes_out_as_documented(tmp_path, name):
    path = tmp_path / name

    filled(path, {"id": 30, "friends": ["one", "two"]}, table="users")

    assert asked(path, "SELECT id FROM users") == [(30,)]
    assert asked(path, "SELECT users_id, value FROM users_friends ORDER BY value") == [(30, "one"), (30, "two")]


@BOTH
def test_deeper_tables_lead_to_every_row_that_they_are_in(tmp_path, name):
    path = tmp_path / name
    order = {
        "id": 7,
        "lines": [{"sku": "a", "taxes": [{"rate": 0.1}]}, {"id": 99, "sku": "b", "taxes": [{"rate": 0.2}]}],
    }

    filled(path, {**order, "customer": {"name": "Zoe"}}, table="orders")

    assert asked(
        path,
        "SELECT o.id, l.sku, t.rate FROM orders o JOIN orders_lines l ON l.orders_id = o.id "
        "JOIN orders_lines_taxes t ON t.orders_lines_id = l.id AND t.orders_id = o.id ORDER BY sku",
    ) == [(7, "a", 0.1), (7, "b", 0.2)]
    assert asked(path, "SELECT id, orders_id, name FROM orders_customer") == [(7, 7, "Zoe")]
    assert {str(key) for (key,) in asked(path, "SELECT id FROM orders_lines")} == {"7-1", "99"}


@BOTH
@pytest.mark.parametrize(
    ("pattern", "record", "key"),
    [
        (None, {"id": 5}, 5),
        (None, {"ID": "x"}, "x"),
        ("", {"id": 5}, 5),
        ("account", {"account": "a", "id": 5}, 5),  # without brackets it is not recognised
        ("{account}", {"account": 3, "id": 5}, 3),
        ("{account}-{id}", {"account": "a", "id": 5}, "a-5"),
        (" x{Account}{id} ", {"account": 1.5, "id": True}, "x1.5true"),
        ("{at}", {"at": date(2024, 1, 2)}, "2024-01-02"),
        ("{a.b}", {"a.b": "x"}, "x"),
    ],
)
def test_the_key_is_filled_in_as_the_pattern_says(tmp_path, name, pattern, record, key):
    path = tmp_path / name
    params = {"idpattern": pattern}

    filled(path, record, record, **params)

    assert asked(path, "SELECT id FROM t") == [(key,)]


@BOTH
@pytest.mark.parametrize(
    ("pattern", "record"),
    [
        (None, {"a": 1}),
        (None, {"id": None, "a": 1}),
        (None, {"id": ""}),
        (None, {"id": {"$oid": "x"}}),
        ("{account}-{id}", {"id": 5}),
        ("{account}-{id}", {"id": 5, "account": None}),
        ("{id}", {}),
    ],
)
def test_a_row_without_a_key_is_new_each_time_and_gets_a_guid(tmp_path, name, pattern, record):
    path = tmp_path / name

    filled(path, record, record, idpattern=pattern)
    filled(path, record, idpattern=pattern)

    keys = [UUID(key) for (key,) in asked(path, "SELECT id FROM t")]
    assert len(set(keys)) == 3
    assert {key.version for key in keys} == {4}


def test_a_source_may_set_its_pattern_when_it_is_constructed(tmp_path):
    params = {}
    with open_sink(str(tmp_path / "out.duckdb"), params=params) as sink:
        params["idpattern"] = "{code}"
        sink.write("t", {"code": "x"})

    assert asked(tmp_path / "out.duckdb", "SELECT id, code FROM t") == [("x", "x")]


@BOTH
def test_a_second_run_updates_what_the_first_has_made(tmp_path, name):
    path = tmp_path / name
    first = filled(path, {"id": 1, "name": "a", "tags": ["x", "y"]}, {"id": 2, "name": "b"}, {"id": 1, "name": "c"})
    second = filled(path, {"id": 2, "tags": ["z"]}, {"id": 1, "tags": []}, {"id": 3, "price": 1.5})

    assert asked(path, "SELECT id, name, price FROM t ORDER BY id") == [(1, "c", None), (2, "b", None), (3, None, 1.5)]
    assert asked(path, "SELECT t_id, value FROM t_tags") == [(2, "z")]
    main, inner = first.summaries()
    assert (main.table, main.records, main.new, main.updated, main.columns) == ("t", 3, 2, 1, 5)
    assert inner == TableSummary(table="t_tags", records=2, columns=6)
    main, inner = second.summaries()
    assert (main.records, main.new, main.updated, main.columns) == (3, 1, 2, 6)
    assert main.bytes == sum(
        len(encode_record("t", each))
        for each in ({"id": 2, "tags": ["z"]}, {"id": 1, "tags": []}, {"id": 3, "price": 1.5})
    )


@BOTH
def test_the_times_of_a_row_tell_when_it_was_read_written_and_first_written(tmp_path, name):
    path = tmp_path / name
    before = datetime.now(UTC).replace(tzinfo=None)
    filled(path, {"id": 1, "v": 1})
    ((sent, updated, created),) = asked(path, "SELECT __senttime, __updatetime, __createtime FROM t")
    filled(path, {"id": 1, "v": 2})
    ((sent_later, updated_later, created_later),) = asked(path, "SELECT __senttime, __updatetime, __createtime FROM t")

    assert sent <= updated == created == created_later < sent_later <= updated_later
    if isinstance(sent, str):
        sent = datetime.fromisoformat(sent).replace(tzinfo=None)
    assert abs((sent - before).total_seconds()) < 60


@BOTH
def test_columns_have_the_types_of_what_is_in_them(tmp_path, name):
    path = tmp_path / name
    record = {
        "flag": True, "count": 2**40, "price": 1.5, "day": date(2024, 1, 2), "at": datetime(2024, 1, 2, 3, 4, tzinfo=UTC),
        "money": Decimal("19.99"), "huge": 2**70, "fine": Decimal("0.1234567890123456789"), "key": uuid4(), "nothing": None,
    }  # fmt: skip

    filled(path, {"id": 1, **record}, {"id": 2, "nested": [record]})

    types = (
        "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = '{}'"
        if path.suffix == ".duckdb"
        else "SELECT name, type FROM pragma_table_info('{}')"
    )
    text = "VARCHAR" if path.suffix == ".duckdb" else "TEXT"
    for table in ("t", "t_nested"):
        found = {column: kind for column, kind in asked(path, types.format(table)) if column in record}
        assert found == {
            "flag": "BOOLEAN", "count": "BIGINT", "price": "DOUBLE", "day": "DATE", "at": "TIMESTAMP",
            "money": "DOUBLE", "huge": text, "fine": text, "key": text,
        }  # fmt: skip
        assert asked(path, f"SELECT huge, fine, key FROM {table} WHERE huge IS NOT NULL") == [
            (str(record["huge"]), str(record["fine"]), str(record["key"]))
        ]


@BOTH
def test_names_are_lower_case_and_stay_quotable(tmp_path, name):
    path = tmp_path / name
    filled(
        path,
        {"ID": 1, "Select": 2, 'a"b': 3, "A": 4, "a": 5, "__updatetime": "x", "__state": "s", "__table": "no"},
        table="Group BY",
    )
    filled(path, {"id": 1, "A": 6}, table="group by")

    assert asked(path, 'SELECT id, "select", "a_b", a, a_2, "__updatetime_2" FROM "group by"') == [(1, 2, 3, 6, 4, "x")]
    assert len(asked(path, 'SELECT * FROM "group by"')[0]) == 9


@BOTH
def test_a_main_table_and_a_sub_table_of_one_name_stay_apart(tmp_path, name):
    path = tmp_path / name
    with open_sink(str(path)) as sink:
        sink.write("users", {"id": 1, "friends": ["a"]})
        sink.write("users_friends", {"id": 1, "since": 1999})
        sink.flush()
        sink.write("users", {"id": 1, "friends": ["b"]})
        sink.write("users_friends", {"id": 1, "since": 2001})

    named = {table.table: table for table in sink.summaries()}
    assert set(named) == {"users", "users_friends", "users_friends_2"}
    main = next(name for name, table in named.items() if name != "users" and table.new is not None)
    (inner,) = set(named) - {"users", main}
    assert asked(path, f"SELECT id, since FROM {main}") == [(1, 2001)]
    assert asked(path, f"SELECT users_id, value FROM {inner}") == [(1, "b")]


def tables(path):
    if path.suffix == ".duckdb":
        return [row[0] for row in asked(path, "SELECT table_name FROM duckdb_tables()")]
    return [row[0] for row in asked(path, "SELECT name FROM sqlite_master WHERE type = 'table'")]


@BOTH
def test_a_table_that_somebody_dropped_is_made_anew(tmp_path, name):
    path = tmp_path / name
    record = {"id": 1, "tags": [{"names": ["x"]}]}
    filled(path, record)

    for table in ("t", "t_tags"):
        asked(path, f"DROP TABLE {table}")
        filled(path, record)
        filled(path, {"id": 2, **record}, {"id": 1, "v": 1})

        assert asked(path, "SELECT t.id, tags.id FROM t JOIN t_tags AS tags ON t_id = t.id") == [(1, "1-1")]
    assert sorted(table for table in tables(path) if table[0] == "t") == ["t", "t_tags", "t_tags_names"]


@BOTH
def test_a_raw_message_is_a_row_like_any_other(tmp_path, name):
    path = tmp_path / name
    raw = {"type": "raw", "tag": "csv", "raw": "YSxi", "metadata": {"file": "x.csv"}}

    filled(path, raw)

    assert asked(path, "SELECT type, tag, raw FROM t") == [("raw", "csv", "YSxi")]
    assert asked(path, "SELECT file FROM t_metadata JOIN t ON t_id = t.id") == [("x.csv",)]


@BOTH
def test_what_is_nested_without_end_ends_as_json(tmp_path, name):
    path = tmp_path / name
    value = "bottom"
    for _ in range(100):
        value = [value]

    filled(path, {"id": 1, "v": value})

    found = tables(path)
    assert len(found) < 20
    deepest = max((table for table in found if table.startswith("t_v_value")), key=len)
    ((text,),) = asked(path, f'SELECT value FROM "{deepest}"')
    assert text.strip("[]") == '"bottom"'
    assert len(found) - 2 + text.count("[") == 100


@BOTH
def test_a_record_that_cannot_be_sent_leaves_nothing(tmp_path, name):
    path = tmp_path / name
    with open_sink(str(path)) as sink:
        sink.write("t", {"id": 1})
        for record in ({"id": 2, "v": float("nan")}, {"id": 3, "v": [{"w": b"x"}]}):
            with pytest.raises(RecordError):
                sink.write("t", record)
        with pytest.raises(RecordError):
            sink.write(" ", {})

    assert sink.written == {"t": 1}
    assert asked(path, "SELECT id FROM t") == [(1,)]
    with pytest.raises(Closed):
        sink.write("t", {})
    sink.close()


KILLED = """
import sys
from panoply.sinks import open_sink
sink = open_sink(sys.argv[1], append=True)
for number in range(10 ** 9):
    sink.write("t", {"n": number, "inner": [number]})  # without a key: nothing would hide a row that came twice
    if number % 500 == 499:
        sink.flush()
        print(number + 1, flush=True)
"""


@BOTH
def test_a_killed_process_has_lost_what_came_after_the_last_flush_and_no_more(tmp_path, name):
    path = tmp_path / name
    with subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True) as process:
        for _ in range(3):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        flushed = [1500, *(int(line) for line in process.stdout.read().split())][-1]

    with open_sink(str(path), append=True) as sink:
        sink.write("t", {"n": -1, "inner": [-1]})

    ((count, distinct),) = asked(path, "SELECT count(*), count(DISTINCT n) FROM t")
    # It may have been killed after a flush, and before it could say so.
    assert count == distinct
    assert count - 1 in (flushed, flushed + 500)
    assert asked(path, "SELECT count(*) FROM t JOIN t_inner ON t_id = t.id WHERE n = value") == [(count,)]


HOLDING = """
import sys
from panoply.sinks import open_sink
sink = open_sink(sys.argv[1])
sink._warehouse._store.begin()
print(flush=True)
sys.stdin.read()
"""


@BOTH
def test_a_file_that_is_in_use_is_said_to_be(tmp_path, name, monkeypatch):
    monkeypatch.setattr("panoply._warehouse_sqlite._PATIENCE", 0.0)
    path = tmp_path / name
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        process.stdout.readline()
        with pytest.raises(ParamsError, match=f"Cannot open .*{name}: it is in use by another process"):
            open_sink(str(path))
        process.communicate()


@BOTH
def test_a_file_of_another_kind_is_left_alone(tmp_path, name):
    path = tmp_path / name
    path.write_text("this is a letter to my grandmother, and no database at all\n" * 100)

    with pytest.raises(ParamsError, match=f"Cannot open .*{name}: it is no (DuckDB|SQLite) file"):
        open_sink(str(path))

    assert path.read_text().startswith("this is a letter")


@BOTH
def test_a_table_that_did_not_come_from_a_run_is_left_alone(tmp_path, name):
    path = tmp_path / name
    asked(path, "CREATE TABLE t (x INTEGER)")

    with open_sink(str(path)) as sink, pytest.raises(ParamsError, match="a table 't' that did not come from a run"):
        sink.write("T", {"id": 1})


READ_ONLY = """
import duckdb, os, sys
import panoply._sink_warehouse, panoply._warehouse_duckdb, panoply._warehouse_sqlite
from panoply.errors import ParamsError
from panoply.sinks import open_sink
if os.getuid() == 0:
    os.setuid(65534)  # root may write everywhere
try:
    open_sink(sys.argv[1])
except ParamsError as exc:
    print(exc)
"""


@BOTH
def test_a_folder_that_may_not_be_written_is_said_to_be(name):
    with tempfile.TemporaryDirectory() as folder:  # into which everybody may look
        Path(folder).chmod(0o555)
        code = [sys.executable, "-c", READ_ONLY, f"{folder}/{name}"]
        done = subprocess.run(code, capture_output=True, text=True, check=True)

    assert done.stdout.startswith(f"Cannot open {folder}/{name}: ")
    assert re.search("Permission denied|cannot be opened", done.stdout)


FULL = """
import os, resource, signal, sys
from panoply.errors import DeliveryError
from panoply.sinks import open_sink
sink = open_sink(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))
try:
    for number in range(3000):
        sink.write("t", {"id": number, "password": "hunter2" + os.urandom(1000).hex()})
        if number % 100 == 99:
            sink.flush()
            delivered = number + 1
except DeliveryError as exc:
    print("refused:", exc)
try:
    sink.write("t", {})
except DeliveryError as exc:
    print("later:", exc)
sink.close()
print("delivered:", delivered)
"""


@BOTH
def test_a_disk_that_takes_no_more_is_said_and_no_value_is_told(tmp_path, name):
    path = tmp_path / name
    done = subprocess.run([sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, check=False)

    assert "refused: Cannot write" in done.stdout, done.stderr
    assert "later: Records were not delivered: Cannot write" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr
    with open_sink(str(path)) as sink:
        sink.write("t", {"id": 0})
    assert asked(path, "SELECT count(*) FROM t") == [(int(done.stdout.split()[-1]),)]


@BOTH
def test_what_a_database_says_of_values_is_not_passed_on(tmp_path, name):
    from panoply._warehouse_duckdb import DuckDBStore
    from panoply._warehouse_sqlite import SQLiteStore

    store = (DuckDBStore if name == "out.duckdb" else SQLiteStore)(tmp_path / name, name)
    store.run("CREATE TABLE t (v INTEGER PRIMARY KEY)")
    with pytest.raises(DeliveryError) as caught:
        store.run("INSERT INTO t VALUES (CAST('hunter2' AS INTEGER)), (CAST('hunter2' AS INTEGER))")
    store.close()

    assert name in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_without_duckdb_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)

    for name in ("out.duckdb", "out.parquet"):
        with pytest.raises(MissingExtra, match=r"panoply-python-sdk\[warehouse\]"):
            open_sink(str(tmp_path / name))
    assert not list(tmp_path.iterdir())


def test_ctrl_c_while_rows_are_loaded_costs_none_of_them(tmp_path):
    from panoply._sink_warehouse import WarehouseSink
    from panoply._warehouse_sqlite import SQLiteStore

    class Slow(SQLiteStore):
        def stage(self, *args, **options):
            # As a terminal's: to the thread that waits.
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
            time.sleep(0.05)  # what is raised in the main thread comes meanwhile
            super().stage(*args, **options)

    path = tmp_path / "out.sqlite"
    sink = WarehouseSink(Slow(path, "out"), limit=1)
    with pytest.raises(KeyboardInterrupt):
        sink.write("t", {"id": 1})
    sink.flush()
    sink.close()

    assert asked(path, "SELECT id FROM t") == [(1,)]


def test_ctrl_c_while_loading_is_about_to_begin_waits_for_its_end(tmp_path, monkeypatch):
    from panoply._sink_warehouse import WarehouseSink
    from panoply._warehouse_sqlite import SQLiteStore

    staged = []

    class Slow(SQLiteStore):
        def stage(self, *args, **options):
            going_on.wait(0.05)
            super().stage(*args, **options)
            staged.append(True)

    going_on, start = threading.Event(), threading.Thread.start

    def interrupted(thread):
        start(thread)
        signal.raise_signal(signal.SIGINT)

    sink = WarehouseSink(Slow(tmp_path / "out.sqlite", "out"), limit=1)
    monkeypatch.setattr(threading.Thread, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        sink.write("t", {"id": 1})
    assert staged
    monkeypatch.undo()
    sink.close()
