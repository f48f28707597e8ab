"""With a spool, what was accepted outlives the process, and is delivered by the next one."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections import deque
from typing import TYPE_CHECKING

import pytest

import panoply
from panoply.aio import AsyncSDK
from panoply.errors import DeliveryError, DeliveryTimeout, RecordTooLarge, SpoolError
from panoply.sdk import SDK
from panoply.spool import Leftover, Spool

if TYPE_CHECKING:
    from pathlib import Path

KEY = "acme/rand-one"
SECRET = base64.b64encode(b"rand-two/2f1a7c1e-uuid/123456789012/eu-west-3").decode()
OTHER = base64.b64encode(b"rand-six/2f1a7c1e-uuid/123456789012/eu-west-3").decode()


class Memory:
    """A far end in memory, which can be held up and made to fail."""

    def __init__(self, *failures: BaseException, open_gate: bool = True):
        self.failures = deque(failures)
        self.bodies: list[bytes] = []
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
        return "receipt"

    def close(self) -> None:
        """Nothing is open."""

    @property
    def numbers(self):
        return [json.loads(line)["n"] for body in self.bodies for line in body.splitlines()]


def refusal(message: str) -> DeliveryError:
    error = DeliveryError(message)
    error.retryable = False
    return error


def files(spool: Path) -> list[Path]:
    return sorted(path for path in spool.rglob("*.jsonl") if path.stat().st_size)


@pytest.fixture
def spool(tmp_path):
    return tmp_path / "spool"


@pytest.fixture
def opened(spool):
    """Makes SDKs on the spool, and lets go of those that a test leaves open."""
    made = []

    def make(memory, secret=SECRET, **options):
        conn = SDK(KEY, secret, transport=memory, spool=spool, **options)
        made.append((conn, memory))
        return conn

    yield make
    for conn, memory in made:
        memory.gate.set()
        conn.close()


def leave(opened, *numbers, **options) -> None:
    """Have an SDK leave these in the spool."""
    memory = Memory(open_gate=False)
    conn = opened(memory, **options)
    for number in numbers:
        conn.write("t", {"n": number, "text": "x" * 1000})
    conn.close(timeout=0)


def test_what_is_delivered_is_in_the_spool_no_more(spool, opened):
    memory = Memory(open_gate=False)
    conn = opened(memory)
    for number in range(1000):
        conn.write("t", {"n": number, "text": "x" * 1000})
    assert sum(path.read_bytes().count(b"\n") for path in files(spool)) == 1000
    memory.gate.set()
    conn.flush()
    assert files(spool) == []
    conn.close()
    assert sorted(memory.numbers) == list(range(1000))
    assert not any(spool.rglob("*.jsonl"))


def test_what_is_left_at_the_deadline_stays_and_is_sent_by_the_next(spool, opened, caplog):
    memory = Memory(open_gate=False)
    conn = opened(memory)
    conn.write("t", {"n": 1})
    conn.write("u", {"n": 2})
    with caplog.at_level(logging.WARNING, logger="panoply.sdk"):
        conn.close(timeout=0)
    assert f"Not delivered in time: 2 records (1 for 't', 1 for 'u'). It stays in the spool {str(spool)!r}" in (
        caplog.text
    )
    second = Memory()
    opened(second).close()
    assert second.numbers == [1, 2]
    assert files(spool) == []
    third = Memory()
    opened(third).close()
    assert third.numbers == []


def test_a_flush_of_the_next_one_waits_for_what_the_last_one_left(opened):
    leave(opened, *range(600))
    memory = Memory()
    conn = opened(memory)
    conn.write("t", {"n": 1000})
    conn.flush()
    assert sorted(memory.numbers) == [*range(600), 1000]


def test_what_is_taken_over_while_a_message_is_filled_leaves_nothing_of_it_behind(opened, spool, monkeypatch):
    leave(opened, 0)
    read, wanted = Leftover.lines, threading.Event()

    def lines(leftover):
        assert wanted.wait(60)
        return read(leftover)

    monkeypatch.setattr(Leftover, "lines", lines)
    memory = Memory(open_gate=False)
    conn = opened(memory)
    conn.write("t", {"n": 1})
    wanted.set()
    assert memory.entered.acquire(timeout=60)
    conn.write("t", {"n": 2})
    assert sorted(path.read_bytes().count(b"\n") for path in files(spool)) == [1, 2]
    memory.gate.set()
    conn.flush()
    assert files(spool) == []
    assert sorted(memory.numbers) == [0, 1, 2]


def test_what_is_left_is_sent_without_a_word_from_the_program(opened):
    leave(opened, 1)
    memory, told = Memory(), threading.Event()
    opened(memory).on("flush", lambda _: told.set())
    assert memory.entered.acquire(timeout=60)


def test_a_late_flush_says_so_and_keeps_the_records(spool, opened):
    conn = opened(Memory(open_gate=False))
    conn.write("t", {"n": 1})
    with pytest.raises(DeliveryTimeout, match=r"1 record .* not in the queue after 0 seconds"):
        conn.flush(timeout=0)
    assert len(files(spool)) == 1


@pytest.mark.parametrize("way", ["an error handler", "flush", "close"])
def test_what_was_handed_back_is_the_program_s(spool, opened, way):
    memory, heard = Memory(refusal("no such queue")), []
    conn = opened(memory)
    if way == "an error handler":
        conn.on("error", lambda event: heard.extend(event.records))
    conn.write("t", {"n": 1})
    with pytest.raises(DeliveryError) as failed:
        conn.close() if way == "close" else conn.flush()
    assert failed.value.records == (("t", {"n": 1}),)
    assert heard in ([], [("t", {"n": 1})])
    assert files(spool) == []


def test_what_an_error_handler_has_had_is_in_the_spool_no_more(spool, opened):
    conn = opened(Memory(refusal("no such queue")))
    heard = []
    conn.on("error", heard.append)
    conn.write("t", {"n": 1})
    mark = conn._dispatcher.hurry()
    assert conn._dispatcher.wait(lambda: conn._dispatcher.ended(mark), 60)
    assert len(heard) == 1
    assert files(spool) == []
    with pytest.raises(DeliveryError):
        conn.close()


def test_a_record_that_a_signal_s_handler_pushes_to_the_next_message_is_in_the_spool_with_that_one(
    spool, opened, monkeypatch
):
    memory = Memory(open_gate=False)
    conn = opened(memory)
    append, handlers = Spool.append, [lambda: conn.write("t", {"n": 2, "text": "x" * 200_000})]

    def append_and_be_interrupted(self, batch, line):
        append(self, batch, line)
        if handlers:
            handlers.pop()()

    monkeypatch.setattr(Spool, "append", append_and_be_interrupted)
    conn.write("t", {"n": 1, "text": "x" * 200_000})
    kept = [[json.loads(line)["n"] for line in path.read_bytes().splitlines()] for path in files(spool)]
    assert kept == [[1, 2], [1]]


def test_what_was_handed_back_is_gone_before_another_one_can_have_the_spool(spool, opened, monkeypatch):
    seen, close = [], Spool.close

    def look_and_close(self):
        seen.append(files(spool))
        close(self)

    conn = opened(Memory(refusal("no such queue")))
    conn.write("t", {"n": 1})
    assert files(spool)
    monkeypatch.setattr(Spool, "close", look_and_close)
    with pytest.raises(DeliveryError):
        conn.close()
    assert seen == [[]]


def test_what_another_account_left_is_not_sent_with_this_one_s_credentials(spool, opened):
    leave(opened, 1, secret=OTHER)
    memory = Memory()
    opened(memory).close()
    assert memory.numbers == []
    theirs = Memory()
    opened(theirs, secret=OTHER).close()
    assert theirs.numbers == [1]


def test_two_at_a_time_do_not_send_each_other_s(spool, opened):
    first, second = Memory(open_gate=False), Memory()
    one = opened(first)
    one.write("t", {"n": 1})
    two = opened(second)
    two.write("t", {"n": 2})
    two.close()
    assert second.numbers == [2]
    first.gate.set()
    one.close()
    assert first.numbers == [1]


def test_what_is_left_may_be_larger_than_messages_are_now(opened):
    leave(opened, *range(200))
    memory = Memory()
    opened(memory, max_message=20_000).close()
    assert sorted(memory.numbers) == list(range(200))
    assert all(len(body) <= 20_000 for body in memory.bodies)


def test_what_is_left_may_be_larger_than_the_buffer_is_now(opened):
    leave(opened, *range(200))
    memory = Memory()
    opened(memory, max_message=20_000, max_buffer=20_000).flush()
    assert sorted(memory.numbers) == list(range(200))


def test_what_is_torn_is_told_and_left_out(spool, opened, caplog):
    leave(opened, 1, 2)
    (path,) = files(spool)
    with path.open("ab") as file:
        file.write(b'{"__table":"t","n":3,"te')
    memory = Memory()
    opened(memory).close()
    assert memory.numbers == [1, 2]
    assert "1 lines were not written to their end" in caplog.text
    assert files(spool) == []


def test_a_record_that_is_too_large_is_not_in_the_spool(spool, opened):
    conn = opened(Memory())
    with pytest.raises(RecordTooLarge):
        conn.write("t", {"n": 1, "text": "x" * 300_000})
    assert files(spool) == []


def test_a_full_disk_raises_at_write_and_harms_no_other(opened, monkeypatch):
    memory = Memory()
    conn = opened(memory)
    conn.write("t", {"n": 1})
    write = os.write
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", lambda fd, data: write(fd, data[:3]) if len(data) > 9 else no_space())
        with pytest.raises(SpoolError, match="the record was not accepted"):
            conn.write("t", {"n": 2})
        patched.setattr(os, "write", lambda fd, data: no_space())
        with pytest.raises(SpoolError, match="No space left"):
            conn.write("t", {"n": 3})
    conn.write("t", {"n": 4})
    conn.close()
    assert memory.numbers == [1, 4]


def no_space():
    raise OSError(28, os.strerror(28))


def test_a_path_that_cannot_be_a_spool_is_said_at_once(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(SpoolError, match="it is a file"):
        SDK(KEY, SECRET, transport=Memory(), spool=tmp_path / "file")
    with pytest.raises(TypeError, match="spool_sync is for a spool"):
        SDK(KEY, SECRET, transport=Memory(), spool_sync=True)


def test_a_segment_that_cannot_be_deleted_is_told(opened, monkeypatch, caplog):
    def refuse(self, batch):
        raise SpoolError("it cannot be deleted")

    memory = Memory()
    conn = opened(memory)
    conn.write("t", {"n": 1})
    with monkeypatch.context() as patched:
        patched.setattr(Spool, "drop", refuse)
        conn.flush()
    assert "it cannot be deleted" in caplog.text
    assert memory.numbers == [1]


def test_a_segment_that_cannot_be_read_holds_nobody_up(opened, spool, monkeypatch, caplog):
    leave(opened, 1)
    (path,) = files(spool)
    path.unlink()
    path.mkdir()
    (path / "in the way").write_text("x")
    memory = Memory()
    conn = opened(memory)
    conn.write("t", {"n": 2})
    conn.close()
    assert memory.numbers == [2]


@pytest.mark.parametrize("sync", [False, True])
def test_an_async_sdk_has_a_spool_too(spool, sync):
    async def main(memory, *numbers):
        conn = AsyncSDK(KEY, SECRET, transport=memory, spool=spool, spool_sync=sync)
        for number in numbers:
            await conn.write("t", {"n": number})
        await conn.close(timeout=0 if numbers else 60)

    held = Memory(open_gate=False)
    asyncio.run(main(held, *range(10)))
    memory = Memory()
    asyncio.run(main(memory))
    assert memory.numbers == list(range(10))
    held.gate.set()


# --- processes


def run(script: str, *args: object, **options) -> subprocess.CompletedProcess[str]:
    # From 3.12 on a fork beside threads is warned of, and one of these programs does just that.
    warnings = ("-W", "ignore:This process:DeprecationWarning")
    return subprocess.run(
        [sys.executable, *warnings, "-c", textwrap.dedent(script), *map(str, args)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **options,
    )


WRITER = """
    import os, signal, sys
    import panoply

    key, secret, spool, end = sys.argv[1:]
    conn = panoply.SDK(key, secret, endpoint_url="http://127.0.0.1:9", spool=spool)
    for number in range(5000):
        conn.write("t", {"n": number})
    print("written", flush=True)
    if end == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif end == "terminate":
        os.kill(os.getpid(), signal.SIGTERM)
    elif end == "_exit":
        os._exit(3)
    elif end == "exit":
        sys.exit("bye")
    elif end == "raise":
        raise KeyError("mine")
