"""Short records are accepted without a lock: the same bytes, the same refusals, and none between two stools."""

from __future__ import annotations

import base64
import gc
import json
import math
import os
import threading
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from itertools import chain
from time import monotonic
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from orjson import Fragment

from panoply._dispatch import _LINGER
from panoply._inbox import MOST_ROWS, Inbox
from panoply.encoding import SHORT, encode_record
from panoply.errors import Closed, RecordError, RecordTooLarge
from panoply.sdk import SDK

KEY = "acme/rand-one"
SECRET = base64.b64encode(b"rand-two/2f1a7c1e-uuid/123456789012/eu-west-3").decode()


class Memory:
    def __init__(self):
        self.bodies: list[bytes] = []

    def send(self, body: bytes) -> str:
        self.bodies.append(body)
        return "receipt"

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def memory():
    return Memory()


@pytest.fixture
def conn(memory):
    """An SDK whose inbox is open: it has accepted a record."""
    conn = SDK(KEY, SECRET, transport=memory)
    conn.write("t", {"n": 0})
    assert conn._inbox.open
    return conn


class Colour(Enum):
    RED = "red"
    NOTHING = float("nan")


class Number(float):
    pass


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text()
    | st.text(st.characters(categories=["Cs", "Cn"]), max_size=3)
    | st.sampled_from(["\ufffe", '":null', 'a":null,"b', "\u2028", "\n", "null"])
    | st.decimals()
    | st.datetimes(timezones=st.sampled_from([None, UTC, timezone(timedelta(hours=2))]))
    | st.builds(Number, st.floats())
    | st.sampled_from(
        [date(2024, 3, 1), time(12, 30), UUID(int=7), *Colour, b"x", {1}, object(), (), (1, (2,)), [], {}]
    )
    | st.just(Fragment('{"a":\n1}'))
)
keys = st.text() | st.sampled_from(["a", 'a"b', "b", "__table", "é", "\\", "\ufffe"]) | st.integers() | st.none()
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3))
records = st.dictionaries(keys, scalars, max_size=6) | st.dictionaries(keys, values, max_size=4)


def outcome(fn, *args):
    try:
        return fn(*args)
    except RecordError as error:
        return str(error)


@pytest.fixture(scope="module")
def nothing_else_to_collect():
    """Everything that other tests have left lying about is left out of collections, which would take a second each."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("nothing_else_to_collect")
@given(st.lists(records, max_size=10), st.booleans())
def test_what_is_sent_is_what_encode_record_says_and_so_is_what_is_refused(written, collect):
    memory = Memory()
    with SDK(KEY, SECRET, transport=memory) as conn:
        conn.write("t", {"n": 0})
        expected = [encode_record("t", {"n": 0})]
        if collect:
            gc.collect()  # tuples of leaves are not tracked any more, and so are dicts with these
            gc.collect()
            written = [dict(record) for record in written]
        for record in written:
            wanted = outcome(encode_record, "t", record)
            got = outcome(conn.write, "t", record)
            if isinstance(wanted, bytes):
                assert got is None
                expected.append(wanted)
            else:
                assert got == wanted
    assert b"".join(memory.bodies) == b"".join(expected)


def test_the_order_of_the_records_is_kept_across_tables_and_ways(conn, memory):
    wanted = [{"__table": "t", "n": 0}]
    for number in range(1, 3 * MOST_ROWS):
        record = {"n": number, "long": "x" * (SHORT if number % 7 == 0 else 0), "list": [[number]] * (number % 5)}
        conn.write("tu"[number % 3 == 0], record)
        wanted.append({"__table": "tu"[number % 3 == 0], **record})
    conn.close()
    assert [json.loads(line) for body in memory.bodies for line in body.splitlines()] == wanted


class Alike:
    """No text, but equal to one."""

    def __eq__(self, other):
        return other == "t"

    def __hash__(self):
        return hash("t")


@pytest.mark.parametrize("table", ["", " ", "\ud800", 5, None, ["t"], {}, b"t", Alike()])
def test_a_wrong_table_is_refused_whatever_was_written_before(conn, memory, table):
    with pytest.raises(RecordError, match=r"^table: "):
        conn.write(table, {"n": 1})
    conn.close()
    assert memory.bodies == [encode_record("t", {"n": 0})]


def test_no_message_is_too_large_or_old_for_what_was_not_looked_at(conn, memory):
    for number in range(5000):
        conn.write("t", {"n": number, "text": "x" * 200})
    conn.close()
    assert sum(body.count(b"\n") for body in memory.bodies) == 5001
    assert all(len(body) <= 250 * 1024 for body in memory.bodies)
    assert all(len(body) > 249 * 1024 for body in sorted(memory.bodies, key=len)[1:])


def test_records_that_nobody_has_looked_at_are_counted_as_waiting(conn):
    for number in range(5):
        conn.write("t", {"n": number})
    assert len(conn._inbox.rows) == 5
    assert "6 records waiting" in repr(conn)
    conn.close()


def test_a_full_buffer_closes_the_inbox():
    held = threading.Event()

    class Held(Memory):
        def send(self, body):
            held.wait(60)
            return super().send(body)

    conn = SDK(KEY, SECRET, transport=Held(), max_buffer=1024 * 1024, write_timeout=0)
    text = "x" * 1000
    count = 0
    while conn._inbox.open or not count:
        conn.write("t", {"n": count, "text": text})
        count += 1
    assert conn._dispatcher._delivery.held + MOST_ROWS * SHORT < 1024 * 1024
    held.set()
    conn.close()


class Meddling(list):
    """An inbox's rows, where something happens in the very moment in which one is added."""

    def __init__(self, before=None, after=None):
        self.before, self.after = before, after

    def append(self, row):
        for_once, self.before = self.before, None
        if for_once:
            elsewhere(for_once)
        super().append(row)
        for_once, self.after = self.after, None
        if for_once:
            elsewhere(for_once)


