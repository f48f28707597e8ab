"""What `SDK` promises, from an event loop; each test runs on asyncio and on trio."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import subprocess
import sys
import textwrap
import threading
from collections import deque

import pytest
import trio

import panoply
from panoply._signal import offload
from panoply.aio import AsyncSDK
from panoply.errors import (
    BufferFull,
    Closed,
    CredentialsError,
    DeliveryError,
    DeliveryTimeout,
    RecordError,
    RecordTooLarge,
)

KEY = "acme/rand-one"
SECRET = base64.b64encode(b"rand-two/2f1a7c1e-uuid/123456789012/eu-west-3").decode()


class Memory:
    """A far end in memory, which can be held up and made to fail."""

    def __init__(self, *failures: BaseException, open_gate: bool = True):
        self.failures = deque(failures)
        self.bodies: list[bytes] = []
        self.closed = threading.Event()
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
        self.closed.set()

    @property
    def numbers(self):
        return [json.loads(line)["n"] for body in self.bodies for line in body.splitlines()]


class Loop:
    """One of the two, with what the tests need of it."""

    def __init__(self, name: str):
        self.name = name

    def run(self, main):
        return asyncio.run(main()) if self.name == "asyncio" else trio.run(main)

    async def turn(self):
        if self.name == "asyncio":
            await asyncio.sleep(0)
        else:
            await trio.lowlevel.checkpoint()

    async def cancelled_when(self, wanted, fn):
        """Run `fn` in a task of its own, and cancel it as soon as `wanted()`; tells whether it was cancelled."""
        outcome = []

        async def watch():
            try:
                await fn()
            except (asyncio.CancelledError, trio.Cancelled):
                outcome.append("cancelled")
                raise
            else:
                outcome.append("ended")

        if self.name == "asyncio":
            task = asyncio.create_task(watch())
            while not wanted():
                await self.turn()
            task.cancel()
            await asyncio.wait([task])
        else:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(watch)
                while not wanted():
                    await self.turn()
                nursery.cancel_scope.cancel()
        return outcome == ["cancelled"]


@pytest.fixture(params=["asyncio", "trio"])
def loop(request):
    return Loop(request.param)


def refusal(message: str) -> DeliveryError:
    error = DeliveryError(message)
    error.retryable = False
    return error


def test_records_arrive_in_the_queue(loop, queue):
    async def main():
        async with panoply.AsyncSDK(queue.apikey, queue.apisecret, endpoint_url=queue.endpoint_url) as conn:
            for number in range(100):
                await conn.write("t", {"n": number})

    loop.run(main)
    assert queue.records() == [{"__table": "t", "n": number} for number in range(100)]


def test_flush_returns_when_everything_is_delivered(loop):
    memory = Memory()

    async def main():
        async with AsyncSDK(KEY, SECRET, transport=memory) as conn:
            await conn.write("t", {"n": 1})
            await conn.flush()
            assert memory.numbers == [1]
            assert repr(conn) == "<panoply.AsyncSDK of acme, open, 0 records waiting>"
        with pytest.raises(Closed):
            await conn.write("t", {"n": 2})
        await conn.close()

    loop.run(main)
    assert memory.closed.wait(60)


def test_the_loop_runs_on_while_flush_waits(loop):
    memory = Memory(open_gate=False)

    async def main():
        async with AsyncSDK(KEY, SECRET, transport=memory) as conn:
            await conn.write("t", {"n": 1})
            turns = []

            async def others():
                for _ in range(100):
                    turns.append(1)
                    await loop.turn()
                memory.gate.set()

            if loop.name == "asyncio":
                await asyncio.gather(conn.flush(), others())
            else:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(conn.flush)
                    nursery.start_soon(others)
            assert len(turns) == 100
            assert memory.numbers == [1]

    loop.run(main)


def test_the_loop_runs_on_while_flush_has_seen_some_of_its_messages_end(loop):
    class Second(Memory):
        def send(self, body):
            if self.bodies:
                assert self.gate.wait(60)
            self.bodies.append(body)
            return "receipt"

    memory = Second(open_gate=False)

    async def main():
        async with AsyncSDK(KEY, SECRET, transport=memory, max_in_flight=1) as conn:
            ended = []
            with conn._dispatcher.watched(lambda: ended.append(1)):
                for number in range(2):
                    await conn.write("t", {"n": number, "text": "x" * 200_000})

                async def others():
                    while not ended:
                        await loop.turn()
                    for _ in range(100):
                        await loop.turn()
                    memory.gate.set()

                if loop.name == "asyncio":
                    await asyncio.gather(conn.flush(), others())
                else:
                    async with trio.open_nursery() as nursery:
                        nursery.start_soon(conn.flush)
                        nursery.start_soon(others)

    loop.run(main)
    assert memory.numbers == [0, 1]


def test_others_get_their_turn_while_a_task_does_nothing_but_write(loop):
    memory, turns = Memory(), []

    async def main():
        async with AsyncSDK(KEY, SECRET, transport=memory) as conn:
            done = []

            async def writes():
                number = 0
                while len(turns) < 20:
                    await conn.write("t", {"n": number})
                    number += 1
                done.append(number)

            async def others():
                while not done:
                    turns.append(1)
                    await loop.turn()

            if loop.name == "asyncio":
                await asyncio.gather(writes(), others())
            else:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(writes)
                    nursery.start_soon(others)

    loop.run(main)
    assert len(turns) >= 20
    assert sorted(memory.numbers) == list(range(len(memory.numbers)))  # several messages may be on their way


def test_a_full_buffer_holds_up_the_task_that_writes_and_nobody_else(loop):
    memory = Memory(open_gate=False)

    async def main():
        async with AsyncSDK(KEY, SECRET, transport=memory, max_buffer=600_000) as conn:
            written = []

            async def writes():
                for number in range(12):
                    await conn.write("t", {"n": number, "text": "x" * 100_000})
                    written.append(number)

            async def opens():
                while len(written) < 5:
                    await loop.turn()
                for _ in range(50):
                    await loop.turn()
                assert len(written) == 5
                memory.gate.set()

            if loop.name == "asyncio":
                await asyncio.gather(writes(), opens())
            else:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(writes)
                    nursery.start_soon(opens)

    loop.run(main)
    assert sorted(memory.numbers) == list(range(12))


def test_a_buffer_that_stays_full_refuses_the_record(loop):
    memory = Memory(open_gate=False)

    async def main():
        conn = AsyncSDK(KEY, SECRET, transport=memory, max_buffer=300_000, write_timeout=0)
        await conn.write("t", {"n": 0, "text": "x" * 200_000})
        with pytest.raises(BufferFull):
            await conn.write("t", {"n": 1, "text": "x" * 200_000})
        memory.gate.set()
        await conn.close()

    loop.run(main)
    assert memory.numbers == [0]


def test_a_record_whose_write_was_cancelled_was_not_accepted(loop):
    memory = Memory(open_gate=False)

    async def main():
        conn = AsyncSDK(KEY, SECRET, transport=memory, max_buffer=300_000, write_timeout=None)
        await conn.write("t", {"n": 0, "text": "x" * 200_000})
        started = []

        async def write():
            started.append(1)
            await conn.write("t", {"n": 1, "text": "x" * 200_000})

        assert await loop.cancelled_when(lambda: started and conn._dispatcher._watchers, write)
        assert conn._dispatcher._watchers == ()
        memory.gate.set()
        await conn.close()

    loop.run(main)
    assert memory.numbers == [0]


@pytest.mark.parametrize("method", ["flush", "close"])
def test_a_cancelled_wait_loses_nothing(loop, method):
    memory = Memory(open_gate=False)

    async def main():
        conn = AsyncSDK(KEY, SECRET, transport=memory)
        await conn.write("t", {"n": 1})
        assert await loop.cancelled_when(lambda: conn._dispatcher._watchers, getattr(conn, method))
        memory.gate.set()
        await conn.close()

    loop.run(main)
    assert memory.numbers == [1]


def test_a_block_that_is_cancelled_sends_what_it_has_written(loop):
    memory = Memory()

    async def main():
        written = []

        async def block():
            async with AsyncSDK(KEY, SECRET, transport=memory) as conn:
                await conn.write("t", {"n": 1})
                written.append(1)
                while True:
                    await loop.turn()

        assert await loop.cancelled_when(lambda: written, block)

    loop.run(main)
    assert memory.numbers == [1]


def test_a_block_that_is_cancelled_ends_only_when_what_it_has_written_is_sent(loop):
    memory, sent = Memory(open_gate=False), []

    async def main():
        conn = AsyncSDK(KEY, SECRET, transport=memory)
        written = []

        async def block():
            try:
                async with conn:
                    await conn.write("t", {"n": 1})
                    written.append(1)
                    while True:
                        await loop.turn()
            finally:
                sent.append(memory.numbers)

        async def opens():  # not cancelled with the block
            while not (conn._dispatcher._watchers or sent):
                await loop.turn()
            for _ in range(10):
                await loop.turn()
            memory.gate.set()

        opening = asyncio.create_task(opens()) if loop.name == "asyncio" else trio.lowlevel.spawn_system_task(opens)
        assert await loop.cancelled_when(lambda: written, block)
        while not memory.gate.is_set():
            await loop.turn()
        assert opening is not None

    loop.run(main)
    assert sent == [[1]]


def test_a_block_that_is_cancelled_is_not_held_up_by_a_far_end_that_is_away(loop, monkeypatch):
    monkeypatch.setattr("panoply.aio.EXIT_TIMEOUT", 0.0)
    memory, notes = Memory(open_gate=False), []

    async def main():
        written = []

        async def block():
            try:
                async with AsyncSDK(KEY, SECRET, transport=memory) as conn:
                    await conn.write("t", {"n": 1})
                    written.append(1)
                    while True:
                        await loop.turn()
            except BaseException as exc:
                notes.extend(exc.__notes__)
                raise

        assert await loop.cancelled_when(lambda: written, block)

    loop.run(main)
    memory.gate.set()
    assert "close() had 0.0 seconds" in notes[0]


def test_a_record_may_be_changed_while_it_is_written_to_disk(loop, tmp_path, monkeypatch):
    memory, record = Memory(), {"n": 1}

    async def change_and_offload(work):
        record["n"] = 2
        await offload(work)

    monkeypatch.setattr("panoply.aio.offload", change_and_offload)

    async def main():
        async with AsyncSDK(KEY, SECRET, transport=memory, spool=tmp_path, spool_sync=True) as conn:
            await conn.write("t", record)

    loop.run(main)
    assert (memory.numbers, record) == ([1], {"n": 2})


def test_what_cannot_be_delivered_is_handed_back(loop):
    memory = Memory(refusal("no such queue"), refusal("no such queue"))
    heard = []

    async def main():
        conn = AsyncSDK(KEY, SECRET, transport=memory).on("error", heard.append)
        await conn.write("t", {"n": 1})
        with pytest.raises(DeliveryError, match="no such queue") as failed:
            await conn.flush()
        assert failed.value.records == (("t", {"n": 1}),)
        await conn.write("t", {"n": 2})
        with pytest.raises(DeliveryError) as failed:
            await conn.close()
        assert failed.value.records == (("t", {"n": 2}),)

    loop.run(main)
    assert [event.records for event in heard] == [(("t", {"n": 1}),), (("t", {"n": 2}),)]


def test_a_deadline_hands_back_what_is_left(loop):
    memory = Memory(open_gate=False)

    async def main():
        conn = AsyncSDK(KEY, SECRET, transport=memory)
        await conn.write("t", {"n": 1})
        with pytest.raises(DeliveryTimeout, match=r"1 record .* not in the queue after 0 seconds"):
            await conn.flush(timeout=0)
        with pytest.raises(DeliveryTimeout) as late:
            await conn.close(timeout=0)
        assert late.value.records == (("t", {"n": 1}),)

    loop.run(main)
    memory.gate.set()


def test_a_flush_ends_at_its_deadline_although_nothing_happens(loop):
    memory = Memory(open_gate=False)

    async def main():
        conn = AsyncSDK(KEY, SECRET, transport=memory)
        await conn.write("t", {"n": 1})
        with pytest.raises(DeliveryTimeout, match=r"not in the queue after 0\.01 seconds"):
            await conn.flush(timeout=0.01)
        memory.gate.set()
        await conn.close()

    loop.run(main)
    assert memory.numbers == [1]


def test_a_failure_at_the_end_of_the_block_does_not_hide_the_block_s_own(loop):
    async def main():
        async with AsyncSDK(KEY, SECRET, transport=Memory(refusal("no such queue"))) as conn:
            await conn.write("t", {"n": 1})
            raise KeyError("mine")

    with pytest.raises(KeyError) as failed:
        loop.run(main)
    assert "when panoply.AsyncSDK was closed: 1 record" in failed.value.__notes__[0]


def test_a_wrong_record_is_refused_at_once(loop):
    memory = Memory()

    async def main():
        async with AsyncSDK(KEY, SECRET, transport=memory) as conn:
            await conn.write("t", {"n": 1})
            with pytest.raises(RecordError, match=r'record\["a"\]'):
                await conn.write("t", {"a": float("nan")})
            with pytest.raises(RecordTooLarge):
                await conn.write("t", {"a": "x" * 300_000})
            await conn.write("t", {"n": 2})

    loop.run(main)
    assert memory.numbers == [1, 2]


def test_it_can_be_made_where_no_loop_runs(loop):
    conn = AsyncSDK(KEY, SECRET, transport=(memory := Memory()))

    async def main():
        await conn.write("t", {"n": 1})
        await conn.close()

    loop.run(main)
    assert memory.numbers == [1]


def test_it_is_told_what_an_sdk_is_told():
    with pytest.raises(CredentialsError):
        AsyncSDK("no key", SECRET)
    with pytest.raises(ValueError, match="max_in_flight is at least 1"):
        AsyncSDK(KEY, SECRET, max_in_flight=0)
    with pytest.raises(ValueError, match="write_timeout"):
        AsyncSDK(KEY, SECRET, write_timeout=-1)


def test_a_loop_that_is_gone_harms_nobody(caplog):
    """A watcher of a loop that was closed while it waited is called by a thread that knows nothing of that."""
    memory = Memory(open_gate=False)
    conn = AsyncSDK(KEY, SECRET, transport=memory)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(conn.write("t", {"n": 1}))
    waits = loop.create_task(conn.flush())
    loop.run_until_complete(asyncio.sleep(0))
    assert conn._dispatcher._watchers
    waits._log_destroy_pending = False
    loop.close()
    memory.gate.set()
    conn._sdk.close()
    assert memory.numbers == [1]
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    waits.get_coro().close()


def test_what_was_written_before_the_program_ends_is_sent(queue):
    script = f"""
        import asyncio
        import panoply

        async def main():
            conn = panoply.AsyncSDK({queue.apikey!r}, {queue.apisecret!r}, endpoint_url={queue.endpoint_url!r})
            for number in range(1000):
                await conn.write("t", {{"n": number}})

        asyncio.run(main())
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert [record["n"] for record in queue.records()] == list(range(1000))
