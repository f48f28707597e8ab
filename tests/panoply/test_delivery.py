from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from panoply.delivery import Delivery, counted, handed_back, reasons
from panoply.encoding import encode_record
from panoply.errors import DeliveryError, DeliveryTimeout, RecordTooLarge

WHY = DeliveryError("the far end is down")


def delivery_of(*numbers: int, max_bytes: int = 10_000) -> Delivery:
    delivery = Delivery(max_bytes=max_bytes, linger=2)
    for number in numbers:
        accept(delivery, number)
    return delivery


def accept(delivery: Delivery, number: int, now: float = 0.0, table: str = "t") -> bool:
    return delivery.accept(table, encode_record(table, {"n": number}), now)


def started(delivery: Delivery, now: float = 2.0):
    attempt = delivery.start(now)
    assert attempt is not None
    return attempt


def test_a_record_waits_for_others_until_it_is_old_enough():
    delivery = delivery_of(1)
    accept(delivery, 2, now=1.9)
    assert delivery.wake_at == 2
    assert delivery.start(1.99) is None
    assert started(delivery, 2.0).event().records == (("t", {"n": 1}), ("t", {"n": 2}))
    assert delivery.wake_at is None
    assert delivery.start(100) is None


def test_a_full_message_does_not_wait():
    delivery = delivery_of(1, 2, max_bytes=30)
    assert delivery.wake_at < 0
    assert started(delivery, 0.0).event().records == (("t", {"n": 1}),)
    assert delivery.start(0.0) is None
    assert delivery.wake_at == 2


def test_accepting_tells_whether_to_wake_up_at_another_time():
    delivery = delivery_of(max_bytes=30)
    assert accept(delivery, 1)
    assert accept(delivery, 2)  # the first is full
    assert not accept(delivery, 3)  # somebody is awake already


def test_a_record_that_is_too_large_changes_nothing():
    delivery = delivery_of(max_bytes=30)
    with pytest.raises(RecordTooLarge):
        delivery.accept("t", b"x" * 31, 0)
    assert delivery.wake_at is None
    assert delivery.waiting() == {}


def test_hurrying_sends_the_open_message_and_marks_what_it_holds():
    delivery = delivery_of(1)
    mark = delivery.hurry()
    accept(delivery, 2)
    attempt = started(delivery, 0.0)
    assert delivery.waiting(mark) == {"t": 1}
    assert delivery.waiting() == {"t": 2}
    assert not delivery.ended(mark)
    delivery.told(delivery.succeeded(attempt, "r"))
    assert delivery.ended(mark)
    assert delivery.waiting() == {"t": 1}


def test_nothing_accepted_has_ended_already():
    delivery = delivery_of()
    assert delivery.ended(delivery.hurry())


def test_a_delivered_message_has_ended_when_the_program_was_told():
    delivery = delivery_of(1)
    mark = delivery.hurry()
    event = delivery.succeeded(started(delivery), "receipt")
    assert (event.response, event.error, event.attempt, event.tables) == ("receipt", None, 1, {"t": 1})
    assert delivery.waiting(mark) == {}
    assert not delivery.ended(mark)
    delivery.told(event)
    assert delivery.ended(mark)
    assert delivery.take_failures() == ()


def test_a_failed_message_is_handed_back_once():
    delivery = delivery_of(1)
    event = delivery.failed(started(delivery), WHY)
    assert (event.error, event.response, event.records) == (WHY, None, (("t", {"n": 1}),))
    assert delivery.take_failures() == (event,)
    assert delivery.take_failures() == ()


def test_giving_up_hands_back_what_is_in_flight_queued_and_open():
    delivery = delivery_of(1, 2, 3, max_bytes=30)
    attempt = started(delivery, 0.0)
    late = DeliveryTimeout("no time left")
    events = delivery.give_up(late)
    assert [event.records for event in events] == [(("t", {"n": n}),) for n in (1, 2, 3)]
    assert {event.error for event in events} == {late}
    assert delivery.take_failures() == events
    assert delivery.start(100) is None
    assert delivery.waiting() == {}
    # What is heard of them afterwards is no news for the program.
    assert delivery.succeeded(attempt, "r") is None
    assert delivery.failed(attempt, WHY) is None
    assert delivery.take_failures() == ()