def elsewhere(fn):
    thread = threading.Thread(target=fn)
    thread.start()
    thread.join()


def test_a_record_that_comes_after_the_inbox_was_closed_for_good_is_refused(conn, memory):
    conn._inbox.rows = Meddling(before=conn.close)
    with pytest.raises(Closed):
        conn.write("t", {"n": 1})
    assert memory.bodies == [encode_record("t", {"n": 0})]
    assert conn._inbox.rows == []


def test_a_record_that_comes_just_before_the_inbox_is_closed_is_accepted(conn, memory):
    conn._inbox.rows = Meddling(after=conn.close)
    conn.write("t", {"n": 1})
    assert b"".join(memory.bodies) == encode_record("t", {"n": 0}) + encode_record("t", {"n": 1})


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_record_that_comes_while_its_message_leaves_is_not_forgotten(conn, memory, when):
    """It goes with that message, or with the next one, for which a sender wakes up without anybody calling."""
    sent = threading.Semaphore(0)
    conn.on("flush", lambda _: sent.release())
    conn._inbox.rows = Meddling(**{when: conn.flush})
    conn.write("t", {"n": 1})
    for _ in range(len(memory.bodies), 1 if when == "after" else 2):
        assert sent.acquire(timeout=60)
    while b'"n":1' not in b"".join(memory.bodies):
        assert sent.acquire(timeout=60)
    conn.close()
    assert b"".join(memory.bodies) == encode_record("t", {"n": 0}) + encode_record("t", {"n": 1})


class Shutting(Inbox):
    """An inbox where something happens just before a sender closes it to fetch a message that is due."""

    __slots__ = ("_open", "before", "due")

    def __init__(self, due, before):
        self.due, self.before = due, before
        super().__init__()

    @property
    def open(self):
        return self._open

    @open.setter  # noqa: A003 - as an inbox calls it
    def open(self, value):
        if not value and getattr(self, "_open", False) and self.before and self.due():
            for_once, self.before = self.before, None
            elsewhere(for_once)
        self._open = value


def test_a_record_that_comes_just_before_a_sender_closes_the_inbox_is_in_its_message(conn, memory):
    sent = threading.Event()
    conn.on("flush", lambda _: sent.set())
    dispatcher = conn._dispatcher
    with dispatcher._lock:
        inbox = Shutting(
            lambda: (dispatcher._delivery.wake_at or math.inf) <= monotonic(), lambda: conn.write("t", {"n": 1})
        )
        inbox.open = True
        conn._inbox = dispatcher.inbox = inbox
    assert sent.wait(60)
    assert memory.bodies == [encode_record("t", {"n": 0}) + encode_record("t", {"n": 1})]
    conn.close()


def test_a_message_is_due_by_when_its_first_record_may_have_come_rather_than_by_when_it_was_looked_at(conn):
    dispatcher = conn._dispatcher
    with dispatcher._lock:
        assert conn._inbox.open
        looked_at = dispatcher._settled_at
        for number in range(1, MOST_ROWS):
            conn.write("t", {"n": number, "text": "x" * 2020})
        assert len(conn._inbox.rows) == MOST_ROWS - 1
        dispatcher._settle()
        assert dispatcher._delivery._batcher.last_id == 2
        assert dispatcher._delivery._batcher.due_at == looked_at + _LINGER
    conn.close()


