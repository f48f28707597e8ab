{% set is_async = cookiecutter.mode == "async" %}
{% set a = "async " if is_async else "" %}
{% set w = "await " if is_async else "" %}
{% set auth = cookiecutter.auth %}
{% set sqlite = auth == "none" %}
{% set options = "panoply_options" if auth == "oauth2" else "{}" %}
{% set asked = ", panoply_options" if auth == "oauth2" else "" %}
{% set credential = {"token": "token", "password": "password", "oauth2": "access_token", "none": ""}[auth] %}
"""What is particular to this source. What holds for every source, the data source contract checks."""

import json
import re
{% if sqlite %}
import sqlite3
{% endif %}
import tomllib
{% if not sqlite %}
from datetime import UTC, date, datetime, time
from decimal import Decimal
{% endif %}
from pathlib import Path
{% if not sqlite %}
from uuid import UUID
{% endif %}

import panoply
{% if not sqlite %}
import psycopg
{% endif %}
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from panoply.config import Config
from panoply.params import check_params

from {{ cookiecutter.package }} import CONFIG, Stream
{% if is_async %}

pytestmark = pytest.mark.anyio
{% endif %}


def content(batches):
    """Put the rows into an order, with their tables, so that they can be compared."""
    rows = [{name: value for name, value in row.items() if name != "__state"} for batch in batches for row in batch]
    return sorted(rows, key=repr)


def everything(database, *tables):
    """Tell what is to come of these tables, or of all."""
    rows = database.rows
    return content([[{**row, "__table": table} for row in rows[table]] for table in tables or rows])


{{ a }}def drain(stream, sizes=(None,)):
    """Read to the end, asking for each of `sizes` in turn, over and over."""
    batches = []
    while (batch := {{ w }}stream.read(sizes[len(batches) % len(sizes)])) is not None:
        batches.append(batch)
        assert len(batches) < 1000, "it never ends"
    return batches


def test_every_row_is_read_once(database, panoply_collect):
    collected = panoply_collect()
    assert content(collected.batches) == everything(database)
    assert collected.logs


# The sizes that are asked for, and the number of batches after which the run is stopped and another one goes on.
@settings(deadline=None, max_examples={{ 100 if sqlite else 25 }})
@given(st.lists(st.none() | st.integers(0, 70), min_size=1, max_size=4), st.integers(1, 30))
{{ a }}def test_every_row_is_read_once_wherever_it_stops(running_database, sizes, stop):
    params = running_database.params
    first, states, before = Stream(dict(params), {{ "running_database.options" if auth == "oauth2" else "{}" }}), [], []
    first.on("source-state", states.append)
    while len(before) < stop and (batch := {{ w }}first.read(sizes[len(before) % len(sizes)])) is not None:
        before.append(batch)
    {{ w }}first.close()
    if batch is None:
        assert content(before) == everything(running_database)
    state = json.loads(json.dumps(states[-1]["state"]))
    second = Stream(params | {"state": state}, {{ "running_database.options" if auth == "oauth2" else "{}" }})
    after = {{ w }}drain(second, sizes)
    {{ w }}second.close()
    assert "state" not in second.source
    # Where only tables without rows were left, the second run is one that starts over.
    assert everything(running_database) in (content(before + after), content(after))


{{ a }}def test_a_run_that_has_nothing_left_to_go_on_with_starts_over(database, panoply_params{{ asked }}):
    chosen = panoply_params | {"tables": ["orders", "returns"]}
    stream, states = Stream(dict(chosen), {{ options }}), []
    stream.on("source-state", states.append)
    {{ w }}drain(stream)
    {{ w }}stream.close()
    assert states[-1]["state"] == {"finished": ["orders"], "table": "returns", "after": None}
    again = Stream(chosen | {"state": states[-1]["state"]}, {{ options }})
    assert content({{ w }}drain(again)) == everything(database, "orders")
    assert {{ w }}again.read() is None
    {{ w }}again.close()


