from __future__ import annotations

import base64
import gc
import json
import logging
import subprocess
import sys
import textwrap
import threading
import weakref
from collections import deque
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from uuid import UUID

import pytest

from panoply.errors import (
    BufferFull,
    Closed,
    CredentialsError,
    DeliveryError,
    DeliveryTimeout,
    PanoplyException,
    RecordError,
    RecordTooLarge,
)
from panoply.retrying import Backoff
from panoply.sdk import SDK

KEY = "acme/rand-one"
SECRET = base64.b64encode(b"rand-two/2f1a7c1e-uuid/123456789012/eu-west-3").decode()


class Memory:
    """A far end in memory, which can be held up and made to fail.

    `failures` are raised one by one, each by one call of send(); while `gate` is closed, send() waits.
    """

    def __init__(self, *failures: BaseException, open_gate: bool = True):
        self.failures = deque(failures)
        self.bodies: list[bytes] = []
        self.closed = 0
        self.entered = threading.Semaphore(0)
        self.gate = threading.Event()
        if open_gate:
            self.gate.set()

    def send(self, body: bytes) -> str:
        self.entered.release()
        assert self.gate.wait(60)
        if self.failures:
            raise self.failures.popleft()
        self.bodies.append(body)
        return f"receipt {len(self.bodies)}"

    def close(self) -> None:
        self.closed += 1

    @property
    def records(self):
        return [json.loads(line) for body in self.bodies for line in body.splitlines()]


def refusal(message: str) -> DeliveryError:
    """What no further try can help."""
    error = DeliveryError(message)
    error.retryable = False
    return error


def connected(memory: Memory, **options) -> SDK:
    return SDK(KEY, SECRET, transport=memory, **options)


def numbered(*numbers, table="t"):
    return [{"__table": table, "n": number} for number in numbers]


def in_thread(fn, *args, **kwargs):
    """Run in another thread; returns a function that waits for the outcome."""
    outcome: list[object] = []

    def run():
        try:
            outcome.append(fn(*args, **kwargs))
        except BaseException as exc:  # noqa: BLE001 - it is the outcome
            outcome.append(exc)

    thread = threading.Thread(target=run)
    thread.start()

    def result():
        thread.join()
        return outcome[0]

    return result


# --- with a real queue


def test_records_arrive_in_the_queue_in_order(queue):
    with SDK(queue.apikey, queue.apisecret, endpoint_url=queue.endpoint_url) as conn:
        for number in range(100):
            conn.write("t", {"n": number})
    assert queue.records() == numbered(*range(100))


def test_more_than_a_message_of_records_arrives_in_several(queue):
    with SDK(queue.apikey, queue.apisecret, endpoint_url=queue.endpoint_url, max_in_flight=1) as conn:
        for number in range(7):
            conn.write("t", {"n": number, "text": "x" * 100_000})
    messages = queue.messages()
    assert [message["Body"].count("\n") for message in messages] == [2, 2, 2, 1]


def test_flush_returns_when_everything_is_in_the_queue(queue):
    conn = SDK(queue.apikey, queue.apisecret, endpoint_url=queue.endpoint_url)
    conn.write("t", {"n": 1})
    conn.flush(timeout=60)
    assert queue.records() == numbered(1)
    conn.close()


def test_a_record_goes_by_itself_without_flush(queue):
    sent = threading.Event()
    conn = SDK(queue.apikey, queue.apisecret, endpoint_url=queue.endpoint_url)
    conn.on("flush", lambda event: sent.set())
    conn.write("t", {"n": 1})
    assert sent.wait(60)
    assert queue.records() == numbered(1)
    conn.close()


def test_records_of_many_threads_all_arrive_once_and_each_thread_in_order(queue):
    with SDK(queue.apikey, queue.apisecret, endpoint_url=queue.endpoint_url) as conn:

        def write_all(table):
            for number in range(200):
                conn.write(table, {"n": number})

        for wait in [in_thread(write_all, f"t{worker}") for worker in range(8)]:
            assert wait() is None
    records = queue.records()
    for worker in range(8):
        assert [record for record in records if record["__table"] == f"t{worker}"] == numbered(
            *range(200), table=f"t{worker}"
        )


def test_events_tell_what_was_sent_and_the_queues_answer(queue):
    heard = []
    with SDK(queue.apikey, queue.apisecret, endpoint_url=queue.endpoint_url) as conn:
        conn.on("send", lambda event: heard.append(("send", event)))
        conn.on("*", lambda name, event: heard.append((name + "*", event)))
        conn.write("t", {"n": 1})
        conn.write("u", {"n": 2})
    assert [name for name, _ in heard] == ["send", "send*", "flush*"]
    sent, delivered = heard[0][1], heard[2][1]
    [message] = queue.messages()
    assert sent.response is None
    assert delivered.response == message["MessageId"]
    assert delivered.batch_id == sent.batch_id
    assert (delivered.tables, delivered.count, delivered.bytes) == ({"t": 1, "u": 1}, 2, len(message["Body"]))
    assert delivered.records == (("t", {"n": 1}), ("u", {"n": 2}))


# --- at the exit of the interpreter


def run(queue, program: str, endpoint_url: str | None = None, after: str = ""):
    head = f"""
        import os, sys
        from panoply.sdk import SDK
        conn = SDK({queue.apikey!r}, {queue.apisecret!r}, endpoint_url={endpoint_url or queue.endpoint_url!r})
    """
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(head) + textwrap.dedent(program)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


