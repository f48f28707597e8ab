"""How the end of a run is told."""

from __future__ import annotations

import io
import shlex
import subprocess
import sys
from dataclasses import replace

import pytest
from rich.console import Console

from panoply.cli._display import Loudness
from panoply.cli._screen import Screen
from panoply.cli._summary import sql_hint, summary, table_lines, table_of_tables
from panoply.masking import Mask
from panoply.runner import Failure, RunResult
from panoply.sinks import TableSummary, open_sink

QUERY = "select * from orders limit 5"

ORDERS = TableSummary(table="orders", records=1200, new=1000, updated=200, columns=12, bytes=34_500)
LINES = TableSummary(table="orders_lines", records=5, new=5, updated=0, columns=1, bytes=99)


def result(*summaries, **settings):
    usual = {
        "reads": 2,
        "retries": 0,
        "finished": True,
        "delivered": True,
        "failures": (),
        "state": {},
        "duration": 1.0,
    }
    tables = {each.table: each.records for each in summaries}
    return RunResult(**{**usual, "records": sum(tables.values()), "tables": tables, "summaries": summaries, **settings})


def drawn(ending, width=80):
    console = Console(file=io.StringIO(), width=width)
    console.print(table_of_tables(ending, width))
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_a_terminal_gets_a_table():
    assert drawn(summary(result(ORDERS, LINES), "out.duckdb")) == [
        "table         records    new  updated  columns      size",
        "orders          1,200  1,000      200       12   34.5 kB",
        "orders_lines        5      5        0        1  99 bytes",
    ]


def test_rows_that_come_again_each_time_are_told_of_where_they_would_add_up():
    keyless = replace(ORDERS, keyless=2)

    assert any("new each time: orders. --param" in hint for hint in summary(result(keyless), "out.sqlite").hints)
    assert not any("new each time" in hint for hint in summary(result(keyless), "out.parquet").hints)
    assert any("new each time" in hint for hint in summary(result(keyless), "out.parquet", "s.json").hints)
    assert not any("new each time" in hint for hint in summary(result(ORDERS), "out.sqlite").hints)


INNER = TableSummary(table="orders_tags", records=9, new=None, updated=None, columns=6, bytes=0)


def test_of_a_sub_table_nothing_is_told_that_is_not_known():
    ending = summary(result(ORDERS, INNER), "out.duckdb")

    assert drawn(ending)[2] == "orders_tags        9                        6"
    assert list(table_lines(ending))[1] == "orders_tags: 9 records, 6 columns"


@pytest.mark.parametrize(
    ("tables", "settings", "told"),
    [
        ([ORDERS], {}, "everything is in out.parquet."),
        ([ORDERS, INNER], {}, "everything is in out*.parquet."),
        ([ORDERS, INNER], {"finished": False}, "these are in out*.parquet.part."),
    ],
)
def test_the_files_of_several_tables_are_named_as_they_are_found(tables, settings, told):
    assert summary(result(*tables, **settings), "out.parquet", state="s.json").line.endswith(told)


@pytest.mark.parametrize(
    ("width", "columns"),
    [
        (60, ["table", "records", "new", "updated", "columns", "size"]),
        (48, ["table", "records", "new", "updated", "size"]),
        (30, ["table", "records", "new"]),
        (10, ["table"]),
    ],
)
def test_a_narrow_terminal_gets_fewer_columns_and_no_number_that_is_cut(width, columns):
    long = TableSummary(table="orders_of_a_very_long_name" * 3, records=5, new=1000, updated=0, columns=1, bytes=9)

    lines = drawn(summary(result(ORDERS, long), "out.duckdb"), width)

    assert lines[0].split() == columns
    assert len(lines) == 3
    assert max(map(len, lines)) <= width
    whole = {"records": "1,200", "new": "1,000", "updated": "200", "columns": "12", "size": "34.5 kB"}
    assert all(number in lines[1] for name, number in whole.items() if name in columns)
    assert "orders_o" in lines[2]


def test_a_pipe_gets_lines():
    ending = summary(result(ORDERS, LINES), "out.duckdb")

    assert list(table_lines(ending)) == [
        "orders: 1,200 records, 1,000 new, 200 updated, 12 columns, 34.5 kB",
        "orders_lines: 5 records, 5 new, 0 updated, 1 column, 99 bytes",
    ]
    assert ending.line == "Collected 1,205 records in 2 reads into 2 tables; everything is in out.duckdb."


def test_what_is_not_known_is_left_out():
    ending = summary(
        result(ORDERS, TableSummary(table="x", records=1, new=None, updated=None, columns=None, bytes=1)), "a.duckdb"
    )
    assert list(table_lines(ending))[1] == "x: 1 record, 1 byte"

    only = TableSummary(table="x", records=1, new=1, updated=None, columns=None, bytes=1)
    assert drawn(summary(result(only), "a.duckdb"))[0].split() == ["table", "records", "new", "size"]


def test_tables_of_which_no_more_is_known_than_the_line_says_get_none():
    plain = TableSummary(table="orders", records=3, new=None, updated=None, columns=None, bytes=5)
    ending = summary(result(plain), "out.jsonl")

    assert ending.tables == ()
    assert ending.line == "Collected 3 records in 2 reads into 1 table: orders 3; everything is in out.jsonl."