{{ a }}def test_after_everything_the_next_run_starts_at_the_beginning(database, panoply_params{{ asked }}):
    stream, states = Stream(panoply_params | {"tables": ["visits"]}, {{ options }}), []
    stream.on("source-state", states.append)
    {{ w }}drain(stream)
    {{ w }}stream.close()
    assert states[-1]["state"] == {"finished": [], "table": None, "after": None}


@pytest.mark.parametrize("chosen", ["orders", {"name": "orders", "value": "orders"}])
def test_only_what_was_chosen_is_read(database, panoply_params, panoply_collect, chosen):
    collected = panoply_collect(panoply_params | {"tables": [chosen, chosen]})
    assert content(collected.batches) == everything(database, "orders")


{{ a }}def test_an_unknown_table_is_reported(panoply_params{{ asked }}):
    stream = Stream(panoply_params | {"tables": ["orders", "nope"]}, {{ options }})
    with pytest.raises(panoply.PanoplyException, match=r"no table nope .* customers, orders") as caught:
        {{ w }}stream.read()
    assert not caught.value.retryable
    {{ w }}stream.close()


# Of each kind of key: how many rows there are, and the table.
{% if sqlite %}
KEYS = {
    "a number": (
        3,
        "CREATE TABLE keyed (key INTEGER PRIMARY KEY); INSERT INTO keyed VALUES (3), (-1), (9007199254740993)",
    ),
    "text": (
        4,
        "CREATE TABLE keyed (key TEXT NOT NULL PRIMARY KEY); INSERT INTO keyed VALUES ('b'), ('B'), (''), ('ä')",
    ),
    "bytes": (
        3,
        "CREATE TABLE keyed (key BLOB NOT NULL PRIMARY KEY); INSERT INTO keyed VALUES (x'ff'), (x'00'), (x'0010')",
    ),
    "no row numbers": (
        2,
        "CREATE TABLE keyed (key TEXT PRIMARY KEY) WITHOUT ROWID; INSERT INTO keyed VALUES ('b'), ('a')",
    ),
    "NULL": (4, "CREATE TABLE keyed (key TEXT PRIMARY KEY); INSERT INTO keyed VALUES (NULL), (NULL), ('a'), ('b')"),
    "none": (3, "CREATE TABLE keyed (RowID TEXT, oid TEXT); INSERT INTO keyed VALUES ('b', 1), ('b', 1), ('a', 1)"),
    "odd names": (
        3,
        """CREATE TABLE keyed ("a ""b""%s?" INT NOT NULL, "c'" INT NOT NULL, PRIMARY KEY ("c'", "a ""b""%s?"));
        INSERT INTO keyed VALUES (1, 1), (2, 1), (1, 2)""",
    ),
}
{% else %}
KEYS = {
    "a number": (
        3,
        "CREATE TABLE keyed (key bigint PRIMARY KEY); INSERT INTO keyed VALUES (3), (-1), (9007199254740993)",
    ),
    "text": (
        5,
        "CREATE TABLE keyed (key text PRIMARY KEY); INSERT INTO keyed VALUES ('b'), ('B'), (''), ('ä'), ('%s')",
    ),
    "bytes": (
        3,
        "CREATE TABLE keyed (key bytea PRIMARY KEY); INSERT INTO keyed VALUES ('\\xff'), ('\\x00'), ('\\x0010')",
    ),
    "NaN": (4, "CREATE TABLE keyed (key float8 PRIMARY KEY); INSERT INTO keyed VALUES ('nan'), ('inf'), (0.1), (0.3)"),
    "a moment": (
        3,
        """CREATE TABLE keyed (key timestamptz PRIMARY KEY);
        INSERT INTO keyed VALUES ('2024-03-31 01:00:00.000001+00'), ('2024-03-31 01:00:00.000002+00'), ('infinity')""",
    ),
    "a word of a list": (
        3,
        """CREATE TYPE size AS ENUM ('small', 'large', 'huge');
        CREATE TABLE keyed (key size PRIMARY KEY); INSERT INTO keyed VALUES ('huge'), ('large'), ('small')""",
    ),
    "none": (
        3,
        "CREATE TABLE keyed (a json, b float8[]); INSERT INTO keyed VALUES ('1', NULL), (NULL, '{1}'), ('1', NULL)",
    ),
    "odd names": (
        3,
        """CREATE TABLE keyed ("a ""b""%s%" int, "c'" int, whole int, PRIMARY KEY ("c'", "a ""b""%s%"));
        INSERT INTO keyed VALUES (1, 1), (2, 1), (1, 2)""",
    ),
    "partitions": (
        4,
        """CREATE TABLE keyed (key int PRIMARY KEY) PARTITION BY RANGE (key);
        CREATE TABLE low PARTITION OF keyed FOR VALUES FROM (0) TO (10);
        CREATE TABLE high PARTITION OF keyed FOR VALUES FROM (10) TO (20);
        INSERT INTO keyed VALUES (1), (2), (11), (12)""",
    ),
    "heirs": (
        2,
        """CREATE TABLE keyed (key int PRIMARY KEY); CREATE TABLE heir () INHERITS (keyed);
        INSERT INTO keyed VALUES (1), (2); INSERT INTO heir VALUES (1), (3)""",
    ),
    "a view": (3, "CREATE VIEW keyed AS SELECT 1 AS key, 2 AS digest UNION ALL SELECT 2, 1 UNION ALL SELECT 1, 2"),
}
{% endif %}