WRITES = "conn.write('t', {'n': 1}); conn.write('t', {'n': 2})\n"


@pytest.mark.parametrize(
    ("end", "code"),
    [("", 0), ("sys.exit(3)", 3), ("raise ValueError('the program failed')", 1)],
    ids=["the end", "sys.exit", "an exception"],
)
def test_what_was_written_is_sent_however_the_program_ends(queue, end, code):
    done = run(queue, WRITES + end)
    assert (done.returncode, queue.records()) == (code, numbered(1, 2))
    assert "panoply" not in done.stderr.lower()
    assert done.stdout == ""


def test_a_program_that_closes_has_nothing_left_at_exit(queue):
    done = run(queue, WRITES + "conn.close()")
    assert (done.returncode, done.stderr, queue.records()) == (0, "", numbered(1, 2))


def test_what_is_first_written_while_the_interpreter_exits_is_sent_or_refused(queue):
    done = run(
        queue,
        """
import atexit
from panoply.errors import PanoplyException

def last():
    try:
        conn.write("t", {"n": 1})
    except PanoplyException:
        print("refused")
    else:
        print("accepted")

atexit.register(last)
""",
    )
    expected = {"accepted\n": numbered(1), "refused\n": []}  # no thread can be started then from Python 3.12 on
    assert (done.stderr, queue.records()) == ("", expected[done.stdout])


def test_a_close_in_the_midst_of_a_write_waits_for_the_threads_without_holding_them_up():
    memory = Memory()
    sdk = connected(memory)
    sdk.write("t", {"n": 1})
    with sdk._dispatcher._lock:  # as what a signal's handler interrupts may have it
        sdk.close(timeout=None)
        assert not sdk._dispatcher._senders
    assert memory.records == numbered(1)


def test_a_program_that_writes_nothing_starts_no_thread(queue):
    done = run(
        queue,
        "import threading; print(threading.active_count(), 'botocore' in sys.modules); conn.flush(); conn.close()",
    )
    assert (done.stdout, done.stderr) == ("1 False\n", "")


@pytest.fixture
def nobody():
    """An endpoint where nobody listens."""
    import socket

    with socket.socket() as bound:  # not listening, and nobody else can
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


def test_what_cannot_be_sent_at_exit_is_told_in_one_line(queue, nobody):
    done = run(queue, WRITES + "conn.write('u', {'n': 'Q9Z9Q'})", nobody)
    [line] = done.stderr.splitlines()
    assert line.startswith(
        "panoply: 3 records (2 for 't', 1 for 'u') were not delivered: there was no time left to send them: "
        "close() had 5.0 seconds; the last try failed: 127.0.0.1:"
    )
    assert not any(secret in line for secret in ("Q9Z9Q", queue.apisecret, "rand-one", "rand-two"))
    assert done.returncode == 0


def test_what_cannot_be_sent_at_exit_is_handed_to_the_error_handler(queue, nobody):
    done = run(queue, "conn.on('error', lambda event: print(event.records))\n" + WRITES, nobody)
    assert done.stdout == "(('t', {'n': 1}), ('t', {'n': 2}))\n"
    assert len(done.stderr.splitlines()) == 1


def test_a_far_end_that_does_not_answer_cannot_keep_the_program_from_ending(queue):
    import socket

    with socket.socket() as silent:  # it takes connections, and says nothing
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        done = run(queue, WRITES, f"http://127.0.0.1:{silent.getsockname()[1]}")
    [line] = done.stderr.splitlines()
    assert line.startswith("panoply: 2 records (2 for 't') were not delivered: there was no time left to send them")


# --- failures


def test_a_failed_delivery_is_raised_by_flush_with_its_records():
    memory = Memory(refusal("the far end is down"))
    conn = connected(memory)
    conn.on("error", lambda event: None)
    conn.write("t", {"n": 1})
    conn.write("u", {"n": 2})
    with pytest.raises(DeliveryError) as caught:
        conn.flush()
    assert caught.value.records == (("t", {"n": 1}), ("u", {"n": 2}))
    assert "2 records (1 for 't', 1 for 'u') were not delivered" in str(caught.value)
    assert "the far end is down" in str(caught.value)
    conn.flush()
    conn.close()


def test_a_failure_that_flush_has_reported_is_not_reported_by_close():
    conn = connected(Memory(refusal("down"), refusal("down again")))
    conn.on("error", lambda event: None)
    conn.write("t", {"n": 1})
    with pytest.raises(DeliveryError):
        conn.flush()
    conn.write("t", {"n": 2})
    with pytest.raises(DeliveryError) as caught:
        conn.close()
    assert caught.value.records == (("t", {"n": 2}),)


def test_the_records_after_a_failed_message_are_sent():
    memory = Memory(refusal("down"))
    conn = connected(memory)
    conn.on("error", lambda event: conn.write("again", event.records[0][1]))
    conn.write("t", {"n": 1})
    with pytest.raises(DeliveryError):
        conn.flush()
    conn.write("t", {"n": 2})
    conn.close()
    assert memory.records == [*numbered(1, table="again"), *numbered(2)]


