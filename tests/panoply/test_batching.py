from __future__ import annotations

import itertools
from collections import Counter, deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panoply import batching
from panoply.batching import Batcher
from panoply.errors import RecordTooLarge

LIMIT = 20


def lines_of(*sizes: int) -> list[bytes]:
    return [bytes([65 + number % 26]) * (size - 1) + b"\n" for number, size in enumerate(sizes)]


sizes = st.lists(st.integers(1, LIMIT), max_size=60)
tables = st.sampled_from(["a", "b", "c"])


def fill(batcher, pairs):
    for table, line in pairs:
        batcher.add(table, line, 0.0)
    return closed(batcher)


def closed(batcher):
    batcher.close()
    return list(batcher.closed)


@given(sizes)
def test_the_bodies_joined_are_the_lines_joined(sizes):
    lines = lines_of(*sizes)
    messages = fill(Batcher(max_bytes=LIMIT, max_age=1), [("t", line) for line in lines])
    assert b"".join(message.body for message in messages) == b"".join(lines)


@given(sizes)
def test_no_message_is_larger_than_allowed_and_none_could_have_taken_the_next_line(sizes):
    messages = fill(Batcher(max_bytes=LIMIT, max_age=1), [("t", line) for line in lines_of(*sizes)])
    assert all(0 < len(message.body) <= LIMIT for message in messages)
    for message, following in itertools.pairwise(messages):
        assert len(message.body) + following.body.index(b"\n") + 1 > LIMIT


@given(st.lists(st.tuples(tables, st.integers(1, LIMIT))))
def test_messages_count_their_records_by_table(chosen):
    pairs = [(table, b"x" * (size - 1) + b"\n") for table, size in chosen]
    messages = fill(Batcher(max_bytes=LIMIT, max_age=1), pairs)
    assert sum((Counter(message.tables) for message in messages), Counter()) == Counter(table for table, _ in pairs)
    for number, message in enumerate(messages, 1):
        assert message.id == number
        assert message.count == sum(message.tables.values()) == message.body.count(b"\n")


@given(st.lists(st.tuples(st.integers(1, LIMIT), st.floats(0, 5))))
def test_a_message_is_due_when_its_first_record_is_old_enough(steps):
    batcher, now, first = Batcher(max_bytes=LIMIT, max_age=2), 0.0, None
    for size, pause in steps:
        now += pause
        if batcher.add("t", b"x" * size, now):
            first = now
        assert batcher.due_at == first + 2
    batcher.close()
    assert batcher.due_at is None


def test_a_line_that_fills_a_message_exactly_fits():
    batcher = Batcher(max_bytes=LIMIT, max_age=1)
    assert batcher.add("t", b"x" * (LIMIT - 1), 0)
    assert not batcher.add("t", b"y", 0)
    assert batcher.add("t", b"z", 0)
    assert [message.body for message in closed(batcher)] == [b"x" * (LIMIT - 1) + b"y", b"z"]


def test_a_line_larger_than_a_message_is_refused_and_nothing_else_changes():
    batcher = Batcher(max_bytes=LIMIT, max_age=1)
    batcher.add("t", b"x", 0)
    with pytest.raises(RecordTooLarge) as caught:
        batcher.add("u", b"secret-" * 3, 5)
    assert caught.value.place == "record"
    assert "it has 21 bytes, and a message takes 20: split it" in caught.value.reason
    assert "secret" not in str(caught.value)
    assert batcher.due_at == 1
    [message] = closed(batcher)
    assert (message.body, message.tables) == (b"x", {"t": 1})


def test_an_empty_batcher_gives_no_message():
    assert closed(Batcher(max_bytes=LIMIT, max_age=1)) == []


def test_a_message_is_not_changed_by_what_comes_after_it():
    batcher = Batcher(max_bytes=LIMIT, max_age=1)
    batcher.add("t", b"x", 0)
    [message] = closed(batcher)
    batcher.add("t", b"y", 0)
    assert (message.body, message.tables, message.count) == (b"x", {"t": 1}, 1)
    with pytest.raises(TypeError):
        message.tables["t"] = 2
    assert "x" not in repr(message.body) or "body" not in repr(message)