@pytest.mark.parametrize("key", KEYS)
{{ a }}def test_rows_are_told_apart_by(database, panoply_params{{ asked }}, key):
    count, statements = KEYS[key]
    database.run(statements)
    stream = Stream(panoply_params | {"tables": ["keyed"]}, {{ options }})
    whole = content({{ w }}drain(stream))
    {{ w }}stream.close()
    assert len(whole) == count
    batches, state = [], {}
    # Each row by a run of its own, from the state that the last one left behind.
    for _ in range(count):
        stream, states = Stream(panoply_params | {"tables": ["keyed"], "state": state}, {{ options }}), []
        stream.on("source-state", states.append)
        batches.append({{ w }}stream.read(1))
        {{ w }}stream.close()
        state = json.loads(json.dumps(states[0]["state"]))
    assert content(batches) == whole
    assert state["table"] is None


{% if sqlite %}
VALUES = [
    ("NULL", None),
    ("12", 12),
    ("1.5", 1.5),
    ("'ä'", "ä"),
    ("x'00ff'", "00ff"),
    ("9e999", None),
    ("CAST(x'61ff' AS TEXT)", "a\N{REPLACEMENT CHARACTER}"),
]
{% else %}
VALUES = [
    ("NULL::int", None),
    ("true", True),
    ("9007199254740993", 9007199254740993),
    ("1.5::float8", 1.5),
    ("'NaN'::float8", None),
    ("'-Infinity'::float4", None),
    ("1.10::numeric", Decimal("1.10")),
    ("'NaN'::numeric", None),
    ("'ä'::text", "ä"),
    ("'\\x00ff'::bytea", "\\x00ff"),
    ("'10.0.0.1/8'::inet", "10.0.0.1/8"),
    ("'[1,5)'::int4range", "[1,5)"),
    ("'1 month 2 days 3 hours'::interval", "1 mon 2 days 03:00:00"),
    ("'2024-02-29'::date", date(2024, 2, 29)),
    ("'infinity'::date", "infinity"),
    ("'0044-03-15 BC'::date", "0044-03-15 BC"),
    ("'24:00'::time", "24:00:00"),
    ("'12:30'::time", time(12, 30)),
    ("'2024-02-29 12:30+02'::timestamptz", datetime(2024, 2, 29, 10, 30, tzinfo=UTC)),
    ("'infinity'::timestamp", "infinity"),
    ("ARRAY[ARRAY[1, NULL], ARRAY['NaN', 2]]::float8[]", [[1.0, None], [None, 2.0]]),
    ("'{10.0.0.1}'::inet[]", ["10.0.0.1"]),
    ("""'{"a": [1e999, "b"]}'::json""", {"a": [None, "b"]}),
    ("""'"\\ud800"'::json""", "?"),
    ("'7d444840-9dc0-11d1-b245-5ffdce74fad2'::uuid", UUID("7d444840-9dc0-11d1-b245-5ffdce74fad2")),
    ("row(1, 'a')::text", "(1,a)"),
]
{% endif %}


