from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from panoply.delivery import Attempt, Delivery, DeliveryEvent, counted, handed_back, reasons
from panoply.encoding import encode_record
from panoply.errors import BufferFull, DeliveryError, DeliveryTimeout, RecordTooLarge
from panoply.retrying import Backoff

WHY = DeliveryError("the far end refuses it")
WHY.retryable = False
DOWN = DeliveryError("the far end is down")


# Pauses that are known: 1, 2, 4, 8, 8, ... seconds.
STEADY = Backoff(first=1, factor=2, longest=8, chance=lambda: 1.0)


def delivery_of(*numbers: int, max_bytes: int = 10_000, **options) -> Delivery:
    delivery = Delivery(max_bytes=max_bytes, linger=2, backoff=STEADY, **options)
    for number in numbers:
        accept(delivery, number)
    return delivery


def accept(delivery: Delivery, number: int, now: float = 0.0, table: str = "t") -> bool:
    return delivery.accept(table, encode_record(table, {"n": number}), now)


def refusal(message: str) -> DeliveryError:
    error = DeliveryError(message)
    error.retryable = False
    return error


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
    delivery = delivery_of(max_bytes=50)
    assert accept(delivery, 1)
    assert not accept(delivery, 2)
    assert accept(delivery, 3)  # those before fill a message
    assert not accept(delivery, 4)


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
    event = delivery.failed(started(delivery), WHY, 2.0)
    assert (event.error, event.response, event.records) == (WHY, None, (("t", {"n": 1}),))
    assert delivery.take_failures() == (event,)
    assert delivery.take_failures() == ()


def test_giving_up_hands_back_what_is_in_flight_queued_and_open():
    delivery = delivery_of(1, 2, 3, max_bytes=30)
    attempt = started(delivery, 0.0)
    events = delivery.give_up("no time left")
    assert [event.records for event in events] == [(("t", {"n": n}),) for n in (1, 2, 3)]
    assert {(type(event.error), str(event.error)) for event in events} == {(DeliveryTimeout, "no time left")}
    assert delivery.take_failures() == events
    assert delivery.start(100) is None
    assert delivery.waiting() == {}
    # What is heard of them afterwards is no news for the program.
    assert delivery.succeeded(attempt, "r") is None
    assert delivery.failed(attempt, WHY, 2.0) is None
    assert delivery.take_failures() == ()


def test_an_event_shows_numbers_and_no_values():
    delivery = Delivery(max_bytes=1000, linger=2)
    delivery.accept("t", encode_record("t", {"a": "Q9Z9Q"}), 0)
    event = delivery.failed(started(delivery), WHY, 2.0)
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
        delivery.failed(attempt, WHY, 2.0)
    error = handed_back(delivery.take_failures(), DeliveryTimeout)
    assert type(error) is DeliveryTimeout
    assert error.records == (("t", {"n": 1}), ("t", {"n": 2}), ("t", {"n": 3}), ("u", {"n": 4}))
    assert str(error) == (
        "4 records (3 for 't', 1 for 'u') were not delivered, and handed back in .records: the far end refuses it"
    )
    assert error.__cause__ is WHY


def test_long_lists_of_tables_and_reasons_are_cut():
    assert counted({"a": 1}) == "1 record (1 for 'a')"
    assert counted(dict.fromkeys("abcdefg", 2)).endswith("2 for 'e', the others for 2 more tables)")
    delivery = delivery_of(*range(9), max_bytes=30)
    delivery.hurry()
    for number in range(9):
        delivery.failed(started(delivery), refusal(f"reason {number}"), 2.0)
    assert reasons(delivery.take_failures()).endswith("reason 4 / ... and 4 more reasons")


# --- trying again


def test_what_failed_for_now_is_tried_again_after_growing_pauses():
    delivery, now = delivery_of(1), 2.0
    for number, pause in enumerate([1, 2, 4, 8, 8, 8], 1):
        attempt = started(delivery, now)
        assert attempt.event().attempt == number
        assert delivery.failed(attempt, DOWN, now) is None
        assert delivery.waiting() == {"t": 1}
        assert delivery.wake_at == now + pause
        assert delivery.start(now + pause - 0.01) is None
        now += pause
    event = delivery.succeeded(started(delivery, now), "receipt")
    assert (event.attempt, event.records) == (7, (("t", {"n": 1}),))
    assert delivery.take_failures() == ()


def test_what_rests_holds_nobody_up():
    delivery = delivery_of(1, 2, max_bytes=30)
    delivery.failed(started(delivery, 0), DOWN, 0)
    assert delivery.wake_at == 1
    assert started(delivery, 2).message.id == 2
    assert started(delivery, 2).message.id == 1


