"""What is told of a source's dealings with the world: enough to decide by, and no value of a record, and no credential."""

from __future__ import annotations

import datetime as dt
import itertools
import textwrap
from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panoply.loading import load_source
from panoply_testing import _dealings
from panoply_testing._blame import Doer
from panoply_testing._dealings import Notes, shape_of, type_of
from panoply_testing.dealings import Column, File, Host, Program
from panoply_testing.faults import Operation
from panoply_testing.isolation import Limits, observe
from panoply_testing.plans import AGAIN, CLEAN

OWN = Doer(where="acme/source.py:7 in read")


def told(notes, *, mask=str, unseen=(), touched=(), started=()):
    return notes.told(mask=mask, unseen=unseen, touched=touched, started=started)


@pytest.fixture
def notes():
    return Notes({}, lambda: "acme")


def operations(*pairs):
    numbers = itertools.count(1)
    return [Operation(number=next(numbers), kind="send", host=host, request=request) for host, request in pairs]


# ---------------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("value", "kind", "shape"),
    [
        ("Ada Łoś 12, <x>", "text", "Aaa Aaa 99, <a>"),
        ("line\nbreak", "text", "aaaa·aaaaa"),
        ("x" * 25, "text", f"{'a' * 24}... (25 characters)"),
        (-12.5, "number", "-99.9"),
        (Decimal("7.10"), "number", "9.99"),
        (True, "true or false", "true or false"),
        (41, "integer", "99"),
        (dt.date(2024, 5, 31), "date", "9999-99-99"),
        (
            dt.datetime(2024, 5, 31, 10, tzinfo=dt.UTC),
            "date and time",
            "9999-99-99 99:99:99+99:9... (25 characters)",
        ),
        ({"a": 1, "b": 2}, "object", "{2}"),
        ([1, 2, 3], "list", "[3]"),
        (b"abc", "bytes", "3 bytes"),
        (None, "NoneType", "null"),
        (object(), "object", "<object>"),
    ],
)
def test_a_value_is_told_by_its_type_and_its_shape(value, kind, shape):
    assert (type_of(value), shape_of(value)) == (kind, shape)


@given(st.text())
def test_no_letter_and_no_digit_of_a_text_is_in_its_shape(text):
    shape, _, _ = shape_of(text).partition("... (")
    assert set(shape) <= set("Aa9·") | _dealings._STRUCTURE
    assert len(shape) <= _dealings.LONGEST_SHAPE


# None that is its own shape.
WORDS = st.from_regex(r"[b-z]{4}[B-Z0-8@._-]{6,20}", fullmatch=True)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.sampled_from(["id", "name", "mail", "__state"]), WORDS, min_size=1), WORDS)
def test_no_value_of_a_record_is_told_also_where_a_request_asks_for_it(record, id_):
    notes = Notes({"destination": "acme_{name}"}, lambda: "acme")
    notes.record({**record, "key": id_}, None)
    notes.operations(operations(*(("api.acme.com:443", f"GET /things/{value}") for value in (*record.values(), id_))))
    said = repr(told(notes))
    assert not [value for value in (*record.values(), id_) if value in said]


# ---------------------------------------------------------------------- tables


def test_a_table_has_the_types_of_its_columns_and_how_many_have_a_value(notes):
    for row in ({"id": 1, "name": "Ada"}, {"id": "2b", "name": None}, {"id": 3}):
        notes.record(row, None)
    [table] = told(notes).tables
    assert (table.table, table.records, table.looked_at, table.column_count) == ("acme", 3, 3, 2)
    assert table.columns == (
        Column(column="id", types=("integer", "text"), filled=3, samples=("9", "9a")),
        Column(column="name", types=("text",), filled=1, samples=("Aaa", "null")),
    )


@pytest.mark.parametrize(
    ("params", "row", "resource", "name"),
    [
        ({}, {"id": 1}, None, "acme"),
        ({"type": "crm"}, {"id": 1}, None, "crm"),
        ({}, {"__table": "people"}, None, "people"),
        ({"destination": "mine"}, {"__table": "people"}, None, "mine"),
        ({"destination": "mine"}, {"id": 1}, "orders", "mine_orders"),
        ({"destination": "crm_{__table}"}, {"__table": "people"}, None, "crm_people"),
        ({"destination": "crm_{resource_id}"}, {"id": 1}, "orders", "crm_orders"),
        ({"destination": "crm_{country}"}, {"country": "nl"}, None, "crm_{country}"),
    ],
)
def test_a_table_is_called_as_the_platform_calls_it_but_for_what_a_value_would_fill_in(params, row, resource, name):
    notes = Notes(params, lambda: "acme")
    notes.record(row, resource)
    assert [each.table for each in told(notes).tables] == [name]