@pytest.mark.parametrize(("literal", "value"), VALUES, ids=[literal for literal, _ in VALUES])
def test_a_value_arrives_as_json_can_hold_it(database, panoply_params, panoply_collect, literal, value):
    database.run(f"CREATE TABLE odd AS SELECT {literal} AS value")
    (record,) = panoply_collect(panoply_params | {"tables": ["odd"]}).records
    assert record["value"] == value
    assert type(record["value"]) is type(value)


{% if sqlite %}
{{ a }}def test_a_file_that_is_not_there_is_reported(panoply_bad_params):
    with pytest.raises(panoply.PanoplyException, match=r"nowhere\.db could not be read: .* path") as caught:
        {{ w }}Stream(panoply_bad_params, {}).read()
    assert not caught.value.retryable
    assert not Path(panoply_bad_params["path"]).exists()


{{ a }}def test_a_file_that_is_no_database_is_reported(tmp_path):
    path = tmp_path / "what? #1.db"
    path.write_text("no database" * 100)
    with pytest.raises(panoply.PanoplyException, match="not a database") as caught:
        {{ w }}Stream({"path": str(path)}, {}).read()
    assert not caught.value.retryable


{{ a }}def test_a_file_that_another_program_locks_is_waited_for_and_then_reported(database, panoply_params, monkeypatch):
    monkeypatch.setattr("{{ cookiecutter.package }}.database.PATIENCE", 0)
    stream = Stream(panoply_params, {})
    batches = [{{ w }}stream.read(7)]
    other = sqlite3.connect(database.path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(panoply.PanoplyException, match="locked") as caught:
        {{ w }}stream.read()
    assert caught.value.retryable
    other.close()
    assert content(batches + {{ w }}drain(stream)) == everything(database)
    {{ w }}stream.close()


@pytest.mark.parametrize("path", [None, "", "  "])
def test_what_is_missing_is_named(path):
    with pytest.raises(panoply.PanoplyException, match="'path' is missing") as caught:
        Stream({"path": path}, {})
    assert not caught.value.retryable


{{ a }}def test_nothing_can_be_written(panoply_params):
    stream = Stream(panoply_params, {})
    {{ w }}stream.read()
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        stream._database._connection.execute("DROP TABLE customers")
    {{ w }}stream.close()
{% else %}
{{ a }}def test_a_lost_connection_is_reported_and_made_anew(database, panoply_params{{ asked }}):
    stream, batches, failures = Stream(panoply_params, {{ options }}), [], []
    while True:
        if len(batches) in (0, 3, 7, 12):
            database.disconnect()
        try:
            batch = {{ w }}stream.read(9)
        except panoply.PanoplyException as exc:
            failures.append(exc)
            batch = {{ w }}stream.read(9)
        if batch is None:
            break
        batches.append(batch)
    {{ w }}stream.close()
    assert content(batches) == everything(database)
    assert len(failures) == 3
    assert all(each.retryable for each in failures)
    assert "terminat" in str(failures[0])


# The server's own time limit, and that for a server which does not keep it.
@pytest.mark.parametrize(("grace", "why"), [(5, "'timeout' allows"), (-1, {{ '"no answer"' if is_async else '"closed"' }})])
{{ a }}def test_a_query_that_takes_long_is_ended(database, panoply_params{{ asked }}, monkeypatch, grace, why):
    monkeypatch.setattr("{{ cookiecutter.package }}.database.GRACE", grace)
    stream = Stream(panoply_params | {"tables": ["orders"], "timeout": 2 if grace < 0 else 1}, {{ options }})
    batches = [{{ w }}stream.read(5)]
    with psycopg.connect(database.server.url) as other:
        other.execute("LOCK TABLE orders")
        with pytest.raises(panoply.PanoplyException, match=why) as caught:
            {{ w }}stream.read(5)
    assert caught.value.retryable
    assert content(batches + {{ w }}drain(stream)) == everything(database, "orders")
    {{ w }}stream.close()


{% if auth == "oauth2" %}
def test_an_access_token_that_has_expired_is_replaced(database, panoply_params, panoply_collect):
    collected = panoply_collect(panoply_params | {"access_token": "expired"})
    assert content(collected.batches) == everything(database)
    assert ("source-change", {"access_token": database.access_token}) in collected.events


{{ a }}def test_an_access_token_may_expire_in_the_middle(database, panoply_params, panoply_options):
    stream = Stream(panoply_params, panoply_options)
    batches = [{{ w }}stream.read(7)]
    database.new_password()
    database.disconnect()
    with pytest.raises(panoply.PanoplyException):
        {{ w }}stream.read(7)
    assert content(batches + {{ w }}drain(stream)) == everything(database)
    {{ w }}stream.close()
    assert stream.source["access_token"] == database.access_token


{{ a }}def test_refused_access_is_reported(panoply_bad_params, panoply_options):
    with pytest.raises(panoply.PanoplyException, match="connect the account again") as caught:
        {{ w }}Stream(panoply_bad_params, panoply_options).read()
    assert not caught.value.retryable
    assert panoply_bad_params["access_token"] not in str(caught.value)


{{ a }}def test_access_that_is_refused_even_when_fresh_is_reported(database, panoply_params, panoply_options):
    database.run("ALTER ROLE reader NOLOGIN")
    try:
        with pytest.raises(panoply.PanoplyException, match="refused the access") as caught:
            {{ w }}Stream(panoply_params, panoply_options).read()
    finally:
        database.run("ALTER ROLE reader LOGIN")
    assert not caught.value.retryable
{% else %}
{{ a }}def test_a_refused_{{ credential }}_is_reported(panoply_bad_params):
    with pytest.raises(panoply.PanoplyException, match="refused {{ "user and password" if auth == "password" else "the token" }}") as caught:
        {{ w }}Stream(panoply_bad_params, {}).read()
    assert not caught.value.retryable
    assert panoply_bad_params["{{ credential }}"] not in str(caught.value)


{{ a }}def test_a_{{ credential }}_may_expire_in_the_middle(database, panoply_params):
    stream = Stream(panoply_params, {})
    {{ w }}stream.read(7)
    database.new_password()
    database.disconnect()
    with pytest.raises(panoply.PanoplyException, match="terminat"):
        {{ w }}stream.read(7)
    with pytest.raises(panoply.PanoplyException, match="refused") as caught:
        {{ w }}stream.read(7)
    assert not caught.value.retryable
{% endif %}


@pytest.mark.parametrize("name", ["host", "dbname", "user", "{{ credential }}"])
@pytest.mark.parametrize("value", [None, "", "  ", "a\0-7fe1", "\ud800-7fe1"])
def test_a_param_that_cannot_be_is_named(panoply_params, name, value):
    with pytest.raises(panoply.PanoplyException, match=f"'{name}'") as caught:
        Stream(panoply_params | {name: value}, {})
    assert not caught.value.retryable
    assert "7fe1" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"), [("port", 0), ("port", "x"), ("port", 70000), ("timeout", -1), ("sslmode", "x")]
)
def test_a_setting_that_cannot_be_is_named(panoply_params, name, value):
    with pytest.raises(panoply.PanoplyException, match=f"'{name}'") as caught:
        Stream(panoply_params | {name: value}, {})
    assert not caught.value.retryable