@pytest.mark.parametrize(
    "failure", [ValueError("Q9Z9Q"), SystemExit(1), KeyboardInterrupt(), GeneratorExit(), MemoryError()]
)
def test_whatever_a_transport_raises_the_records_are_handed_back_and_the_thread_lives(failure):
    memory = Memory(failure)
    conn = connected(memory)
    heard = []
    conn.on("error", heard.append)
    conn.write("t", {"n": 1})
    with pytest.raises(DeliveryError) as caught:
        conn.flush()
    assert caught.value.records == heard[0].records == (("t", {"n": 1}),)
    assert f"Memory.send() raised {type(failure).__name__}" in str(caught.value)
    assert "Q9Z9Q" not in str(caught.value) + repr(heard)
    assert heard[0].error.__cause__ is failure
    conn.write("t", {"n": 2})
    conn.close()
    assert memory.records == numbered(2)


def test_a_transport_that_returns_no_receipt_has_not_delivered():
    memory = Memory()
    memory.send = lambda body: None
    conn = connected(memory)
    conn.on("error", lambda event: None)
    conn.write("t", {"n": 1})
    with pytest.raises(DeliveryError, match="returned NoneType instead of a receipt"):
        conn.close()


@pytest.mark.parametrize("raised", [ValueError("bug"), SystemExit(1)])
@pytest.mark.parametrize("name", ["send", "flush", "error", "*"])
def test_a_handler_that_raises_harms_nothing(name, raised):
    memory = Memory(refusal("down"))
    conn = connected(memory)

    def handler(*args):
        raise raised

    conn.on(name, handler)
    conn.write("t", {"n": 1})
    with pytest.raises(DeliveryError):
        conn.flush()
    conn.write("t", {"n": 2})
    conn.close()
    assert memory.records == numbered(2)


def test_a_failure_that_nobody_hears_is_logged_once_with_counts(caplog):
    conn = connected(Memory(refusal("the far end is down")))
    conn.write("t", {"n": "Q9Z9Q"})
    with caplog.at_level(logging.INFO), pytest.raises(DeliveryError):
        conn.close()
    [entry] = [entry for entry in caplog.records if entry.name == "panoply.sdk"]
    assert entry.levelname == "ERROR"
    assert "1 record (1 for 't') was not delivered: the far end is down" in entry.getMessage()
    assert "Q9Z9Q" not in entry.getMessage()


def test_what_is_left_at_the_deadline_of_close_is_logged_in_one_line(caplog):
    memory = Memory(open_gate=False)
    conn = connected(memory)
    for number in range(3):
        fill_a_message(conn, number)
    with pytest.raises(DeliveryTimeout):
        conn.close(timeout=0)
    [entry] = caplog.records
    assert entry.getMessage().startswith("3 records (3 for 't') were not delivered: there was no time left")
    memory.gate.set()


@pytest.mark.parametrize("name", ["error", "*"])
def test_a_failure_that_is_heard_is_not_logged(caplog, name):
    conn = connected(Memory(refusal("down")))
    conn.on(name, lambda *args: None)
    conn.write("t", {"n": 1})
    with pytest.raises(DeliveryError):
        conn.close()
    assert not caplog.records


# --- trying again


@pytest.fixture
def long_pauses(monkeypatch):
    """Nothing is tried again by itself for as long as a test runs."""
    pauses = Backoff(first=1e6, longest=1e6, chance=lambda: 1.0)
    monkeypatch.setattr("panoply.delivery.Backoff", lambda: pauses)


def down(message="the far end is down"):
    return DeliveryError(message)


def test_what_fails_for_now_is_tried_again_and_only_its_delivery_is_told():
    memory = Memory(down(), ConnectionResetError("Q9Z9Q"), TimeoutError())
    conn = connected(memory)
    heard = []
    conn.on("*", lambda name, event: heard.append((name, event.attempt)))
    conn.write("t", {"n": 1})
    conn.close()
    assert memory.records == numbered(1)
    assert heard == [("send", 1), ("send", 2), ("send", 3), ("send", 4), ("flush", 4)]


def test_trouble_is_logged_once_until_something_succeeds(caplog):
    memory = Memory(down(), down(), down())
    conn = connected(memory)
    conn.write("t", {"n": "Q9Z9Q"})
    conn.flush()
    [entry] = caplog.records
    assert entry.levelname == "WARNING"
    assert "1 record (1 for 't') could not be sent for now: the far end is down" in entry.getMessage()
    assert "Q9Z9Q" not in entry.getMessage()
    memory.failures.append(down())
    conn.write("t", {"n": 2})
    conn.close()
    assert len(caplog.records) == 2


def resting(memory, **options):
    conn = connected(memory, **options)
    failed = threading.Event()
    handle = conn._dispatcher._delivery.failed

    def note(*args):
        event = handle(*args)
        failed.set()
        return event

    conn._dispatcher._delivery.failed = note
    conn.write("t", {"n": 1})
    with conn._dispatcher._lock:
        conn._dispatcher._delivery.hurry()
        conn._dispatcher._wake()
    assert failed.wait(60)
    return conn


@pytest.mark.parametrize("method", ["flush", "close"])
def test_flush_and_close_do_not_wait_for_the_pause_of_a_message(long_pauses, method):
    memory = Memory(down())
    conn = resting(memory)
    getattr(conn, method)()
    assert memory.records == numbered(1)
    conn.close()


