{% set is_async = cookiecutter.mode == "async" %}
{% set a = "async " if is_async else "" %}
{% set w = "await " if is_async else "" %}
{% set auth = cookiecutter.auth %}
{% set fixture = "api" %}
{% set options = "panoply_options" if auth == "oauth2" else "{}" %}
{% set asked = ", panoply_options" if auth == "oauth2" else "" %}
"""What is particular to this source. What holds for every source, the data source contract checks."""

import json
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
from werkzeug import Response

from {{ cookiecutter.package }} import CONFIG, Stream, client

{% if is_async %}
pytestmark = pytest.mark.anyio

{% endif %}
BROKEN = Response('{"items": [', content_type="application/json")
BUSY = Response(status=429, headers={"Retry-After": "0"})
DOWN = Response(status=503)


def ids(batches):
    """Name every row by its table and id."""
    return sorted((row["__table"], row["id"]) for batch in batches for row in batch)


def every_id(api):
    return sorted((table, row["id"]) for table, rows in api.rows.items() for row in rows)


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


def test_every_row_is_read_once(api, panoply_collect):
    collected = panoply_collect()
    assert ids(collected.batches) == every_id(api)
    assert collected.logs


# The sizes that are asked for, and the number of batches after which the run is stopped and another one goes on.
@settings(deadline=None, max_examples=40)
@given(st.lists(st.none() | st.integers(0, 40), min_size=1, max_size=4), st.integers(1, 30))
{{ a }}def test_no_row_is_lost_wherever_it_stops(running_api, sizes, stop):
    running_api.reset()
    first, states, before = Stream(running_api.params, {{ "running_api.options" if auth == "oauth2" else "{}" }}), [], []
    first.on("source-state", states.append)
    for size in islice(cycle(sizes), stop):
        if (batch := {{ w }}first.read(size)) is not None:
            before.append(batch)
    {{ w }}first.close()
    assert {row["__state"] for row in before[-1]} == {states[-1]["stateId"]}
    if batch is None:
        assert ids(before) == every_id(running_api)
    second = Stream(running_api.params | {"state": states[-1]["state"]}, {{ "running_api.options" if auth == "oauth2" else "{}" }})
    after = {{ w }}drain(second, sizes)
    {{ w }}second.close()
    assert "state" not in second.source
    assert set(ids(before + after)) == set(every_id(running_api))


{{ a }}def test_a_stop_between_two_pages_repeats_nothing(api, panoply_params{{ asked }}):
    first, states = Stream(dict(panoply_params), {{ options }}), []
    first.on("source-state", states.append)
    before = [{{ w }}first.read() for _ in range(2)]
    after = {{ w }}drain(Stream(panoply_params | {"state": states[-1]["state"]}, {{ options }}))
    assert ids(before + after) == every_id(api)


{{ a }}def test_a_run_that_has_nothing_left_to_go_on_with_starts_over(api, panoply_params{{ asked }}):
    api.rows["returns"] = []
    stream, states = Stream(dict(panoply_params), {{ options }}), []
    stream.on("source-state", states.append)
    {{ w }}drain(stream)
    again = Stream(panoply_params | {"state": states[-1]["state"]}, {{ options }})
    assert ids({{ w }}drain(again)) == every_id(api)
    assert {{ w }}again.read() is None


@pytest.mark.parametrize("chosen", ["orders", {"name": "Orders", "value": "orders"}])
def test_only_what_was_chosen_is_read(panoply_params, panoply_collect, chosen):
    collected = panoply_collect(panoply_params | {"resources": [chosen, chosen]})
    assert ids(collected.batches) == [("orders", number) for number in range(38)]


@pytest.mark.parametrize("good", range(4))
{{ a }}def test_a_failed_read_can_be_repeated(api, panoply_params{{ asked }}, good):
    api.next_answers = [None] * good + [BROKEN]
    stream = Stream(panoply_params, {{ options }})
    before, failure = {{ w }}read_until_it_fails(stream)
    assert "no usable answer" in str(failure)
    assert failure.retryable
    assert ids(before + {{ w }}drain(stream)) == every_id(api)


def test_a_short_failure_is_not_noticed(api, panoply_collect, no_waiting):
    api.next_answers = [BUSY, None, DOWN, None]
    assert ids(panoply_collect().batches) == every_id(api)