{{ a }}def test_an_unknown_database_is_reported(panoply_params{{ asked }}):
    with pytest.raises(panoply.PanoplyException, match='database "nope" does not exist') as caught:
        {{ w }}Stream(panoply_params | {"dbname": "nope"}, {{ options }}).read()
    assert not caught.value.retryable


{{ a }}def test_a_server_that_is_not_there_is_reported_and_may_come_back(database, panoply_params{{ asked }}):
    stream = Stream(panoply_params | {"port": 1}, {{ options }})
    with pytest.raises(panoply.PanoplyException, match=r"The database postgres on 127\.0\.0\.1: .*refused") as caught:
        {{ w }}stream.read()
    assert caught.value.retryable


{{ a }}def test_what_may_not_be_read_is_not_offered(database, panoply_params{{ asked }}):
    database.run("REVOKE SELECT ON orders FROM reader")
    stream = Stream(panoply_params | {"tables": ["orders"]}, {{ options }})
    with pytest.raises(panoply.PanoplyException, match="no table orders"):
        {{ w }}stream.read()
    {{ w }}stream.close()


{{ a }}def test_a_table_that_is_gone_in_the_middle_is_reported(database, panoply_params{{ asked }}):
    stream = Stream(panoply_params, {{ options }})
    {{ w }}stream.read(5)
    database.run("DROP TABLE customers")
    with pytest.raises(panoply.PanoplyException, match=r'"public\.customers" does not exist') as caught:
        {{ w }}stream.read(5)
    assert not caught.value.retryable