def test_a_message_that_rests_holds_up_no_other(long_pauses):
    memory = Memory(down())
    conn = resting(memory, max_in_flight=1)
    arrived = threading.Event()
    conn.on("flush", lambda event: arrived.set())
    for _ in range(3):
        conn.write("t", {"text": "x" * 200_000})
    assert arrived.wait(60)
    assert numbered(1)[0] not in memory.records
    conn.close()
    assert numbered(1)[0] in memory.records


def test_at_the_deadline_of_flush_the_last_trouble_is_named(long_pauses):
    memory = Memory(down())
    conn = resting(memory)
    memory.gate.clear()
    with pytest.raises(DeliveryTimeout, match="still being sent") as caught:
        conn.flush(timeout=0)
    assert "The last try failed: the far end is down" in str(caught.value)
    assert type(caught.value.__cause__) is DeliveryError
    memory.gate.set()
    conn.flush()
    conn.close()
    assert memory.records == numbered(1)


def test_at_the_deadline_of_close_the_last_trouble_is_named(long_pauses):
    memory = Memory(down())
    conn = resting(memory)
    heard = []
    conn.on("error", heard.append)
    memory.gate.clear()
    with pytest.raises(DeliveryTimeout) as caught:
        conn.close(timeout=0)
    assert caught.value.records == (("t", {"n": 1}),)
    assert str(caught.value).endswith(
        "no time left to send them: close() had 0.0 seconds; the last try failed: the far end is down"
    )
    assert str(caught.value.__cause__.__cause__) == "the far end is down"
    assert [event.records for event in heard] == [caught.value.records]
    memory.gate.set()


# --- several at a time


def fill_a_message(conn, number):
    conn.write("t", {"n": number, "text": "x" * 200_000})


def test_several_messages_are_on_their_way_at_the_same_time_and_no_more_than_may_be():
    memory = Memory(open_gate=False)
    conn = connected(memory, max_in_flight=3)
    for number in range(8):
        fill_a_message(conn, number)
    for _ in range(3):
        assert memory.entered.acquire(timeout=60)
    assert {thread.name for thread in conn._dispatcher._senders} == {"panoply.SDK acme"}
    assert all(thread.daemon for thread in conn._dispatcher._senders)
    assert len(conn._dispatcher._senders) == 3
    with conn._dispatcher._lock:
        assert conn._dispatcher._delivery.wake_at is None
    senders = list(conn._dispatcher._senders)
    memory.gate.set()
    conn.close()
    assert sorted(record["n"] for record in memory.records) == list(range(8))
    assert not any(thread.is_alive() for thread in senders)
    assert (conn._dispatcher._senders, memory.closed) == ([], 1)


def test_with_one_at_a_time_there_is_one_thread_and_the_order_stays():
    memory = Memory()
    conn = connected(memory, max_in_flight=1)
    for number in range(8):
        fill_a_message(conn, number)
    assert len(conn._dispatcher._senders) == 1
    conn.close()
    assert [record["n"] for record in memory.records] == list(range(8))


def test_a_message_is_due_also_while_another_takes_long():
    memory = Memory(open_gate=False)
    conn = connected(memory)
    for number in range(2):
        fill_a_message(conn, number)  # the first message is on its way, and takes long
    assert memory.entered.acquire(timeout=60)
    assert memory.entered.acquire(timeout=60)  # the second is due by itself
    conn.write("t", {"n": 2})
    assert memory.entered.acquire(timeout=60)  # and this one
    memory.gate.set()
    conn.close()
    assert sorted(record["n"] for record in memory.records) == [0, 1, 2]


def test_handlers_run_one_at_a_time():
    memory = Memory()
    conn = connected(memory)
    running, most, counts = [], [], []

    def handler(event):
        running.append(event)
        most.append(len(running))
        counts.append(event.count)
        running.pop()

    conn.on("send", handler)
    conn.on("flush", handler)
    for number in range(50):
        fill_a_message(conn, number)
    conn.close()
    assert set(most) == {1}
    assert len(counts) == 100