"""


@pytest.mark.parametrize("end", ["kill", "terminate", "_exit", "exit", "raise", "simply end"])
def test_however_a_process_ends_the_next_one_sends_what_it_wrote(spool, end):
    done = run(WRITER, KEY, SECRET, spool, end)
    assert done.stdout == "written\n"
    if end in {"exit", "raise", "simply end"}:
        assert "Not delivered in time: 5000 records (5000 for 't'). It stays in the spool" in done.stderr
    memory = Memory()
    with SDK(KEY, SECRET, transport=memory, spool=spool):
        pass
    assert sorted(memory.numbers) == list(range(5000))


def test_what_a_process_could_not_deliver_stays_if_nobody_heard_of_it(spool):
    script = """
        import sys
        import panoply

        class Refusing:
            def send(self, body):
                raise panoply.PanoplyException("refused", retryable=False)
            def close(self):
                pass

        conn = panoply.SDK(*sys.argv[1:3], transport=Refusing(), spool=sys.argv[3])
        conn.write("t", {"n": 1})
    """
    done = run(script, KEY, SECRET, spool)
    assert done.stderr.count("\n") == 1
    assert "1 record (1 for 't') was not delivered: refused. It stays in the spool" in done.stderr
    memory = Memory()
    SDK(KEY, SECRET, transport=memory, spool=spool).close()
    assert memory.numbers == [1]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_child_keeps_what_is_its_own_and_leaves_the_parent_s(spool):
    script = """
        import os, sys
        import panoply

        class Memory:
            def __init__(self):
                self.bodies = []
            def send(self, body):
                self.bodies.append(body)
                return "receipt"
            def close(self):
                pass

        memory = Memory()
        conn = panoply.SDK(*sys.argv[1:3], transport=memory, spool=sys.argv[3])
        conn.write("t", {"n": 1})
        if os.fork() == 0:
            memory.bodies.clear()
            conn.write("t", {"n": 2})
            os.write(1, b"child's\\n")
            os._exit(0)
        os.wait()
        conn.close()
        print(*memory.bodies)
    """
    done = run(script, KEY, SECRET, spool)
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["child's", str(b'{"__table":"t","n":1}\n')]
    memory = Memory()
    SDK(KEY, SECRET, transport=memory, spool=spool).close()
    assert memory.numbers == [2]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_child_that_lives_on_does_not_keep_what_its_parent_left_from_the_next_one(spool):
    script = """
        import os, sys
        import panoply

        class Away:
            def send(self, body):
                raise OSError
            def close(self):
                pass

        conn = panoply.SDK(*sys.argv[1:3], transport=Away(), spool=sys.argv[3])
        conn.write("t", {"n": 1})
        if os.fork() == 0:
            os.read(0, 1)
        os._exit(0)
    """
    options = ["-W", "ignore:This process:DeprecationWarning"]
    command = [sys.executable, *options, "-c", textwrap.dedent(script), KEY, SECRET, str(spool)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as program:
        assert program.wait(60) == 0
        memory = Memory()
        SDK(KEY, SECRET, transport=memory, spool=spool).close()
        assert memory.numbers == [1]


def test_ten_processes_that_are_killed_one_after_the_other_lose_nothing(spool):
    """Each sends what it can of what those before it left, and is killed in the midst of that and of its own writing."""
    script = """
        import os, signal, sys
        import panoply

        class Slow:
            def send(self, body):
                out = os.open(sys.argv[4], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
                os.write(out, body)
                os.close(out)
                return "receipt"
            def close(self):
                pass

        conn = panoply.SDK(*sys.argv[1:3], transport=Slow(), spool=sys.argv[3], max_message=4096)
        base = int(sys.argv[5])
        for number in range(base, base + 1000):
            conn.write("t", {"n": number})
        print("written", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    arrived = spool.parent / "arrived"
    for turn in range(10):
        done = run(script, KEY, SECRET, spool, arrived, turn * 1000)
        assert (done.returncode, done.stdout) == (-signal.SIGKILL, "written\n"), done.stderr
    memory = Memory()
    with SDK(KEY, SECRET, transport=memory, spool=spool):
        pass
    sent = [json.loads(line)["n"] for line in arrived.read_bytes().splitlines()] if arrived.exists() else []
    assert {*sent, *memory.numbers} == set(range(10_000))
    assert panoply.SpoolError is SpoolError