def test_another_schema_is_read(database, panoply_params, panoply_collect):
    database.run(
        """
        DROP SCHEMA IF EXISTS "od""d" CASCADE; CREATE SCHEMA "od""d"; GRANT USAGE ON SCHEMA "od""d" TO reader;
        CREATE TABLE "od""d"."1%" AS SELECT 7 AS id;
        """
    )
    collected = panoply_collect(panoply_params | {"schema_name": 'od"d'})
    assert content(collected.batches) == [{"id": 7, "__table": "1%"}]


{{ a }}def test_nothing_can_be_written(panoply_params{{ asked }}):
    stream = Stream(panoply_params, {{ options }})
    {{ w }}stream.read()
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        {{ w }}stream._database._connection.execute("DROP TABLE customers")
    {{ w }}stream.close()
{% endif %}


{{ a }}def test_a_database_without_tables_is_reported(database, panoply_params{{ asked }}):
    database.run("DROP TABLE customers; DROP TABLE orders; DROP TABLE returns; DROP TABLE visits")
    stream = Stream(panoply_params, {{ options }})
    with pytest.raises(panoply.PanoplyException, match="no table at all") as caught:
        {{ w }}stream.read()
    assert not caught.value.retryable
    {{ w }}stream.close()


def test_progress_ends_complete(database, panoply_collect):
{% if not sqlite %}
    database.run("ANALYZE customers, orders, returns")
{% endif %}
    seen = panoply_collect(n=20).progress
    assert all(0 <= each["loaded"] <= each["total"] for each in seen)
    assert (seen[-1]["loaded"], seen[-1]["total"]) == (110, 110)
    # Tables without rows, or of which nobody knows how many there are, count as one.
    assert seen[0]["total"] == {{ "60 + 30 + 1 + 20" if sqlite else "60 + 30 + 1 + 1" }}


def test_rows_go_to_a_table_each(panoply_params, panoply_collect):
    assert panoply_collect().source["destination"] == "{{ cookiecutter.package }}_{__table}"
    assert panoply_collect(panoply_params | {"destination": "mine"}).source["destination"] == "mine"


def test_the_form_offers_what_there_is(panoply_params{{ asked }}):
    tables = Config.parse(CONFIG).param("tables")
    names = ["customers", "orders", "returns", "visits"]
    assert tables.call_values(panoply_params, {{ options }}) == [{"name": name, "value": name} for name in names]


def test_the_example_of_params_fits_the_form(panoply_params):
    text = (Path(__file__).parents[1] / "params.example.toml").read_text(encoding="utf-8")
    config = Config.parse(CONFIG)
    assert re.findall(r"^(?:# )?(\w+) = ", text, re.MULTILINE) == [param.name for param in config.params]
    filled_in = {name: panoply_params[name] for name in tomllib.loads(text)}
    assert check_params(config, filled_in) == ()