@given(
    st.lists(st.integers(1, 30), min_size=1, max_size=60),
    st.lists(st.integers(1, 12)),
    st.integers(31, 100),
)
def test_lines_in_one_piece_go_where_they_would_go_one_by_one(sizes, pieces, max_bytes):
    lines = [b"x" * (size - 1) + b"\n" for size in sizes]
    one_by_one, in_pieces = (Batcher(max_bytes=max_bytes, max_age=2) for _ in range(2))
    rest, expected, got = list(lines), [], []
    for count in [*pieces, len(lines)]:
        piece, rest = rest[:count], rest[count:]
        expected.append(sum(one_by_one.add("t", line, 0) for line in piece) > 0)
        got.append(in_pieces.add_all("t", b"".join(piece), len(piece), 0))
    assert got == expected
    assert in_pieces.open_tables == one_by_one.open_tables
    one_by_one.close()
    in_pieces.close()
    assert list(in_pieces.closed) == list(one_by_one.closed)


class Interrupted(deque):
    """Closed messages, where a signal comes in the very moment in which one is put there."""

    def __init__(self, before=None, after=None):
        super().__init__()
        self.before, self.after = before, after

    def append(self, message):
        for_once, self.before = self.before, None
        if for_once:
            for_once()
        super().append(message)
        for_once, self.after = self.after, None
        if for_once:
            for_once()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("in_pieces", [False, True])
def test_a_line_that_a_signal_s_handler_adds_while_a_message_is_closed_is_in_the_next_one(when, in_pieces):
    batcher = Batcher(max_bytes=LIMIT, max_age=1)

    def handler():
        if in_pieces:
            batcher.add_all("t", b"late\n", 1, 0)
        else:
            batcher.add("t", b"late\n", 0)

    batcher.closed = Interrupted(**{when: handler})
    batcher.add("t", b"first\n", 0)
    batcher.close()
    bodies = [message.body for message in closed(batcher)]
    assert set(bodies) == {b"first\n", b"late\n"}
    assert bodies.count(b"late\n") == 1


def test_a_message_is_not_lost_when_its_closing_is_interrupted():
    def interrupt():
        raise KeyboardInterrupt

    batcher = Batcher(max_bytes=LIMIT, max_age=1)
    batcher.closed = Interrupted(before=interrupt)
    batcher.add("t", b"x", 0)
    with pytest.raises(KeyboardInterrupt):
        batcher.close()
    batcher.add("t", b"y", 0)
    assert [message.body for message in closed(batcher)] == [b"x", b"y"]


def test_a_line_that_a_signal_s_handler_adds_while_a_message_is_begun_is_not_lost(monkeypatch):
    batcher = Batcher(max_bytes=LIMIT, max_age=1)
    handlers = [lambda: batcher.add("t", b"early\n", 0)]

    class Opened(batching._Open):
        def __init__(self, *args):
            super().__init__(*args)
            if handlers:
                handlers.pop()()

    monkeypatch.setattr(batching, "_Open", Opened)
    batcher.add("t", b"line\n", 0)
    [message] = closed(batcher)
    assert (message.id, message.body) == (1, b"early\nline\n")


def test_where_a_line_was_put_is_known_whatever_was_enclosed_meanwhile():
    batcher = Batcher(max_bytes=LIMIT, max_age=1)
    assert batcher.placed == 0
    batcher.add("t", b"x", 0)
    assert batcher.enclose([("t", b"left\n")]) == (2,)
    assert (batcher.place(1), batcher.place(LIMIT)) == (1, 3)
    batcher.add("t", b"y", 0)
    assert batcher.placed == 1
    batcher.add("t", b"z" * LIMIT, 0)
    assert batcher.placed == 3