def test_of_many_records_tables_and_columns_the_first_are_looked_at_and_all_are_counted(notes):
    for number in range(_dealings.LOOKED_AT + 5):
        notes.record({"id": number, "__table": "a"}, None)
    for _ in range(2):
        notes.record({**{f"c{number}": 1 for number in range(_dealings.MOST_COLUMNS + 7)}, "__table": "wide"}, None)
    for number in range(_dealings.MOST_TABLES):
        notes.record({"__table": f"t{number}"}, None)
    first, wide, *others = told(notes).tables
    assert (first.records, first.looked_at) == (_dealings.LOOKED_AT + 5, _dealings.LOOKED_AT)
    assert first.columns[0].filled == _dealings.LOOKED_AT
    assert (len(wide.columns), wide.column_count) == (_dealings.MOST_COLUMNS, _dealings.MOST_COLUMNS + 8)
    assert len(others) == _dealings.MOST_TABLES - 2


def test_what_a_record_s_own_class_raises_is_for_others_to_tell(notes):
    class Odd(dict):
        def items(self):
            raise RuntimeError("not today")

    notes.record(Odd(id=1), None)
    notes.record("no record", None)
    notes.record({"id": 1}, None)
    assert told(notes).tables[0].columns[0].column == "id"


# ---------------------------------------------------------------------- the rest


@pytest.mark.parametrize(
    ("request_", "shown"),
    [
        ("GET /v2/orders", "GET /v2/orders"),
        ("GET /orders/17/items", "GET /orders/*/items"),
        ("POST /users/ada@example.com", "POST /users/*"),
        ("GET /users/ada%40example.com", "GET /users/*"),
        ("GET /0c1d2e3f-4a5b-4c6d-8e7f-901234567890", "GET /*"),
        ("GET /data/orders.csv?token=x", "GET /data/orders.csv"),
        ("GET /data/orders-2024-05.csv", "GET /data/*"),
        ("GET /", "GET /"),
    ],
)
def test_of_a_request_the_parts_that_are_words_are_told(notes, request_, shown):
    notes.operations(operations(("api.acme.com:443", request_)))
    assert told(notes).hosts[0].requests == (shown,)


def test_a_host_is_told_once_with_what_was_seen_of_it(notes):
    notes.operations(
        [
            Operation(number=1, kind="lookup", host="api.acme.com"),
            Operation(number=2, kind="connect", host="api.acme.com:443"),
            Operation(number=3, kind="handshake", host="api.acme.com:443"),
            Operation(number=4, kind="lookup", host="gone.acme.com"),
        ]
    )
    assert told(notes, unseen=["db.acme.com:5432", "api.acme.com:443"]).hosts == (
        Host(host="api.acme.com:443", operations=2, encrypted=True),
        Host(host="gone.acme.com", operations=1),
        Host(host="db.acme.com:5432"),
    )


def test_a_program_is_told_by_its_name_and_its_options(notes):
    started = [
        (("/usr/bin/psql", "-Usecret", "--file=secret.sql", "secret", "--", "-"), OWN),
        (("true",), OWN),
        (("ldconfig", "-p"), Doer(by="ctypes")),
    ]
    assert told(notes, started=started).programs == (
        Program(program="psql", arguments="-U --file and 3 more", where=OWN.where),
        Program(program="true", where=OWN.where),
    )


def test_what_is_told_is_masked(notes):
    notes.record({"tk-12345": 1, "__table": "of tk-12345"}, None)
    notes.operations(operations(("tk-12345.acme.com", "GET /tk-12345")))
    touched = [("/tmp/tk-12345", "read", OWN)]
    started = [(("tk-12345", "--tk-12345"), OWN)]
    said = repr(told(notes, mask=lambda text: text.replace("tk-12345", "***"), touched=touched, started=started))
    assert "tk-12345" not in said
    assert said.count("***") >= 4


def test_a_run_from_start_to_end_tells_what_the_source_did_and_no_other_run_does(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "given.csv").write_text("1")
    path = tmp_path / "acme.py"
    body = """
        import os, subprocess, tempfile
        import panoply
        CONFIG = {"title": "T", "params": []}

        class Stream(panoply.DataSource):
            done = False

            def read(self, n=None):
                if self.done:
                    return None
                self.done = True
                open(os.__file__).close()  # of Python's
                open("given.csv").close()
                os.mkdir("made")
                os.rmdir("made")
                with tempfile.NamedTemporaryFile() as file:
                    file.write(b"x")
                subprocess.run(["true", "--quiet", self.source["token"]])
                return [{"id": 1, "name": "Ada Lovelace"}]
        """
    path.write_text(textwrap.dedent(body))

    def seen(plan):
        limits = Limits(read_timeout=20.0, max_reads=10)
        load = partial(load_source, str(path))
        return observe(plan, load=load, params={"token": "tk-1234567"}, options={}, limits=limits).dealings

    dealings = seen(CLEAN)
    assert [(each.table, each.records) for each in dealings.tables] == [("acme", 1)]
    assert File(path="./given.csv", how="read", where="acme.py:14 in read") in dealings.files
    assert {(each.path, each.how) for each in dealings.files} >= {
        ("./made", "made, a folder"),
        ("./made", "removed or shortened"),
        ("$TMPDIR/tmp*", "written"),
    }
    assert not [each for each in dealings.files if each.path.endswith(("os.py", "acme.py"))]
    assert dealings.programs == (Program(program="true", arguments="--quiet and 1 more", where="acme.py:19 in read"),)
    assert not {"Lovelace", "tk-1234567"} & set(repr(dealings).replace("'", " ").split())
    assert seen(AGAIN) is None