{{ a }}def test_a_long_failure_is_reported(api, panoply_params{{ asked }}, no_waiting):
    api.next_answers = [DOWN] * client.ATTEMPTS
    with pytest.raises(panoply.PanoplyException, match="503") as caught:
        {{ w }}Stream(panoply_params, {{ options }}).read()
    assert caught.value.retryable
    assert len(api.requests) == client.ATTEMPTS


{{ a }}def test_it_waits_as_asked_within_reason(api, panoply_params{{ asked }}, waits, monkeypatch):
    monkeypatch.setattr(client, "LONGEST_WAIT", 0)
    api.next_answers = [Response(status=429, headers={"Retry-After": "86400"})]
    {{ w }}Stream(panoply_params, {{ options }}).read()
    assert waits == [0]


{% include "http/test_refusals.py" %}


@pytest.mark.parametrize(
    "address",
    [
        "api.example.com",
        "ftp://api.example.com",
        "https://[::7fe1",
        "https://ada:7fe1@api.example.com",
        "https://api.example.com/?key=7fe1",
    ],
)
def test_an_address_that_cannot_be_one_is_reported(panoply_params{{ asked }}, address):
    with pytest.raises(panoply.PanoplyException, match="api_url") as caught:
        Stream(panoply_params | {"api_url": address}, {{ options }})
    assert not caught.value.retryable
    assert "7fe1" not in str(caught.value)


{{ a }}def test_an_unknown_resource_is_reported(panoply_params{{ asked }}):
    with pytest.raises(panoply.PanoplyException, match=r"GET /no%2Fne: .* 404") as caught:
        {{ w }}Stream(panoply_params | {"resources": ["no/ne"]}, {{ options }}).read()
    assert not caught.value.retryable


@pytest.mark.parametrize("body", [[], {}, {"resources": 1}, {"resources": [{"title": "x"}]}])
{{ a }}def test_an_answer_of_another_shape_is_reported(api, panoply_params{{ asked }}, body):
    api.next_answers = [Response(json.dumps(body))]
    with pytest.raises(panoply.PanoplyException, match="expected resources"):
        {{ w }}Stream(panoply_params, {{ options }}).read()


@pytest.mark.parametrize("body", [{}, {"items": [1], "pages": 1, "total": 1}, {"items": [], "pages": None, "total": 0}])
{{ a }}def test_a_page_of_another_shape_is_reported(api, panoply_params{{ asked }}, body):
    api.next_answers = [None, Response(json.dumps(body))]
    with pytest.raises(panoply.PanoplyException, match="expected items"):
        {{ w }}Stream(panoply_params, {{ options }}).read()


def test_progress_ends_complete(api, panoply_collect):
    api.rows["returns"] = []
    seen = panoply_collect(n=20).progress
    assert all(0 <= each["loaded"] <= each["total"] for each in seen)
    assert (seen[-1]["loaded"], seen[-1]["total"]) == (115, 115)
    assert seen[0]["total"] == 77 + 2


def test_rows_go_to_a_table_each(panoply_params, panoply_collect):
    assert panoply_collect().source["destination"] == "{{ cookiecutter.package }}_{__table}"
    assert panoply_collect(panoply_params | {"destination": "mine"}).source["destination"] == "mine"


{{ a }}def test_close_works_twice_and_before_any_read(api, panoply_params{{ asked }}):
    stream = Stream(panoply_params, {{ options }})
    {{ w }}stream.close()
    {{ w }}stream.close()
    assert not api.requests


{{ a }}def test_after_close_nothing_is_asked_for(api, panoply_params{{ asked }}):
    stream = Stream(panoply_params, {{ options }})
    {{ w }}stream.read()
    {{ w }}stream.close()
    asked = len(api.requests)
    with pytest.raises(RuntimeError, match="closed"):
        {{ w }}stream.read()
    assert len(api.requests) == asked


def test_the_form_offers_what_the_api_lists(panoply_params{{ asked }}):
    resources = Config.parse(CONFIG).param("resources")
    assert resources.call_values(panoply_params, {{ options }}) == [
        {"name": "Customers", "value": "customers"},
        {"name": "Orders", "value": "orders"},
    ]


def test_the_example_of_params_fits_the_form(panoply_params):
    text = (Path(__file__).parents[1] / "params.example.toml").read_text(encoding="utf-8")
    config = Config.parse(CONFIG)
    assert re.findall(r"^(?:# )?(\w+) = ", text, re.MULTILINE) == [param.name for param in config.params]
    filled_in = {name: panoply_params[name] for name in tomllib.loads(text)}
    assert check_params(config, filled_in) == ()