def test_many_threads_and_a_close_in_their_midst_lose_and_double_nothing():
    for _ in range(20):
        memory = Memory()
        conn = SDK(KEY, SECRET, transport=memory)
        accepted: list[list[int]] = [[] for _ in range(8)]
        busy = threading.Barrier(9)

        def work(mine, conn=conn, accepted=accepted, busy=busy):
            for number in range(100_000):
                try:
                    conn.write("t", {"n": number * 8 + mine})
                except Closed:
                    return
                accepted[mine].append(number * 8 + mine)
                if number == 50:
                    busy.wait()

        threads = [threading.Thread(target=work, args=(mine,)) for mine in range(8)]
        for thread in threads:
            thread.start()
        busy.wait()
        try:
            conn.close()
        finally:
            for thread in threads:
                thread.join()
        arrived = [json.loads(line)["n"] for body in memory.bodies for line in body.splitlines()]
        assert sorted(arrived) == sorted(chain.from_iterable(accepted))


def test_a_decimal_and_a_date_are_written_without_a_detour(conn, memory):
    conn.write("t", {"price": Decimal("1.10"), "at": datetime(2024, 3, 1, 12, 30, tzinfo=UTC), "x": Number(1.5)})
    assert len(conn._inbox.rows) == 1
    conn.close()
    assert memory.bodies[0].splitlines()[1] == (
        b'{"__table":"t","price":1.10,"at":"2024-03-01T12:30:00+00:00","x":1.5}'
    )


@pytest.mark.parametrize("max_message", [1024, 3000, 5000])
def test_records_that_are_short_but_too_large_for_a_message_are_refused_at_once(memory, max_message):
    conn = SDK(KEY, SECRET, transport=memory, max_message=max_message)
    for number in range(20):
        conn.write("t", {"n": number})
    with pytest.raises(RecordTooLarge):
        conn.write("t", {"text": "x" * max_message})
    with pytest.raises(RecordTooLarge):
        conn.write("t" * max_message, {"n": 1})
    conn.close()
    assert sum(body.count(b"\n") for body in memory.bodies) == 20


def test_a_table_with_a_long_name_is_no_way_around_the_limit(conn, memory):
    name = "t" * 200_000
    conn.write(name, {"n": 1})
    for number in range(2, 9):
        conn.write(name, {"n": number})
    with pytest.raises(RecordTooLarge):
        conn.write("t" * 300_000, {"n": 1})
    conn.close()
    assert [body.count(b"\n") for body in memory.bodies] == [1, 1, 1, 1, 1, 1, 1, 1, 1] or (
        sorted(body.count(b"\n") for body in memory.bodies) == [1] * 7 + [2]
    )


@pytest.mark.parametrize("more", [{}, {"list": [[1]]}])
def test_a_record_that_is_changed_while_it_is_written_is_refused_or_sent_whole(conn, memory, more):
    record = {"n": 1, "x": 1.5, **more}
    stop = threading.Event()

    def change():
        while not stop.is_set():
            record["more"] = 1
            del record["more"]

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(3000):
            try:
                conn.write("t", record)
            except RecordError as error:
                assert "it was changed, by another thread" in str(error) or "cannot be read" in str(error)  # noqa: PT017
    finally:
        stop.set()
        thread.join()
    conn.close()
    for body in memory.bodies:
        for line in body.splitlines():
            assert json.loads(line)["n"] in (0, 1)


def test_what_is_inside_itself_twice_is_refused_without_end_or_bomb(conn):
    cycle: list[object] = []
    cycle.extend([cycle, cycle, {"a": cycle}])
    with pytest.raises(RecordError, match="is inside itself"):
        conn.write("t", {"n": cycle})
    conn.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # of forks beside threads, from 3.12 on
def test_a_child_sends_nothing_of_what_its_parent_has_not_looked_at(conn, memory):
    conn.write("t", {"n": 1})
    conn.write("t", {"n": 2})
    assert len(conn._inbox.rows) == 2
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        conn.write("t", {"n": 3})
        conn.write("t", {"n": 4})
        conn.close()
        os.write(writing, b"".join(memory.bodies))
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        assert pipe.read() == encode_record("t", {"n": 3}) + encode_record("t", {"n": 4})
    conn.close()
    assert b"".join(memory.bodies).count(b"\n") == 3


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), Number("nan"), Decimal("nan")])
def test_a_tuple_that_is_not_tracked_is_looked_into(conn, memory, bad):
    pair = (1, (2.5, bad))
    for _ in range(3):
        gc.collect()  # each lets go of one level
    record = {"pair": pair}
    with pytest.raises(RecordError, match=r'record\["pair"\]\[1\]\[1\]'):
        conn.write("t", record)
    conn.write("t", {"pair": (1, (2.5, None)), "text": "[1]"})
    conn.close()
    sent = b"".join(memory.bodies).splitlines()[1]
    assert json.loads(sent) == {"__table": "t", "pair": [1, [2.5, None]], "text": "[1]"}