def test_what_rested_goes_to_the_end_of_the_queue():
    delivery = delivery_of(1, 2, 3, max_bytes=30)
    delivery.failed(started(delivery, 0), DOWN, 0)
    delivery.hurry()
    assert [started(delivery, 1).message.id for _ in range(3)] == [2, 3, 1]


def test_hurrying_tries_again_at_once_and_begins_with_short_pauses():
    delivery, now = delivery_of(1), 2.0
    for pause in (1, 2, 4):
        delivery.failed(started(delivery, now), DOWN, now)
        now += pause
    delivery.failed(started(delivery, now), DOWN, now)
    assert delivery.start(now) is None
    mark = delivery.hurry()
    assert delivery.trouble(mark) is DOWN
    attempt = started(delivery, now)
    assert attempt.number == 5
    delivery.failed(attempt, DOWN, now)
    assert delivery.wake_at == now + 1


def test_giving_up_names_the_last_trouble_and_counts_the_tries():
    delivery = delivery_of(1, 2, 3, 4, max_bytes=30)
    for _ in range(3):
        delivery.failed(started(delivery, 0), DOWN, 0)
    started(delivery, 1)
    started(delivery, 1)
    events = delivery.give_up("no time left")
    told = sorted((event.records[0][1]["n"], event.attempt, str(event.error)) for event in events)
    why = "no time left; the last try failed: the far end is down"
    # The first two are on their way again, the third was about to be, the fourth had never been.
    assert told[2:] == [(3, 1, why), (4, 1, "no time left")]
    assert [(number, text) for _, number, text in told[:2]] == [(2, why), (2, why)]
    assert {event.error.__cause__ for event in events} == {DOWN, None}


def test_a_message_that_was_given_up_is_not_expected_any_more():
    delivery = delivery_of(1)
    attempt = started(delivery)
    assert delivery.expects(attempt)
    delivery.give_up("no time left")
    assert not delivery.expects(attempt)


def test_no_more_are_in_flight_than_may_be():
    delivery = delivery_of(1, 2, 3, max_bytes=30, max_in_flight=2)
    first, second = started(delivery, 5), started(delivery, 5)
    assert delivery.start(5) is None
    assert delivery.wake_at is None
    delivery.succeeded(second, "r")
    assert delivery.wake_at < 5
    assert started(delivery, 5).message.id == 3
    assert delivery.expects(first)


# --- the buffer


def test_a_full_buffer_accepts_nothing_until_the_program_was_told_of_a_delivery():
    delivery = delivery_of(1, 2, max_buffer=50)
    assert delivery.held == 44
    with pytest.raises(BufferFull, match=r"of 50 bytes 44 are used. Messages that wait to be sent: 1$"):
        accept(delivery, 3)
    # Nothing else was on its way, so the open message does not wait for its age.
    event = delivery.succeeded(started(delivery, 0), "r")
    assert event.count == 2
    assert delivery.moving
    with pytest.raises(BufferFull):
        accept(delivery, 3)
    delivery.told(event)
    assert (delivery.held, delivery.moving) == (0, False)
    accept(delivery, 3)


def test_a_record_that_is_too_large_does_not_wait_for_room():
    delivery = delivery_of(1, max_buffer=50, max_bytes=50)
    with pytest.raises(RecordTooLarge):
        delivery.accept("t", b"x" * 51, 0)


def test_what_waits_for_another_try_and_what_was_not_reported_fill_the_buffer():
    delivery = delivery_of(1, 2, max_bytes=30, max_buffer=50)
    delivery.failed(started(delivery, 0), DOWN, 0)
    with pytest.raises(BufferFull, match="wait to be sent: 1, as the far end is down"):
        accept(delivery, 3)
    delivery.told(delivery.failed(started(delivery, 5), WHY, 5), heard=False)
    delivery.told(delivery.failed(started(delivery, 5), WHY, 5), heard=False)
    assert not delivery.moving
    with pytest.raises(BufferFull, match=r"not delivered, and that flush\(\) hands back: 2. Call it"):
        accept(delivery, 3)
    assert len(delivery.take_failures()) == 2
    assert delivery.held == 0
    accept(delivery, 3)


def test_what_an_error_handler_has_had_gives_way_to_new_records_and_is_counted():
    delivery = delivery_of(1, 2, max_bytes=30, max_buffer=50)
    for _ in range(2):
        delivery.told(delivery.failed(started(delivery, 5), WHY, 5), heard=True)
    accept(delivery, 3)
    assert delivery.held == 44
    failures, forgotten = delivery.take_failures(), delivery.take_forgotten()
    assert [event.records for event in failures] == [(("t", {"n": 2}),)]
    assert forgotten == {"t": 1}
    assert delivery.take_forgotten() == {}
    error = handed_back(failures, forgotten=forgotten)
    assert error.records == (("t", {"n": 2}),)
    assert str(error).endswith("; besides, 1 record (1 for 't') was not delivered, and only had by handlers of 'error'")
    assert str(handed_back((), forgotten=forgotten)).startswith("1 record (1 for 't') was not delivered, and only")