def test_many_tables_are_cut_short():
    many = [TableSummary(table=f"t{index}", records=2, new=2, updated=0, columns=1, bytes=10) for index in range(1000)]
    ending = summary(result(*many), "out.duckdb")

    assert len(drawn(ending)) == 1 + 20 + 1
    assert list(table_lines(ending))[-1] == "and 980 more (1,960 records)"


def test_a_table_s_name_is_made_harmless():
    odd = TableSummary(table="a\x1b[2J\nb" * 50, records=1, new=1, updated=0, columns=1, bytes=1)

    lines = drawn(summary(result(odd), "out.duckdb"), width=60)
    assert len(lines) == 2
    assert max(map(len, lines)) <= 60
    assert "\x1b" not in "".join(lines)


@pytest.mark.parametrize(
    ("target", "tables", "hint"),
    [
        ("out.duckdb", ["orders"], "duckdb out.duckdb 'select * from orders limit 5'"),
        ("a b's.sqlite", ["my table", "orders"], "sqlite3 'a b'\"'\"'s.sqlite' 'select * from orders limit 5'"),
        ("-x.sqlite", ["t"], "sqlite3 ./-x.sqlite 'select * from t limit 5'"),
        ("out.duckdb", ["my-table", "order", "1st", "é"], None),
        ("out.jsonl", ["orders"], None),
        ("sqs", ["orders"], None),
        ("out.duckdb", [], None),
    ],
)
def test_sql_can_be_asked_at_once(target, tables, hint):
    assert sql_hint(target, tables, lambda shell: True) == hint


@pytest.mark.parametrize("suffix", [".duckdb", ".sqlite"])
def test_the_hint_can_be_typed_as_it_stands(tmp_path, suffix):
    file = tmp_path / f'it\'s; a "$file"{suffix}'
    with open_sink(str(file)) as sink:
        sink.write("orders", {"id": 42})

    shell, name, query = shlex.split(sql_hint(str(file), ["orders"], lambda shell: True))
    assert (shell, name, query) == ({".duckdb": "duckdb", ".sqlite": "sqlite3"}[suffix], str(file), QUERY)

    by_python = sql_hint(str(file), ["orders"], lambda shell: False)
    assert by_python.startswith("python -c ")
    asked = by_python.replace("python", shlex.quote(sys.executable), 1)
    done = subprocess.run(asked, shell=True, capture_output=True, text=True, check=True)
    assert "42" in done.stdout


# After Ctrl-C


def stopped(**settings):
    failure = Failure(during="read() number 3", error=KeyboardInterrupt())
    return result(ORDERS, finished=False, failures=(failure,), **settings)


def test_after_ctrl_c_it_says_where_the_records_are_and_with_what_to_go_on():
    ending = summary(stopped(state={"page": "it's 3"}), "out.duckdb")

    assert ending.line.endswith("the source was not read to its end; these are in out.duckdb.")
    (param,) = [shlex.split(hint)[-1] for hint in ending.hints if hint.startswith("To go on")]
    assert param == """state={"page": "it's 3"}"""
    assert "these are in out.jsonl.part" in summary(stopped(), "out.jsonl").line
    assert "these were delivered" in summary(stopped(), "sqs").line


@pytest.mark.parametrize("state", [{}, {"long": "x" * 1000}, {"odd": object()}])
def test_a_state_that_nobody_can_type_is_not_shown(state):
    assert not [hint for hint in summary(stopped(state=state), "sqs").hints if hint.startswith("To go on")]


@pytest.mark.parametrize(
    ("ended", "hint"),
    [
        (stopped(state={"page": 3}), "To go on from there, run it again with the same --state."),
        (stopped(), "The source reported no state: the next run reads everything again."),
        (result(finished=False), None),
        (result(ORDERS, state={"page": 3}), None),
    ],
)
def test_where_a_state_is_kept_it_is_said_what_the_next_run_does(ended, hint):
    told = [text for text in summary(ended, "out.jsonl", "s.json").hints if "--state" in text or "no state" in text]

    assert told == ([hint] if hint else [])


def test_a_source_that_went_on_and_found_no_more_has_nothing_new():
    assert summary(result(state={"page": 3}), "-", "s.json").line.endswith("; the source had nothing new.")
    assert summary(result(), "-", "s.json").line.endswith("; the source had none.")


def test_a_hint_that_would_hold_a_credential_is_not_given():
    stream = io.StringIO()

    Screen(stream, Mask(["hunter2/hunter2"])).summary(stopped(state={"next": "hunter2/hunter2"}), "sqs")

    assert "To go on" not in stream.getvalue()
    assert "***" not in stream.getvalue()


def test_quiet_leaves_the_last_line():
    stream = io.StringIO()

    Screen(stream, Mask(), Loudness(quiet=True)).summary(result(ORDERS), "out.duckdb")

    assert stream.getvalue().startswith("Collected 1,200 records")
    assert stream.getvalue().count("\n") == 1


def test_what_is_known_to_be_delivered_is_said_where_not_all_is():
    assert summary(stopped(delivered=False), "sqs", delivered=900).line.endswith("; 900 of them delivered.")
    assert summary(stopped(delivered=False), "sqs").line.endswith("; not all of them delivered.")