def test_an_event_shows_numbers_and_no_values():
    delivery = Delivery(max_bytes=1000, linger=2)
    delivery.accept("t", encode_record("t", {"a": "Q9Z9Q"}), 0)
    event = delivery.failed(started(delivery), WHY)
    assert "Q9Z9Q" not in repr(event)
    assert "'t': 1" in repr(event)
    assert event.bytes == len(event.body) == 28
    with pytest.raises(AttributeError):
        event.count = 5


def test_handed_back_records_come_in_order_with_counts_and_each_reason_once():
    delivery = delivery_of(1, 2, 3, max_bytes=30)
    accept(delivery, 4, table="u")
    delivery.hurry()
    attempts = [started(delivery) for _ in range(4)]
    for attempt in reversed(attempts):
        delivery.failed(attempt, WHY)
    error = handed_back(delivery.take_failures(), DeliveryTimeout)
    assert type(error) is DeliveryTimeout
    assert error.records == (("t", {"n": 1}), ("t", {"n": 2}), ("t", {"n": 3}), ("u", {"n": 4}))
    assert str(error) == (
        "4 records (3 for 't', 1 for 'u') were not delivered, and are handed back in .records: the far end is down"
    )
    assert error.__cause__ is WHY


def test_long_lists_of_tables_and_reasons_are_cut():
    assert counted({"a": 1}) == "1 record (1 for 'a')"
    assert counted(dict.fromkeys("abcdefg", 2)).endswith("2 for 'e', the others for 2 more tables)")
    delivery = delivery_of(*range(9), max_bytes=30)
    delivery.hurry()
    for number in range(9):
        delivery.failed(started(delivery), DeliveryError(f"reason {number}"))
    assert reasons(delivery.take_failures()).endswith("reason 4 / ... and 4 more reasons")


class EveryRecordIsSomewhere(RuleBasedStateMachine):
    """Whatever happens in whatever order: no record is lost, none is in two places, none is told twice."""

    def __init__(self):
        super().__init__()
        self.delivery = Delivery(max_bytes=80, linger=2)
        self.now = 0.0
        self.accepted = 0
        self.flying = []
        self.delivered = []
        self.returned = []
        self.reported = []

    def numbers(self, event):
        return [record["n"] for _, record in event.records]

    @rule(table=st.sampled_from("tu"), pause=st.sampled_from([0.0, 0.5, 3.0]))
    def write(self, table, pause):
        self.now += pause
        accept(self.delivery, self.accepted, self.now, table)
        self.accepted += 1

    @rule()
    def start(self):
        due = self.delivery.wake_at is not None and self.delivery.wake_at <= self.now
        attempt = self.delivery.start(self.now)
        assert (attempt is not None) == due
        if attempt is not None:
            self.flying.append(attempt)

    @rule()
    def flush(self):
        mark = self.delivery.hurry()
        assert self.delivery.ended(mark) == (not self.delivery.waiting())

    @precondition(lambda self: self.flying)
    @rule(data=st.data(), good=st.booleans())
    def end(self, data, good):
        attempt = self.flying.pop(data.draw(st.integers(0, len(self.flying) - 1)))
        event = self.delivery.succeeded(attempt, "r") if good else self.delivery.failed(attempt, WHY)
        if event is not None:
            (self.delivered if good else self.returned).extend(self.numbers(event))
            self.delivery.told(event)

    @rule()
    def give_up(self):
        for event in self.delivery.give_up(WHY):
            self.returned.extend(self.numbers(event))
            self.delivery.told(event)
        assert self.delivery.ended(self.delivery.hurry())

    @rule()
    def report(self):
        for event in self.delivery.take_failures():
            self.reported.extend(self.numbers(event))
        assert sorted(self.reported) == sorted(self.returned)

    @invariant()
    def everything_is_accounted_for(self):
        waiting = sum(self.delivery.waiting().values())
        assert len(self.delivered) + len(self.returned) + waiting == self.accepted
        assert max(Counter(self.delivered + self.returned).values(), default=1) == 1


TestEveryRecordIsSomewhere = EveryRecordIsSomewhere.TestCase