def test_where_no_more_threads_can_be_had_one_has_to_do(monkeypatch):
    memory = Memory()
    conn = connected(memory)
    conn.write("t", {"n": -1})

    def fail(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", fail)
    for number in range(5):
        fill_a_message(conn, number)
    assert len(conn._dispatcher._senders) == 1
    conn.close()
    assert len(memory.records) == 6


# --- the buffer


SMALL = 256_000  # one message


def filled(memory, **options):
    """A connection whose buffer takes no second record of 200,000 bytes, and the first is on its way."""
    conn = connected(memory, max_buffer=SMALL, **options)
    fill_a_message(conn, 1)
    with pytest.raises(DeliveryTimeout):
        conn.flush(timeout=0)
    assert memory.entered.acquire(timeout=60)
    return conn


def test_a_full_buffer_refuses_a_record_which_is_still_the_callers():
    memory = Memory(open_gate=False)
    conn = filled(memory, write_timeout=0)
    with pytest.raises(
        BufferFull,
        match=r"the record was not accepted: of 256000 bytes 200\d+ are used. Messages that wait to be sent: 1$",
    ) as caught:
        fill_a_message(conn, 2)
    assert caught.value.retryable
    conn.write("t", {"n": 3})  # there is room for this one
    memory.gate.set()
    conn.flush()
    fill_a_message(conn, 2)
    conn.close()
    assert sorted(record["n"] for record in memory.records) == [1, 2, 3]


def test_writing_waits_for_room():
    memory = Memory(open_gate=False)
    conn = filled(memory)
    conn._dispatcher._ended = Watched(conn._dispatcher._lock)
    written = in_thread(fill_a_message, conn, 2)
    assert conn._dispatcher._ended.sleeps.acquire(timeout=60)
    memory.gate.set()
    assert written() is None
    conn.close()
    assert sorted(record["n"] for record in memory.records) == [1, 2]


def test_many_threads_that_wait_for_room_all_get_it():
    memory = Memory()
    with connected(memory, max_buffer=SMALL) as conn:
        waits = [in_thread(lambda n=n: [fill_a_message(conn, 10 * n + k) for k in range(5)]) for n in range(8)]
        assert [wait() for wait in waits] == [[None] * 5] * 8
    assert sorted(record["n"] for record in memory.records) == sorted(10 * n + k for n in range(8) for k in range(5))


def test_who_waits_for_room_is_told_that_the_connection_was_closed():
    memory = Memory(open_gate=False)
    conn = filled(memory)
    conn.on("error", lambda event: None)
    conn._dispatcher._ended = Watched(conn._dispatcher._lock)
    written = in_thread(fill_a_message, conn, 2)
    assert conn._dispatcher._ended.sleeps.acquire(timeout=60)
    with pytest.raises(DeliveryTimeout):
        conn.close(timeout=0)
    assert isinstance(written(), Closed)
    memory.gate.set()


def test_who_waits_for_room_is_told_at_once_that_the_connection_is_being_closed():
    memory = Memory(open_gate=False)
    conn = filled(memory, write_timeout=None)
    conn._dispatcher._ended = Watched(conn._dispatcher._lock)
    written = in_thread(fill_a_message, conn, 2)
    assert conn._dispatcher._ended.sleeps.acquire(timeout=60)
    closed = in_thread(conn.close)
    assert isinstance(written(), Closed)
    memory.gate.set()
    assert closed() is None


def test_who_waits_for_room_gets_what_fetching_the_failures_makes():
    memory = Memory(refusal("refused"))
    conn = connected(memory, max_buffer=2 * SMALL, write_timeout=None)
    fill_a_message(conn, 1)
    dispatcher = conn._dispatcher
    mark = dispatcher.hurry()
    assert dispatcher.wait(lambda: dispatcher.ended(mark), 60)
    memory.gate.clear()
    fill_a_message(conn, 2)
    dispatcher.hurry()
    dispatcher._ended = Watched(dispatcher._lock)
    written = in_thread(fill_a_message, conn, 3)
    assert dispatcher._ended.sleeps.acquire(timeout=60)
    failures, _ = dispatcher.take_failures()
    assert [failure.count for failure in failures] == [1]
    assert written() is None
    memory.gate.set()
    conn.close()
    assert sorted(record["n"] for record in memory.records) == [2, 3]


def test_a_handler_does_not_wait_for_room_that_it_would_have_to_make_itself():
    memory = Memory(open_gate=False)
    conn = filled(memory, write_timeout=None)
    raised = []

    def handler(event):
        try:
            fill_a_message(conn, 2)
        except BufferFull as exc:
            raised.append(exc)

    conn.on("flush", handler)
    memory.gate.set()
    conn.flush()
    assert len(raised) == 1
    conn.close()


def test_nobody_waits_for_room_that_only_flush_can_make():
    memory = Memory(refusal("refused"))
    conn = connected(memory, max_buffer=SMALL, write_timeout=None)
    fill_a_message(conn, 1)
    with conn._dispatcher._lock:
        mark = conn._dispatcher._delivery.hurry()
        conn._dispatcher._wake()
        assert conn._dispatcher._ended.wait_for(lambda: conn._dispatcher._delivery.ended(mark), 60)
    with pytest.raises(BufferFull, match=r"not delivered, and that flush\(\) hands back: 1. Call it"):
        fill_a_message(conn, 2)
    with pytest.raises(DeliveryError) as caught:
        conn.flush()
    assert [record["n"] for _, record in caught.value.records] == [1]
    fill_a_message(conn, 2)
    conn.close()


def test_what_an_error_handler_has_had_makes_room_and_is_only_counted_afterwards():
    memory = Memory(*(refusal("refused") for _ in range(4)))
    conn = connected(memory, max_buffer=SMALL, write_timeout=60, max_in_flight=1)
    heard = []
    conn.on("error", lambda event: heard.extend(record["n"] for _, record in event.records))
    for number in range(5):
        fill_a_message(conn, number)
    with pytest.raises(DeliveryError, match="only had by handlers of 'error'") as caught:
        conn.close()
    assert caught.value.records == ()
    assert "4 records (4 for 't') were not delivered" in str(caught.value)
    assert heard == [0, 1, 2, 3]
    assert [record["n"] for record in memory.records] == [4]


# --- deadlines


def test_at_the_deadline_of_flush_the_records_stay_and_are_still_sent():
    memory = Memory(open_gate=False)
    conn = connected(memory)
    conn.write("t", {"n": 1})
    with pytest.raises(DeliveryTimeout) as caught:
        conn.flush(timeout=0)
    assert caught.value.records == ()
    assert "1 record (1 for 't') not in the queue after 0 seconds. They are still being sent" in str(caught.value)
    memory.gate.set()
    conn.close()
    assert memory.records == numbered(1)


def test_at_the_deadline_of_close_everything_left_is_handed_back():
    memory = Memory(open_gate=False)
    conn = connected(memory, max_in_flight=1)
    heard = []
    conn.on("error", heard.append)
    conn.write("t", {"n": 1})
    with pytest.raises(DeliveryTimeout):
        conn.flush(timeout=0)
    memory.entered.acquire()  # this message is on its way now
    conn.write("t", {"n": 2})
    with pytest.raises(DeliveryTimeout) as caught:
        conn.close(timeout=0)
    assert caught.value.records == (("t", {"n": 1}), ("t", {"n": 2}))
    assert "2 records (2 for 't') were not delivered" in str(caught.value)
    assert [event.records for event in heard] == [(("t", {"n": 1}),), (("t", {"n": 2}),)]
    # The one on its way arrives after all; that is no event any more, and what was queued is not sent.
    conn.on("flush", heard.append)
    [thread] = conn._dispatcher._senders
    memory.gate.set()
    thread.join()
    assert memory.records == numbered(1)
    assert len(heard) == 2
    assert memory.closed == 1


def test_a_slow_handler_does_not_make_a_delivered_record_late():
    memory, go_on = Memory(), threading.Event()
    told = threading.Event()
    conn = connected(memory)
    conn.on("flush", lambda event: (told.set(), go_on.wait(60)))
    conn.write("t", {"n": 1})
    flushed = in_thread(conn.flush)
    assert told.wait(60)
    conn.flush(timeout=0)
    go_on.set()
    assert flushed() is None
    conn.close()


def test_flush_waits_until_the_handlers_have_run():
    heard = []
    conn = connected(Memory(refusal("down")))
    conn.on("error", heard.append)
    conn.on("flush", heard.append)
    conn.write("t", {"n": 1})
    with pytest.raises(DeliveryError):
        conn.flush()
    assert len(heard) == 1
    conn.write("t", {"n": 2})
    conn.flush()
    assert len(heard) == 2
    conn.close()


@pytest.mark.parametrize("method", ["flush", "close"])
@pytest.mark.parametrize(
    ("timeout", "kind"),
    [(-1, ValueError), (float("nan"), ValueError), ("5", TypeError), (True, TypeError), ([], TypeError)],
)
def test_a_timeout_that_makes_no_sense_is_refused(method, timeout, kind):
    conn = connected(Memory())
    with pytest.raises(kind, match="timeout is a number of seconds"):
        getattr(conn, method)(timeout)
    conn.close()


@pytest.mark.parametrize("timeout", [None, float("inf"), 1e300, 60])
def test_a_timeout_may_be_as_long_as_one_likes(timeout):
    memory = Memory()
    conn = connected(memory)
    conn.write("t", {"n": 1})
    conn.flush(timeout)
    conn.write("t", {"n": 2})
    conn.close(timeout)
    assert memory.records == numbered(1, 2)


class Watched(threading.Condition):
    """Tells when a thread goes to sleep. It holds the lock until then, so whoever takes the lock next finds it asleep."""

    def __init__(self, lock):
        super().__init__(lock)
        self.sleeps = threading.Semaphore(0)

    def wait(self, timeout=None):
        self.sleeps.release()
        return super().wait(timeout)


@pytest.mark.parametrize("method", ["flush", "close"])
def test_flush_and_close_do_not_wait_for_the_age_of_a_message(monkeypatch, method):
    monkeypatch.setattr("panoply._dispatch._LINGER", 1e6)
    memory = Memory()
    conn = connected(memory)
    conn._dispatcher._work = Watched(conn._dispatcher._lock)
    conn.write("t", {"n": 1})
    assert conn._dispatcher._work.sleeps.acquire(timeout=60)
    getattr(conn, method)()
    assert memory.records == numbered(1)
    conn.close()


def test_a_full_message_does_not_wait_for_its_age(monkeypatch):
    monkeypatch.setattr("panoply._dispatch._LINGER", 1e6)
    memory = Memory()
    conn = connected(memory)
    conn.write("t", {"n": 0})
    conn.flush()  # the thread is asleep now
    memory.entered.acquire()
    for number in (1, 2):
        conn.write("t", {"n": number, "text": "x" * 200_000})
    assert memory.entered.acquire(timeout=60)
    conn.close()
    assert len(memory.bodies) == 3


def test_a_sleeping_thread_wakes_up_for_a_new_record():
    memory = Memory()
    conn = connected(memory)
    conn.write("t", {"n": 1})
    conn.flush()
    memory.entered.acquire()
    conn.write("t", {"n": 2})
    assert memory.entered.acquire(timeout=60)
    conn.close()
    assert memory.records == numbered(1, 2)


# --- the end


def test_closing_ends_the_thread_and_closes_the_transport_once():
    memory = Memory()
    conn = connected(memory)
    conn.write("t", {"n": 1})
    [thread] = conn._dispatcher._senders
    assert (thread.name, thread.daemon) == ("panoply.SDK acme", True)
    conn.close()
    assert not thread.is_alive()
    conn.close()
    conn.close(timeout=0)
    assert (memory.records, memory.closed) == (numbered(1), 1)


def test_closing_an_unused_connection_closes_the_transport():
    memory = Memory()
    with connected(memory) as conn:
        assert conn._dispatcher._senders == []
    conn.close()
    assert memory.closed == 1


def test_a_closed_connection_is_kept_by_nothing():
    conn = connected(Memory())
    conn.write("t", {"n": 1})
    conn.close()
    gone = weakref.ref(conn)
    del conn
    gc.collect()
    assert gone() is None


def test_a_transport_that_cannot_be_closed_is_only_logged(caplog):
    memory = Memory()
    memory.close = lambda: 1 / 0
    with connected(memory) as conn:
        conn.write("t", {"n": 1})
    assert memory.records == numbered(1)
    assert "Memory.close() raised ZeroDivisionError" in caplog.text


def test_after_close_nothing_is_accepted_and_flush_has_nothing_to_do():
    memory = Memory()
    conn = connected(memory)
    conn.write("t", {"n": 1})
    conn.close()
    for record in ({"n": 2}, {"n": {2}}):
        with pytest.raises(Closed, match="closed, and the record was not accepted"):
            conn.write("t", record)
    conn.flush()
    assert memory.records == numbered(1)


def test_close_waits_in_every_thread_that_calls_it():
    memory = Memory(open_gate=False)
    conn = connected(memory)
    conn.write("t", {"n": 1})
    waits = [in_thread(conn.close) for _ in range(3)]
    memory.entered.acquire()
    memory.gate.set()
    assert [wait() for wait in waits] == [None] * 3
    assert (memory.records, memory.closed) == (numbered(1), 1)


def leave_a_block(memory, heard, exc=None):
    with connected(memory) as conn:
        conn.on("error", heard.append)
        conn.write("t", {"n": 1})
        if exc is not None:
            raise exc


def test_an_exception_in_the_block_passes_and_what_was_written_is_sent():
    memory = Memory()
    with pytest.raises(ValueError, match="the program's own") as caught:
        leave_a_block(memory, [], ValueError("the program's own"))
    assert memory.records == numbered(1)
    assert not hasattr(caught.value, "__notes__")


def test_a_failed_delivery_does_not_hide_the_exception_in_the_block():
    heard = []
    with pytest.raises(ValueError, match="the program's own") as caught:
        leave_a_block(Memory(refusal("down")), heard, ValueError("the program's own"))
    [note] = caught.value.__notes__
    assert "1 record (1 for 't') was not delivered" in note
    assert len(heard) == 1


def test_an_interrupt_in_the_block_does_not_wait_forever_for_the_far_end(monkeypatch):
    monkeypatch.setattr("panoply.sdk.EXIT_TIMEOUT", 0)
    memory = Memory(open_gate=False)
    with pytest.raises(KeyboardInterrupt) as caught:
        leave_a_block(memory, [], KeyboardInterrupt())
    assert "no time left" in caught.value.__notes__[0]
    memory.gate.set()


def test_a_failed_delivery_is_raised_at_the_end_of_the_block():
    with pytest.raises(DeliveryError):
        leave_a_block(Memory(refusal("down")), [])


@pytest.mark.parametrize("method", ["flush", "close"])
def test_a_handler_that_would_wait_for_itself_is_told_so(method):
    conn = connected(Memory())
    raised = []

    def handler(event):
        try:
            getattr(conn, method)()
        except PanoplyException as exc:
            raised.append(str(exc))

    conn.on("flush", handler)
    conn.write("t", {"n": 1})
    conn.close()
    assert len(raised) == 1
    assert f"{method}() would wait for the handler that calls it" in raised[0]


def test_a_handler_may_write():
    memory = Memory()
    conn = connected(memory)
    conn.on("send", lambda event: conn.write("u", {"n": 2}) if "u" not in event.tables else None)
    conn.write("t", {"n": 1})
    conn.flush()
    conn.close()
    assert memory.records == [*numbered(1), *numbered(2, table="u")]


# --- what it is given


def test_a_bad_record_is_refused_at_write_and_the_others_are_sent():
    memory = Memory()
    with connected(memory) as conn:
        conn.write("t", {"n": 1})
        with pytest.raises(RecordError, match=r'record\["n"\]: set has no JSON form'):
            conn.write("t", {"n": {2}})
        with pytest.raises(RecordTooLarge):
            conn.write("t", {"n": "x" * 260_000})
        with pytest.raises(RecordError, match="table"):
            conn.write("", {"n": 3})
        conn.write("t", {"n": 4})
    assert memory.records == numbered(1, 4)


def test_a_record_may_be_changed_after_it_was_written():
    memory = Memory()
    record = {"n": 1}
    with connected(memory) as conn:
        conn.write("t", record)
        record["n"] = 2
        conn.write("t", record)
    assert memory.records == numbered(1, 2)


def test_an_encoder_is_used():
    memory = Memory()
    with connected(memory, encoder=sorted) as conn:
        conn.write("t", {"n": {2, 1}})
    assert memory.records == numbered([1, 2])


def test_a_thread_that_cannot_be_started_leaves_the_record_with_the_caller(monkeypatch):
    memory = Memory()
    conn = connected(memory)

    def fail(self):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", fail)
        with pytest.raises(PanoplyException, match="the record was not accepted, as no thread can be started"):
            conn.write("t", {"n": 1})
    conn.write("t", {"n": 2})
    conn.close()
    assert memory.records == numbered(2)


@pytest.mark.parametrize(
    ("options", "kind", "said"),
    [
        ({"encoder": 5}, TypeError, "encoder has to be a function"),
        ({"transport": object()}, TypeError, r"send\(body\) and close\(\), which object has not"),
        ({"transport": Memory(), "endpoint_url": "http://x"}, TypeError, "pass one of them"),
        ({"endpoint_url": "nowhere"}, ValueError, "endpoint_url should look like"),
        ({"max_in_flight": 0}, ValueError, "max_in_flight is at least 1, not 0"),
        ({"max_in_flight": "4"}, TypeError, "max_in_flight is a whole number, not str"),
        ({"max_buffer": 1000}, ValueError, "max_buffer is at least 256000, not 1000"),
        ({"max_buffer": 1e9}, TypeError, "max_buffer is a whole number, not float"),
        ({"write_timeout": -1}, ValueError, "write_timeout is a number of seconds from 0 on"),
        ({"write_timeout": "5"}, TypeError, "write_timeout is a number of seconds or None"),
    ],
)
def test_options_that_cannot_work_are_refused_at_once(options, kind, said):
    with pytest.raises(kind, match=said):
        SDK(KEY, SECRET, **options)


def test_malformed_credentials_are_refused_at_once():
    with pytest.raises(CredentialsError, match="RAND1"):
        SDK("acme", SECRET)


def test_the_published_attributes_are_there():
    conn = connected(Memory())
    assert (conn.apikey, conn.apisecret) == (KEY, SECRET)
    assert conn.qurl == "https://sqs.eu-west-3.amazonaws.com/123456789012/sdk-acme-rand-two"


def test_repr_tells_the_state_and_no_secret():
    conn = connected(Memory(open_gate=False))
    conn.write("t", {"n": "Q9Z9Q"})
    assert repr(conn) == "<panoply.SDK of acme, open, 1 records waiting>"
    with pytest.raises(DeliveryTimeout):
        conn.on("error", lambda event: None).close(timeout=0)
    conn._dispatcher._transport.gate.set()
    assert repr(conn) == "<panoply.SDK of acme, closed, 0 records waiting>"


# --- encoders


class Published(json.JSONEncoder):
    """As programs of the Python 3 fork have one: for dates, and for what they made up themselves."""

    def default(self, o):
        if isinstance(o, datetime):
            return o.strftime("%d.%m.%Y")
        if isinstance(o, Colour):
            return o.name
        if isinstance(o, set):
            return sorted(o)
        if isinstance(o, UUID):
            return o.hex
        return super().default(o)


class Colour(Enum):
    RED = 1


@pytest.mark.parametrize(
    "encoder", [Published, Published(), Published().default], ids=["the class", "one of its kind", "its default"]
)
def test_a_json_encoder_has_its_way_with_all_that_json_does_not_know(encoder):
    memory = Memory()
    record = {"at": datetime(2024, 3, 1, tzinfo=UTC), "colour": Colour.RED, "tags": {"b", "a"}, "id": UUID(int=7)}
    with connected(memory, jsonEncoder=encoder) as conn:
        conn.write("t", {"n": 0})
        conn.write("t", record)
        conn.write("t", {"at": datetime(2024, 3, 1, tzinfo=UTC)})
        conn.write("t", {"deep": [[{"tags": {2, 1}}]], "price": Decimal("1.5"), "x": 1.5, "pair": (1, 2)})
    assert memory.records == [
        {"__table": "t", "n": 0},
        {"__table": "t", "at": "01.03.2024", "colour": "RED", "tags": ["a", "b"], "id": UUID(int=7).hex},
        {"__table": "t", "at": "01.03.2024"},
        {"__table": "t", "deep": [[{"tags": [1, 2]}]], "price": 1.5, "x": 1.5, "pair": [1, 2]},
    ]
    # It is this connection's alone.
    assert json.JSONEncoder.default is PATCHABLE
    with connected(Memory()) as other, pytest.raises(RecordError, match=r'record\["tags"\]: set has no JSON form'):
        other.write("t", {"tags": {1}})


PATCHABLE = json.JSONEncoder.default


def test_what_neither_a_json_encoder_nor_anybody_knows_is_refused():
    with connected(Memory(), jsonEncoder=Published) as conn:
        conn.write("t", {"n": 0})
        for bad in (object(), b"x", float("nan"), [float("inf")]):
            with pytest.raises(RecordError, match=r'record\["a"\]'):
                conn.write("t", {"a": bad})


def test_a_json_encoder_that_fails_says_so_and_hides_the_value():
    def default(value):
        raise KeyError("Q9Z9Q")

    with connected(Memory(), jsonEncoder=default) as conn:
        with pytest.raises(RecordError, match="the encoder raised KeyError for this set") as failed:
            conn.write("t", {"a": {1}})
        assert "Q9Z9Q" not in str(failed.value)


@pytest.mark.parametrize("wrong", [{"jsonEncoder": 5}, {"jsonEncoder": Published, "encoder": str}, {"encoder": 5}])
def test_an_encoder_that_is_none_or_one_too_many_is_refused(wrong):
    with pytest.raises(TypeError, match=r"[eE]ncoder"):
        connected(Memory(), **wrong)


def test_an_encoder_belongs_to_its_connection_also_for_short_records():
    memory = Memory()
    with connected(memory, encoder=sorted) as conn:
        conn.write("t", {"n": 0})
        conn.write("t", {"tags": {2, 1}})
        conn.write("t", {"raw": b"\x02\x01"})
    assert memory.records[1:] == [{"__table": "t", "tags": [1, 2]}, {"__table": "t", "raw": [1, 2]}]
