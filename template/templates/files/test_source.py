{% set is_async = cookiecutter.mode == "async" %}
{% set a = "async " if is_async else "" %}
{% set w = "await " if is_async else "" %}
{% set auth = cookiecutter.auth %}
{% set fixture = "local_store" %}
{% set http = auth != "none" %}
{% set options = "panoply_options" if auth == "oauth2" else "{}" %}
{% set asked = ", panoply_options" if auth == "oauth2" else "" %}
{% set made_options = "made_store.options" if auth == "oauth2" else "{}" %}
"""What is particular to this source. What holds for every source, the data source contract checks."""

{% if http %}
import json
{% endif %}
import re
import tomllib
from itertools import cycle, islice
from pathlib import Path

import panoply
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from panoply.config import Config
from panoply.params import check_params
{% if http %}
from werkzeug import Response
{% endif %}

from {{ cookiecutter.package }} import CONFIG, Stream{{ ", store" if http }}
from {{ cookiecutter.package }}.rows import rows_of

{% if is_async %}
pytestmark = pytest.mark.anyio

{% endif %}
{% if http %}
BUSY = Response(status=429, headers={"Retry-After": "0"})
DOWN = Response(status=503)

{% endif %}

def ids(batches):
    """Name every row by its table and id."""
    return sorted((row["__table"], str(row["id"])) for batch in batches for row in batch)


def table_of(name):
    return name.rpartition(".")[0].replace("/", "_").lower()


def every_id(local_store):
    return sorted((table_of(name), str(row["id"])) for name, rows in local_store.rows.items() for row in rows)


{{ a }}def drain(stream, sizes=(None,)):
    """Read to the end, asking for each of `sizes` in turn, over and over."""
    batches = []
    for size in islice(cycle(sizes), 1000):
        if (batch := {{ w }}stream.read(size)) is None:
            return batches
        batches.append(batch)
    raise AssertionError("it was read 1,000 times, and has no end")


{{ a }}def read_until_it_fails(stream, n=None):
    batches = []
    for _ in range(1000):
        try:
            batches.append({{ w }}stream.read(n))
        except panoply.PanoplyException as exc:
            return batches, exc
    raise AssertionError("it was read 1,000 times, and never failed")


def test_every_row_is_read_once_and_whole(local_store, panoply_collect):
    collected = panoply_collect()
    assert ids(collected.batches) == every_id(local_store)
    rows = [{key: value for key, value in row.items() if key[:2] != "__"} for row in collected.records]
    assert rows == [row for name in sorted(local_store.rows) for row in local_store.rows[name]]
    assert collected.logs


# The sizes that are asked for, and the number of batches after which the run is stopped and another one goes on.
@settings(deadline=None, max_examples=40)
@given(st.lists(st.none() | st.integers(0, 40), min_size=1, max_size=4), st.integers(1, 30))
{{ a }}def test_no_row_is_lost_or_repeated_wherever_it_stops(made_store, sizes, stop):
    made_store.reset()
    first, states, before = Stream(made_store.params, {{ made_options }}), [], []
    first.on("source-state", states.append)
    for size in islice(cycle(sizes), stop):
        if (batch := {{ w }}first.read(size)) is not None:
            before.append(batch)
    {{ w }}first.close()
    assert {row["__state"] for row in before[-1]} == {states[-1]["stateId"]}
    state = {key: value for each in states for key, value in each["state"].items()}
    second = Stream(made_store.params | {"state": state}, {{ made_options }})
    after = {{ w }}drain(second, sizes)
    {{ w }}second.close()
    assert "state" not in second.source
    assert ids(before + after) == every_id(made_store)


def test_what_was_read_before_is_read_again_only_where_it_has_changed(local_store, panoply_params, panoply_collect):
    first = panoply_collect()
    state = {key: value for each in first.states for key, value in each["state"].items()}
    assert panoply_collect(panoply_params | {"state": state}).batches == []
    local_store.write("customers.csv", [{"id": "new"}])
    local_store.write("2025/customers.csv", [{"id": "newer"}])
    again = panoply_collect(panoply_params | {"state": state})
    assert ids(again.batches) == [("2025_customers", "newer"), ("customers", "new")]


def test_a_file_that_changed_after_a_stop_is_read_from_its_beginning(local_store, panoply_params, panoply_collect):
    stopped = panoply_collect(n=5).states[0]["state"]
    assert stopped["stopped"]["row"] == 5
    local_store.write(stopped["stopped"]["name"], [{"id": "new"}])
    assert ids(panoply_collect(panoply_params | {"state": stopped}).batches) == every_id(local_store)


