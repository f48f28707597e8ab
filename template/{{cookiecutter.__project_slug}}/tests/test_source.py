"""What is particular to this source. What holds for every source, the data source contract checks."""

import json

import panoply
import pytest
from panoply.config import Config
from werkzeug import Response

from {{ cookiecutter.package }} import CONFIG, Stream

BROKEN = Response('{"items": [', content_type="application/json")
BUSY = Response(status=429, headers={"Retry-After": "0"})
DOWN = Response(status=503)


def ids(batches):
    """Name every row by its table and id."""
    return sorted((row["__table"], row["id"]) for batch in batches for row in batch)


def every_id(api):
    return sorted((table, row["id"]) for table, rows in api.rows.items() for row in rows)


def drain(stream, sizes=(None,)):
    """Read to the end, asking for each of `sizes` in turn, over and over."""
    batches = []
    while (batch := stream.read(sizes[len(batches) % len(sizes)])) is not None:
        batches.append(batch)
    return batches


def test_every_row_is_read_once(api, panoply_params):
    stream = Stream(panoply_params, {})
    assert ids(drain(stream)) == every_id(api)
    assert stream.read() is None


@pytest.mark.parametrize("sizes", [(1,), (2,), (10_000,), (0,), (3, None, 1, 7)])
def test_n_is_a_hint(api, panoply_params, sizes):
    assert ids(drain(Stream(panoply_params, {}), sizes)) == every_id(api)


@pytest.mark.parametrize("chosen", ["orders", {"name": "Orders", "value": "orders"}])
def test_only_what_was_chosen_is_read(panoply_params, chosen):
    batches = drain(Stream(panoply_params | {"resources": [chosen, chosen]}, {}))
    assert ids(batches) == [("orders", number) for number in range(8)]


@pytest.mark.parametrize("good_answers", range(7))
def test_a_read_that_failed_can_be_repeated(api, panoply_params, good_answers):
    api.next_answers = [None] * good_answers + [BROKEN]
    stream = Stream(panoply_params, {})
    batches = []
    failures = []
    while not failures:
        try:
            batches.append(stream.read())
        except panoply.PanoplyException as exc:
            failures.append(exc)
    assert "no usable answer" in str(failures[0])
    assert failures[0].retryable
    assert ids(batches + drain(stream)) == every_id(api)


def test_a_short_failure_is_not_noticed(api, panoply_params):
    api.next_answers = [BUSY, None, DOWN, None]
    assert ids(drain(Stream(panoply_params, {}))) == every_id(api)


def test_a_long_failure_is_reported(api, panoply_params, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _: None)
    api.next_answers = [DOWN] * 4
    with pytest.raises(panoply.PanoplyException, match="503") as caught:
        Stream(panoply_params, {}).read()
    assert caught.value.retryable


def test_the_api_does_not_decide_how_long_to_wait(api, panoply_params, monkeypatch):
    waits = []
    monkeypatch.setattr("time.sleep", waits.append)
    api.next_answers = [Response(status=429, headers={"Retry-After": "86400"})]
    Stream(panoply_params, {}).read()
    assert max(waits) <= 15


def test_a_refused_token_is_reported_at_once(api, panoply_bad_params):
    with pytest.raises(panoply.PanoplyException, match="refused the token") as caught:
        Stream(panoply_bad_params, {}).read()
    assert not caught.value.retryable
    assert panoply_bad_params["token"] not in str(caught.value)
    assert len(api.requests) == 1


@pytest.mark.parametrize("token", [None, "", "  ", "line\nbreak-7fe1", "two words-7fe1", "ümlaut-7fe1"])
def test_a_token_that_cannot_be_one_is_reported(panoply_params, token):
    with pytest.raises(panoply.PanoplyException, match="token") as caught:
        Stream(panoply_params | {"token": token}, {})
    assert not caught.value.retryable
    assert "7fe1" not in str(caught.value)


def test_an_unknown_resource_is_reported(panoply_params):
    with pytest.raises(panoply.PanoplyException, match=r"GET /no%2Fne: .* 404") as caught:
        Stream(panoply_params | {"resources": ["no/ne"]}, {}).read()
    assert not caught.value.retryable


@pytest.mark.parametrize("body", [[], {}, {"resources": 1}, {"resources": [{"title": "x"}]}])
def test_an_answer_of_another_shape_is_reported(api, panoply_params, body):
    api.next_answers = [Response(json.dumps(body))]
    with pytest.raises(panoply.PanoplyException, match="expected"):
        Stream(panoply_params, {}).read()


@pytest.mark.parametrize("body", [{}, {"items": [1], "pages": 1, "total": 1}, {"items": [], "pages": None, "total": 0}])
def test_a_page_of_another_shape_is_reported(api, panoply_params, body):
    api.next_answers = [None, Response(json.dumps(body))]
    with pytest.raises(panoply.PanoplyException, match="expected"):
        Stream(panoply_params, {}).read()


@pytest.mark.parametrize("size", [None, 2])
def test_a_stopped_run_goes_on_without_loss(api, panoply_params, size):
    length = len(drain(Stream(dict(panoply_params), {}), (size,)))
    for stop in range(1, length + 1):
        first = Stream(dict(panoply_params), {})
        states = []
        first.on("source-state", states.append)
        before = [first.read(size) for _ in range(stop)]
        first.close()
        assert {row["__state"] for row in before[-1]} == {states[-1]["stateId"]}
        second = Stream(panoply_params | {"state": states[-1]["state"]}, {})
        after = drain(second, (size,))
        assert "state" not in second.source
        assert set(ids(before + after)) == set(every_id(api))
        if size is None and stop < length:
            assert ids(before + after) == every_id(api)


def test_a_run_that_has_nothing_left_to_go_on_with_starts_over(api, panoply_params):
    api.rows["returns"] = []
    stream = Stream(dict(panoply_params), {})
    states = []
    stream.on("source-state", states.append)
    drain(stream)
    again = Stream(panoply_params | {"state": states[-1]["state"]}, {})
    assert ids(drain(again)) == every_id(api)
    assert again.read() is None


def test_progress_ends_complete(api, panoply_params):
    api.rows["returns"] = []
    seen = []
    stream = Stream(panoply_params, {})
    stream.on("progress", seen.append)
    drain(stream, (4,))
    assert all(0 <= each["loaded"] <= each["total"] for each in seen)
    assert (seen[-1]["loaded"], seen[-1]["total"]) == (25, 25)
    assert seen[0]["total"] == 17 + 2


def test_rows_go_to_a_table_each(panoply_params):
    assert Stream(panoply_params, {}).source["destination"] == "{{ cookiecutter.package }}_{__table}"
    assert Stream({**panoply_params, "destination": "mine"}, {}).source["destination"] == "mine"


def test_close_works_twice_and_before_any_read(panoply_params):
    stream = Stream(panoply_params, {})
    stream.close()
    stream.close()


def test_the_form_offers_what_the_api_lists(panoply_params):
    resources = Config.parse(CONFIG).param("resources")
    assert resources.call_values(panoply_params, {}) == [
        {"name": "Customers", "value": "customers"},
        {"name": "Orders", "value": "orders"},
    ]
