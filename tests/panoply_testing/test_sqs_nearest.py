"""A failed expectation tells what was expected, what arrived, and the nearest of it, in a text of bounded length."""

from __future__ import annotations

import pytest

from panoply_testing._sqs_arrivals import Attempt, duplicates
from panoply_testing._sqs_nearest import explain, missing, nearest


def users(**record):
    return {**record, "__table": "users"}


def told(lacking, arrived=(), attempts=(), hide=str):
    return explain(lacking, list(arrived), attempts, hide)


def attempt(**of):
    known = {"status": 200, "code": "", "fault": "", "protocol": "json", "message_id": "", "at": 0.0, "body": ""}
    return Attempt(**{**known, **of})


def test_a_record_is_there_if_its_equal_is_in_whatever_order_its_keys_are():
    assert missing([users(a=1, b=[2])], [{"__table": "users", "b": [2], "a": 1}]) == []


@pytest.mark.parametrize("other", [True, 1.0, "1", None, [1]])
def test_a_value_of_another_type_is_another_value(other):
    assert missing([users(a=1)], [users(a=other)]) == [users(a=1)]


def test_a_record_that_is_expected_twice_has_to_be_there_twice():
    assert missing([users(a=1), users(a=1)], [users(a=1)]) == [users(a=1)]
    assert "expected more often" in told([users(a=1)], [users(a=1)])


def test_the_text_shows_the_nearest_record_and_each_key_that_differs():
    arrived = [users(id=2, name="zoe"), users(id=1, name="Ann", extra=None), {"id": 1, "__table": "orders"}]
    assert told([users(id=1, name="ann", age=3)], arrived) == (
        "This record did not arrive.\n"
        '  expected  {"__table": "users", "age": 3, "id": 1, "name": "ann"}\n'
        '  nearest   {"__table": "users", "extra": null, "id": 1, "name": "Ann"}\n'
        '  differs   name: expected "ann", arrived "Ann"\n'
        "  differs   age: expected 3, arrived nothing\n"
        "  differs   extra: expected nothing, arrived null\n"
        "Arrived: 3 records (2 for 'users', 1 for 'orders').\n"
        "Attempts: none; no message for this queue came in."
    )


def test_a_record_that_went_to_another_table_is_found_there():
    assert 'differs   __table: expected "users", arrived "user"' in told([users(id=1)], [{"id": 1, "__table": "user"}])


def test_of_records_that_differ_in_as_many_keys_the_most_alike_is_nearest():
    wanted = users(id=1, text="the quick brown fox")
    arrived = [users(id=1, text="something else"), users(id=1, text="the quick brown dog"), users(id=1, text="")]
    assert nearest(wanted, arrived) == arrived[1]


def test_a_difference_far_into_a_value_is_seen():
    line = next(
        line for line in told([users(t="x" * 500 + "A")], [users(t="x" * 500 + "B")]).splitlines() if "differs" in line
    )
    assert 'xA"' in line
    assert 'xB"' in line
    assert len(line) < 200


def test_where_nothing_arrived_the_attempts_are_told():
    attempts = [
        attempt(status=403, code="RequestThrottled", fault="throttle"),
        attempt(status=403, code="RequestThrottled", fault="throttle"),
        attempt(status=0, fault="lose_reply", message_id="m"),
        attempt(message_id="m"),
    ]
    text = told([users(id=1)], [], attempts)
    assert "Arrived: nothing.\nAttempts: 4.\n" in text
    assert "  2 x throttle: RequestThrottled (HTTP 403)\n" in text
    assert "  1 x lose_reply: no answer, stored" in text


def test_the_text_has_a_bound_however_much_there_is():
    def large(n):
        keys = {f"key{number}" * 50: f"{n}" * 500 for number in range(20)}
        return {**keys, "__table": f"table{n}" * 100}

    text = told([large(n) for n in range(50)], [large(n) for n in range(50, 90)])
    assert "... and 47 more." in text
    assert len(text) < 8_000


def test_a_secret_is_hidden_before_the_text_is_cut():
    secret = "sEcReT" * 10

    def hide(text):
        return text.replace(secret, "***")

    text = told([users(a="y" * 40 + secret)], [users(a="y" * 40 + secret, b=1), users(**{secret: secret})], hide=hide)
    assert "sEcR" not in text
    assert "***" in text


def test_duplicates_are_counted_by_record():
    found = duplicates([users(a=1), users(a=2), users(a=1), users(a=1), users(a=True)])
    assert [(each.record, each.times) for each in found] == [(users(a=1), 3)]
    assert duplicates([users(a=1), users(a=2)]) == []