@pytest.mark.parametrize(("pattern", "tables"), [("*.csv", {"customers"}), ("2024/*", {"2024_returns", "2024_orders"})])
def test_only_what_fits_the_pattern_is_read(panoply_params, panoply_collect, pattern, tables):
    collected = panoply_collect(panoply_params | {"pattern": pattern})
    assert {row["__table"] for row in collected.records} == tables


@pytest.mark.parametrize(
    ("name", "raw", "reason"),
    [
        ("x.csv", b"id,id\n1,2\n", "after row 0: the columns need different names"),
        ("x.csv", b"id,\n1,2\n", "after row 0: the columns need different names"),
        ("x.csv", b"id\n1\n\n2,3\n", "after row 1: 2 values for 1 columns"),
        ("x.csv", b'id\n"1', "after row 0: unexpected end of data"),
        ("x.jsonl", b'{"id": 1}\n\n[2]\n', "after row 1: a line has to be a JSON object, .* list"),
        ("x.jsonl", b"{", "after row 0: Expecting"),
        ("x.jsonl", b"[" * 100_000, "after row 0: maximum recursion depth"),
        ("x.jsonl", b'{"id": "\xff"}', "it is not UTF-8"),
    ],
)
{{ a }}def test_a_file_of_another_shape_is_reported(local_store, panoply_params{{ asked }}, name, raw, reason):
    local_store.put(name, raw)
    stream = Stream(panoply_params | {"pattern": name}, {{ options }})
    for _ in range(2):  # it does not go away
        with pytest.raises(panoply.PanoplyException, match=f"{name}.*{reason}") as caught:
            {{ w }}drain(stream, (1,))
        assert not caught.value.retryable
    {{ w }}stream.close()


{{ a }}def test_a_failure_in_mid_file_is_not_its_end(local_store, panoply_params{{ asked }}, monkeypatch):
    def failing(name, text):
        yield from islice(rows_of(name, text), 3)
        raise OSError("the disk fails")

    stream = Stream(panoply_params, {{ options }})
    with monkeypatch.context() as patched:
        patched.setattr("{{ cookiecutter.package }}.source.rows_of", failing)
        batches = [{{ w }}stream.read(2)]
        with pytest.raises(OSError, match="the disk fails"):
            {{ w }}stream.read(2)
    assert ids(batches + {{ w }}drain(stream)) == every_id(local_store)
    {{ w }}stream.close()


def test_numbers_that_json_does_not_have_arrive_as_none(local_store, panoply_params, panoply_collect):
    local_store.put("x.jsonl", b'{"id": NaN, "of": [-Infinity, 1.5]}')
    (row,) = panoply_collect(panoply_params | {"pattern": "x.jsonl"}).records
    assert (row["id"], row["of"]) == (None, [None, 1.5])


def test_a_file_without_rows_gives_an_empty_batch(local_store, panoply_collect):
    local_store.write("nothing.csv", [])
    local_store.write("nothing.jsonl", [])
    collected = panoply_collect()
    assert collected.batches.count([]) == 2
    assert ids(collected.batches) == every_id(local_store)


{% if http %}
@pytest.mark.parametrize("good", range(4))
{{ a }}def test_a_failed_read_can_be_repeated(local_store, panoply_params{{ asked }}, no_waiting, good):
    local_store.next_answers = [None] * good + [DOWN] * store.ATTEMPTS
    stream = Stream(panoply_params, {{ options }})
    before, failure = {{ w }}read_until_it_fails(stream, 30)
    assert "503" in str(failure)
    assert failure.retryable
    assert ids(before + {{ w }}drain(stream)) == every_id(local_store)


{{ a }}def test_half_a_file_is_not_taken_for_all_of_it(local_store, panoply_params{{ asked }}, no_waiting):
    half = [Response(iter([b"id\n1\n"]), headers={"Content-Length": "1000"}) for _ in range(store.ATTEMPTS)]
    local_store.next_answers = [None, *half]
    stream = Stream(panoply_params, {{ options }})
    before, failure = {{ w }}read_until_it_fails(stream)
    assert "no usable answer" in str(failure)
    assert failure.retryable
    assert ids(before + {{ w }}drain(stream)) == every_id(local_store)


def test_a_short_failure_is_not_noticed(local_store, panoply_collect, no_waiting):
    local_store.next_answers = [BUSY, None, DOWN, None]
    assert ids(panoply_collect().batches) == every_id(local_store)