class EveryRecordIsSomewhere(RuleBasedStateMachine):
    """Whatever happens in whatever order: no record is lost, none is in two places, none is told twice."""

    LIMIT, LINGER, BUFFER = 80, 2.0, 300

    @initialize(max_in_flight=st.integers(1, 4), data=st.data())
    def begin(self, max_in_flight, data):
        self.max_in_flight = max_in_flight
        self.delivery = Delivery(
            max_bytes=self.LIMIT,
            linger=self.LINGER,
            max_in_flight=max_in_flight,
            max_buffer=self.BUFFER,
            backoff=Backoff(first=1, longest=8, chance=lambda: data.draw(st.floats(0, 1), label="chance")),
        )
        self.now = 0.0
        self.accepted: dict[int, float] = {}  # number: when
        self.sizes: dict[int, int] = {}
        self.flying: list[Attempt] = []
        self.tries: Counter[int] = Counter()
        self.arrived: list[int] = []
        self.delivered: list[int] = []
        self.returned: list[int] = []
        self.left: list[int] = []
        self.reported: list[int] = []
        self.forgotten = 0
        self.to_tell: list[tuple[DeliveryEvent, bool]] = []

    def numbers(self, event):
        return [record["n"] for _, record in event.records]

    def end_with(self, event, heard):
        (self.delivered if event.error is None else self.returned).extend(self.numbers(event))
        self.to_tell.append((event, heard))

    @rule(table=st.sampled_from("tu"), pause=st.sampled_from([0.0, 0.5, 3.0]))
    def write(self, table, pause):
        self.now += pause
        number = len(self.accepted)
        line = encode_record(table, {"n": number})
        before = self.delivery.held
        heard = sum(event.bytes for event in self.delivery._failures.values() if event.batch_id in self.delivery._heard)
        try:
            self.delivery.accept(table, line, self.now)
        except BufferFull:
            assert before - heard + len(line) > self.BUFFER
            assert self.delivery.wake_at is not None or self.flying or self.to_tell or self.delivery._failures
        else:
            self.accepted[number] = self.now
            self.sizes[number] = len(line)

    @rule(table=st.sampled_from("tu"), count=st.integers(1, 7), ago=st.sampled_from([0.0, 1.0]))
    def take_over(self, table, count, ago):
        """Records that a program wrote a while ago, and that have not been looked at since."""
        numbers = range(len(self.accepted), len(self.accepted) + count)
        lines = [encode_record(table, {"n": number}) for number in numbers]
        if self.delivery.takes_more(len(b"".join(lines))):
            self.delivery.take_over(table, b"".join(lines), count, self.now - ago)
            self.accepted |= dict.fromkeys(numbers, self.now - ago)
            self.sizes |= {number: len(line) for number, line in zip(numbers, lines, strict=True)}

    @rule(count=st.integers(1, 7))
    def adopt(self, count):
        """Records that another process left."""
        numbers = range(len(self.accepted), len(self.accepted) + count)
        lines = [("t", encode_record("t", {"n": number})) for number in numbers]
        if self.delivery.make_room(sum(len(line) for _, line in lines)):
            before = self.delivery._batcher.last_id
            ids = self.delivery.adopt(lines)
            assert ids == tuple(range(before + 1, self.delivery._batcher.last_id + 1))
            self.accepted |= dict.fromkeys(numbers, self.now)
            self.sizes |= {number: len(line) for number, (_, line) in zip(numbers, lines, strict=True)}

    @rule()
    def leave(self):
        """What a spool has as well need not be handed back."""
        left = self.delivery.waiting()
        assert self.delivery.leave() == left
        gone = {*self.delivered, *self.returned, *self.left}
        self.left.extend(number for number in self.accepted if number not in gone)
        assert not self.delivery.waiting()

    @rule(padding=st.integers(0, 40))
    def place(self, padding):
        """It is known before where a record will be, so that it can be written to disk there first."""
        number = len(self.accepted)
        line = encode_record("t", {"n": number, "pad": "x" * padding})
        if self.delivery.make_room(len(line)):
            place, before = self.delivery.place(len(line)), self.delivery._batcher.last_id
            assert self.delivery.accept("t", line, self.now) == (place > before)
            assert self.delivery.placed == place
            self.accepted[number] = self.now
            self.sizes[number] = len(line)

    @rule()
    def start(self):
        wake_at = self.delivery.wake_at
        due = wake_at is not None and wake_at <= self.now
        attempt = self.delivery.start(self.now)
        assert (attempt is not None) == due
        if attempt is not None:
            self.tries[attempt.message.id] += 1
            assert attempt.number == self.tries[attempt.message.id]
            assert len(attempt.message.body) <= self.LIMIT
            self.flying.append(attempt)

    @rule()
    def look_up_what_is_due(self):
        """As long as anything may be sent, `start` gives all that is old enough."""
        while (attempt := self.delivery.start(self.now)) is not None:
            self.tries[attempt.message.id] += 1
            self.flying.append(attempt)
        if len(self.delivery._in_flight) < self.max_in_flight:
            due_at = self.delivery._batcher.due_at
            assert due_at is None or self.now < due_at <= self.now + self.LINGER
            sent = {n for a in self.flying for n in self.numbers(a.event())}
            waiting = {n for _, _, a in self.delivery._resting for n in self.numbers(a.event())}
            old = {n for n, at in self.accepted.items() if at + self.LINGER <= self.now}
            assert old <= sent | waiting | set(self.delivered) | set(self.returned) | set(self.left)

    @rule()
    def flush(self):
        mark = self.delivery.hurry()
        assert self.delivery.ended(mark) == (not self.delivery.waiting() and not self.to_tell)
        assert not self.delivery._resting

    @precondition(lambda self: self.flying)
    @rule(data=st.data(), how=st.sampled_from(["good", "refused", "down", "reply lost"]), heard=st.booleans())
    def end(self, data, how, heard):
        attempt = self.flying.pop(data.draw(st.integers(0, len(self.flying) - 1)))
        expected = self.delivery.expects(attempt)
        if how in {"good", "reply lost"}:
            self.arrived.extend(self.numbers(attempt.event()))
        if how == "good":
            event = self.delivery.succeeded(attempt, "r")
        else:
            event = self.delivery.failed(attempt, WHY if how == "refused" else DOWN, self.now)
        assert (event is not None) == (expected and how in {"good", "refused"})
        if event is not None:
            assert event.attempt == attempt.number
            self.end_with(event, heard)

    @precondition(lambda self: self.to_tell)
    @rule(data=st.data())
    def tell(self, data):
        event, heard = self.to_tell.pop(data.draw(st.integers(0, len(self.to_tell) - 1)))
        self.delivery.told(event, heard=heard)

    @rule(heard=st.booleans())
    def give_up(self, heard):
        for event in self.delivery.give_up("no time left"):
            self.end_with(event, heard)
        assert not self.delivery.waiting()

    @rule()
    def report(self):
        for event in self.delivery.take_failures():
            self.reported.extend(self.numbers(event))
        self.forgotten += sum(self.delivery.take_forgotten().values())
        assert len(self.reported) + self.forgotten == len(self.returned)
        assert set(self.reported) <= set(self.returned)
        assert max(Counter(self.reported).values(), default=1) == 1

    @invariant()
    def everything_is_accounted_for(self):
        waiting = sum(self.delivery.waiting().values())
        assert len(self.delivered) + len(self.returned) + len(self.left) + waiting == len(self.accepted)
        assert max(Counter(self.delivered + self.returned + self.left).values(), default=1) == 1
        assert set(self.delivered) <= set(self.arrived)

    @invariant()
    def the_buffer_is_bounded_and_honest(self):
        assert self.delivery.held <= self.BUFFER
        ended = {*self.delivered, *self.returned, *self.left}
        here = sum(size for number, size in self.sizes.items() if number not in ended)
        here += sum(event.bytes for event in self.delivery._failures.values())
        here += sum(event.bytes for event, _ in self.to_tell if event.error is None)
        assert self.delivery.held == here

    def teardown(self):
        """In the end, when the far end takes everything, all that was not handed back has arrived."""
        if not hasattr(self, "delivery"):
            return
        mark = self.delivery.hurry()
        for attempt in self.flying:
            if (event := self.delivery.succeeded(attempt, "r")) is not None:
                self.arrived.extend(self.numbers(event))
                self.end_with(event, heard=True)
        while (attempt := self.delivery.start(self.now)) is not None:
            self.arrived.extend(self.numbers(attempt.event()))
            self.end_with(self.delivery.succeeded(attempt, "r"), heard=True)
        for event, heard in self.to_tell:
            self.delivery.told(event, heard=heard)
        assert self.delivery.ended(mark)
        assert set(self.arrived) | set(self.returned) | set(self.left) == set(self.accepted)
        self.delivery.take_failures()
        assert self.delivery.held == 0


TestEveryRecordIsSomewhere = EveryRecordIsSomewhere.TestCase