{{ a }}def test_a_long_failure_is_reported(local_store, panoply_params{{ asked }}, no_waiting):
    local_store.next_answers = [DOWN] * store.ATTEMPTS
    with pytest.raises(panoply.PanoplyException, match="503") as caught:
        {{ w }}Stream(panoply_params, {{ options }}).read()
    assert caught.value.retryable
    assert len(local_store.requests) == store.ATTEMPTS


{{ a }}def test_it_waits_as_asked_within_reason(local_store, panoply_params{{ asked }}, waits, monkeypatch):
    monkeypatch.setattr(store, "LONGEST_WAIT", 0)
    local_store.next_answers = [Response(status=429, headers={"Retry-After": "86400"})]
    stream = Stream(panoply_params, {{ options }})
    {{ w }}stream.read()
    {{ w }}stream.close()
    assert waits == [0]


{% include "http/test_refusals.py" %}


@pytest.mark.parametrize(
    "address",
    [
        "example.com",
        "ftp://example.com",
        "https://[::7fe1",
        "https://ada:7fe1@example.com",
        "https://example.com/?key=7fe1",
    ],
)
def test_an_address_that_cannot_be_one_is_reported(panoply_params{{ asked }}, address):
    with pytest.raises(panoply.PanoplyException, match="store_url") as caught:
        Stream(panoply_params | {"store_url": address}, {{ options }})
    assert not caught.value.retryable
    assert "7fe1" not in str(caught.value)


@pytest.mark.parametrize("body", [[], {}, {"files": 1}, {"files": [{"name": "x.csv", "size": "?"}]}])
{{ a }}def test_an_answer_of_another_shape_is_reported(local_store, panoply_params{{ asked }}, body):
    local_store.next_answers = [Response(json.dumps(body))]
    with pytest.raises(panoply.PanoplyException, match="expected files"):
        {{ w }}Stream(panoply_params, {{ options }}).read()
{% else %}
{{ a }}def test_a_failed_read_can_be_repeated(local_store, panoply_params):
    stream = Stream(panoply_params, {})
    batches = [{{ w }}stream.read()]
    gone = local_store.path / "2024" / "orders.jsonl"
    gone.rename(local_store.path / "away")
    with pytest.raises(panoply.PanoplyException, match="cannot be opened") as caught:
        {{ w }}stream.read()
    assert caught.value.retryable
    (local_store.path / "away").rename(gone)
    assert ids(batches + {{ w }}drain(stream)) == every_id(local_store)


{{ a }}def test_a_folder_that_is_not_there_is_reported(panoply_bad_params):
    with pytest.raises(panoply.PanoplyException, match="There is no folder") as caught:
        {{ w }}Stream(panoply_bad_params, {}).read()
    assert not caught.value.retryable


@pytest.mark.parametrize("folder", [None, "", "  "])
def test_a_missing_folder_is_named(folder):
    with pytest.raises(panoply.PanoplyException, match="'folder' is missing") as caught:
        Stream({"folder": folder}, {})
    assert not caught.value.retryable
{% endif %}


def test_progress_counts_bytes_and_ends_complete(local_store, panoply_collect):
    seen = panoply_collect(n=20).progress
    assert all(0 <= each["loaded"] <= each["total"] for each in seen)
    assert [each["loaded"] for each in seen] == sorted(each["loaded"] for each in seen)
    assert seen[-1]["loaded"] == seen[-1]["total"] > 115


def test_rows_go_to_a_table_each(panoply_params, panoply_collect):
    assert panoply_collect().source["destination"] == "{{ cookiecutter.package }}_{__table}"
    assert panoply_collect(panoply_params | {"destination": "mine"}).source["destination"] == "mine"


{% if http %}
{{ a }}def test_after_close_nothing_is_asked_for(local_store, panoply_params{{ asked }}):
    stream = Stream(panoply_params, {{ options }})
    {{ w }}stream.read()
    {{ w }}stream.close()
    asked = len(local_store.requests)
    with pytest.raises(RuntimeError, match="closed"):
        {{ w }}stream.read()
    assert len(local_store.requests) == asked


{% endif %}
def test_the_example_of_params_fits_the_form(panoply_params):
    text = (Path(__file__).parents[1] / "params.example.toml").read_text(encoding="utf-8")
    config = Config.parse(CONFIG)
    assert re.findall(r"^(?:# )?(\w+) = ", text, re.MULTILINE) == [param.name for param in config.params]
    filled_in = {name: panoply_params[name] for name in tomllib.loads(text)}
    assert check_params(config, filled_in) == ()
