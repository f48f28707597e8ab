"""Runs that end early, and those that go on where they ended: state, limit, time-out, signals, processes that are killed."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

import panoply
from panoply import _ledger, runner
from panoply._interrupts import ending_when_told
from panoply.errors import PanoplyException, ParamsError, StateError
from panoply.sinks import JSONLSink


class Counting(panoply.DataSource):
    """Gives rows 0 to `rows`, `step` at a time, and says after each batch how far it has come."""

    made: ClassVar[list] = []
    closed: ClassVar[list] = []

    def __init__(self, source, options):
        super().__init__(source, options)
        self.at = source.get("state", {}).get("at", 0)
        self.reads = 0
        self.made.append(source.get("state"))

    def read(self, n=None):
        if self.at >= self.source.get("rows", 10):
            return None
        self.reads += 1
        self.hook()
        batch = [{"id": number} for number in range(self.at, self.at + self.source.get("step", 2))]
        for row in batch:
            row["__state"] = str(self.at)
        self.state(str(self.at), {"at": self.at + len(batch)})
        self.at += len(batch)
        return batch

    def hook(self):
        pass

    def close(self):
        self.closed.append(True)


def counting(**members):
    module = ModuleType("counting")
    module.Stream = type("Stream", (Counting,), {"made": [], "closed": [], **members})
    module.CONFIG = {"title": "Counting", "params": []}
    return module


def ids(path):
    path = Path(path)
    path = path if path.exists() else path.with_name(f"{path.name}.part")
    return [json.loads(line)["id"] for line in path.read_bytes().splitlines()]


def saved(path):
    return json.loads(Path(path).read_text())


class Notes(runner.Observer):
    def __init__(self):
        self.all = []

    def warning(self, message):
        self.all.append(message)

    def delivered(self, records):
        self.all.append(records)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


# ---------------------------------------------------------------------- state


def test_a_run_keeps_its_state_and_the_next_one_goes_on_from_there():
    module = counting()

    first = runner.run(module, {"rows": 6}, to="out.jsonl", state="state.json")
    second = runner.run(module, {"rows": 10}, to="out.jsonl", state="state.json")

    assert (first.state, second.state) == ({"at": 6}, {"at": 10})
    assert module.Stream.made == [None, {"at": 6}]
    assert ids("out.jsonl") == list(range(10))
    assert saved("state.json")["state"] == {"at": 10}


def test_states_are_merged_into_those_of_the_runs_before():
    Path("state.json").write_text(
        json.dumps({"version": 1, "source": "counting", "target": "out.jsonl", "state": {"other": [1], "at": 2}})
    )

    result = runner.run(counting(), {"rows": 6}, to="out.jsonl", state="state.json")

    assert result.state == {"other": [1], "at": 6}
    assert saved("state.json")["state"] == {"other": [1], "at": 6}


def test_the_state_is_that_of_what_was_delivered_and_not_of_what_was_read():
    def refuse(self, table, record):
        if record["id"] == 5:
            raise PanoplyException("full")
        JSONLSink.write(self, table, record)

    class Small(JSONLSink):
        write = refuse

    with Small("out.jsonl", append=True) as sink:
        result = runner.run(counting(), {}, to=sink, state="state.json")

    assert not result.ok
    # Row 4 was delivered; but the state that speaks of it speaks of row 5 as well.
    assert ids("out.jsonl") == [0, 1, 2, 3, 4]
    assert saved("state.json")["state"] == {"at": 4}
    assert result.state == {"at": 4}


def test_what_could_not_be_delivered_leaves_the_state_as_it_was():
    class Broken(JSONLSink):
        broken = True

        def flush(self):
            if self.written and self.broken:
                raise OSError("gone")
            super().flush()

    with Broken("out.jsonl", append=True) as sink:
        result = runner.run(counting(), {}, to=sink, state="state.json")
        sink.broken = False

    assert not result.delivered
    assert result.state == {}
    assert saved("state.json")["state"] == {}


def test_a_state_reported_by_a_call_that_raised_is_not_that_of_what_came_after():
    def hook(self):
        if self.at == 4 and self.reads == 3:
            self.state("lost", {"lost": True})
            raise ConnectionError("reset")

    result = runner.run(counting(hook=hook), {}, to="out.jsonl", state="state.json", pauses=(0,))

    assert result.ok
    assert result.state == {"at": 10}


def test_a_state_that_close_reports_counts_where_all_was_read():
    def close(self):
        self.state("closed", {"closed": True})

    assert runner.run(counting(close=close), {}, to="out.jsonl", state="state.json").state == {"at": 10, "closed": True}
    cut = runner.run(counting(close=close), {}, to="cut.jsonl", state="cut.json", limit=4)
    assert cut.state == {"at": 4}


def test_a_state_that_is_no_json_ends_the_run_before_it_is_lost():
    def hook(self):
        self.state("odd", {"at": {1, 2}} if self.at else {"fine": 1})

    result = runner.run(counting(hook=hook), {}, to="out.jsonl", state="state.json")

    (failure,) = result.failures
    assert failure.during == "read() number 2"
    assert str(failure.error).startswith("The state 'odd' that the source reported cannot be kept as JSON (TypeError)")
    assert result.state == {"fine": 1, "at": 2}


def test_what_a_finished_run_delivered_stays_also_where_no_state_speaks_of_it():
    module = counting(state=lambda self, state_id, state: None)

    runner.run(module, {"rows": 4}, to="out.jsonl", state="state.json")
    runner.run(module, {"rows": 4}, to="out.jsonl", state="state.json")

    assert ids("out.jsonl") == [0, 1, 2, 3] * 2


def test_the_state_is_kept_on_the_way_and_only_when_time_has_passed():
    notes = Notes()
    now = iter(range(0, 1000, 3))

    runner.run(counting(), {}, to="out.jsonl", state="state.json", observer=notes, clock=lambda: next(now))

    # Every other look at the clock, of three seconds each, is five seconds after the last.
    assert notes.all[-1] == 10
    assert len(notes.all) > 2


def test_a_sink_is_waited_for_also_where_no_state_comes():
    flushed = []

    class Counted(JSONLSink):
        def flush(self):
            flushed.append(self.written.total())
            super().flush()

    now = iter(range(0, 1000, 3))
    module = counting(state=lambda self, state_id, state: None)
    with Counted("out.jsonl", append=True) as sink:
        runner.run(module, {"rows": 30}, to=sink, clock=lambda: next(now))

    assert [rows for rows in flushed if 0 < rows < 30]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "holds no state of a run"),
        ("[]", "holds no state of a run"),
        ('{"version": 2}', "holds no state of a run"),
        ('{"version": 1, "source": "counting", "target": "x", "state": [1]}', "holds no state of a run"),
        ('{"version": 1, "source": "other", "target": "x", "state": {}}', "a run of 'other', and this is 'counting'"),
        (
            '{"version": 1, "source": "counting", "target": "x", "split": "tables", "parts": {}}',
            "split by 'tables', and this one is not",
        ),
        ("\udcff", "it is no text"),
    ],
)
def test_a_file_that_is_no_state_of_this_run_is_refused_and_left_alone(content, message):
    Path("state.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    before = Path("state.json").read_bytes()

    with pytest.raises(StateError, match=message):
        runner.run(counting(), {}, to="out.jsonl", state="state.json")

    assert Path("state.json").read_bytes() == before
    assert not Path("out.jsonl").exists()


def test_a_state_that_cannot_be_kept_is_told_before_anything_is_read():
    module = counting()
    with pytest.raises(StateError, match=r"cannot be kept in .*no folder"):
        runner.run(module, {}, to="out.jsonl", state="nowhere/state.json")
    Path("folder").mkdir()
    with pytest.raises(StateError, match="cannot be read"):
        runner.run(module, {}, to="out.jsonl", state="folder")

    assert module.Stream.made == []


def test_an_empty_file_is_the_beginning():
    Path("state.json").touch()
    assert runner.run(counting(), {}, to="out.jsonl", state="state.json").ok


@pytest.mark.parametrize("target", ["out.jsonl", "out.duckdb", "out.sqlite", "out.parquet"])
@pytest.mark.parametrize("state", ["state.json", None])
def test_a_source_that_changes_the_working_folder_takes_nothing_with_it(target, state, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    here = Path.cwd()
    try:
        result = runner.run(counting(hook=lambda self: os.chdir(elsewhere)), {}, to=target, state=state)
    finally:
        os.chdir(here)

    assert result.ok
    assert list(elsewhere.iterdir()) == []
    assert Path(target).exists()
    assert state is None or saved(state)["state"] == {"at": 10}


def test_nobody_else_can_read_the_state_and_no_other_file_is_left():
    runner.run(counting(), {}, to="out.jsonl", state="state.json")

    assert Path("state.json").stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in Path().iterdir()) == ["out.jsonl", "state.json"]


def test_another_target_is_warned_of():
    runner.run(counting(), {"rows": 4}, to="a.jsonl", state="state.json")
    notes = Notes()

    runner.run(counting(), {}, to="b.jsonl", state="state.json", observer=notes)

    assert notes.all[0] == "The state says what was delivered to a.jsonl; what comes after that goes to b.jsonl."
    assert ids("b.jsonl") == [4, 5, 6, 7, 8, 9]


KILLED = """
    import sys, time
    import panoply, panoply._ledger
    from panoply import runner
    panoply._ledger._INTERVAL = 0.0
    import importlib.util
    spec = importlib.util.spec_from_file_location("shared", {file!r})
    shared = importlib.util.module_from_spec(spec); spec.loader.exec_module(shared)
    module = shared.counting(**({{}} if {stateful} else {{"state": lambda self, state_id, state: None}}))
    sys.exit(not runner.run(module, {{"rows": 1500, "step": 10}}, to={to!r}, state="state.json").ok)
"""


@pytest.mark.parametrize(("target", "stateful"), [("out.jsonl", True), ("out.jsonl.gz", True), ("out.jsonl", False)])
def test_a_run_that_is_killed_again_and_again_loses_nothing_and_repeats_nothing_in_a_file(target, stateful):
    program = textwrap.dedent(KILLED.format(file=__file__, to=target, stateful=stateful))
    chance = random.Random(7)
    for _ in range(3):
        running = subprocess.Popen([sys.executable, "-c", program])
        size = Path(target).stat().st_size if Path(target).exists() else 0
        more = chance.randrange(1, 4000)
        while running.poll() is None and (not Path(target).exists() or Path(target).stat().st_size < size + more):
            time.sleep(0.001)
        running.kill()
        running.wait()

    subprocess.run([sys.executable, "-c", program], check=True)

    opened = gzip.open if target.endswith(".gz") else open
    with opened(target) as file:
        assert [json.loads(line)["id"] for line in file] == list(range(1500))


@given(data=st.data())
def test_wherever_a_run_ends_the_next_one_loses_nothing(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    rows, step = data.draw(st.integers(1, 12), label="rows"), data.draw(st.integers(1, 4), label="step")
    total = -(-rows // step) * step
    for _ in range(3):
        at = data.draw(st.none() | st.integers(1, 5), label="fails at read")
        limit = data.draw(st.none() | st.integers(1, 5), label="limit")

        def hook(self, at=at):
            if self.reads == at:
                raise PanoplyException("ended", retryable=False)

        params = {"rows": rows, "step": step}
        runner.run(counting(hook=hook), params, to=folder / "out.jsonl", state=folder / "state.json", limit=limit)
    result = runner.run(counting(), {"rows": rows, "step": step}, to=folder / "out.jsonl", state=folder / "state.json")

    assert result.ok
    assert set(ids(folder / "out.jsonl")) == set(range(total))
    assert result.state == {"at": total}


# ---------------------------------------------------------------------- limit


@pytest.mark.parametrize(("limit", "finished"), [(1, False), (2, False), (5, False), (10, False), (11, True)])
def test_no_more_than_the_limit_is_collected_and_that_is_a_success(limit, finished):
    module = counting()
    result = runner.run(module, {}, to="out.jsonl", limit=limit)

    assert result.ok
    assert result.stopped == (None if finished else "limit")
    assert ids("out.jsonl") == list(range(min(limit, 10)))
    assert Path("out.jsonl").exists()
    assert module.Stream.closed == [True]


def test_rows_that_the_limit_cut_off_come_again():
    runner.run(counting(), {}, to="out.jsonl", limit=3, state="state.json")
    assert saved("state.json")["state"] == {"at": 2}

    runner.run(counting(), {}, to="out.jsonl", state="state.json")

    assert set(ids("out.jsonl")) == set(range(10))


@pytest.mark.parametrize("setting", ["limit", "timeout", "workers"])
def test_a_limit_of_nothing_is_a_mistake(setting):
    with pytest.raises(ValueError, match=f"{setting} is above 0"):
        runner.run(counting(), {}, to="out.jsonl", **{setting: 0})


def test_a_source_that_never_ends_takes_no_more_memory_than_one_that_does():
    # All of its rows together would be ten times as large.
    import tracemalloc

    module = counting()
    with Path(os.devnull).open("wb") as nothing:
        tracemalloc.start()
        result = runner.run(module, {"rows": 10**9, "step": 300}, to=JSONLSink(nothing), limit=60_000)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert result.records == 60_000
    assert peak < 2 * 2**20


def test_a_source_without_states_does_not_fill_a_transaction_for_ever(monkeypatch):
    monkeypatch.setattr(_ledger, "_UNSAFE", 4)
    monkeypatch.setattr(_ledger, "_INTERVAL", 0.0)

    class Told(runner.Observer):
        delivered_at: ClassVar[list] = []

        def delivered(self, records):
            self.delivered_at.append(records)

    module = counting(state=lambda self, state_id, state: None)
    assert runner.run(module, {}, to="out.sqlite", state="state.json", observer=Told()).ok
    assert Told.delivered_at == [4, 8, 10]

    # A file that can be cut back to where the next run begins is not waited for.
    Told.delivered_at.clear()
    assert runner.run(module, {}, to="out.jsonl", state="other.json", observer=Told()).ok
    assert Told.delivered_at == [10]


# ---------------------------------------------------------------------- time, signals


def test_a_run_whose_time_is_up_ends_a_read_that_hangs():
    def hook(self):
        if self.at == 4:
            time.sleep(60)

    module = counting(hook=hook)
    result = runner.run(module, {}, to="out.jsonl", timeout=0.3)

    assert result.stopped == "timeout"
    assert not result.ok
    assert not result.failures
    assert result.delivered
    assert ids("out.jsonl") == [0, 1, 2, 3]
    assert module.Stream.closed == [True]


def test_a_source_that_swallows_everything_is_interrupted_again():
    def hook(self):
        if self.at == 4 and not hasattr(self, "stubborn"):
            self.stubborn = True
            try:
                time.sleep(60)
            except BaseException:  # noqa: BLE001 - as many a source does
                threading.Event().wait()

    assert runner.run(counting(hook=hook), {}, to="out.jsonl", timeout=0.2).stopped == "timeout"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_process_that_is_told_to_end_closes_the_source_and_delivers(number):
    def hook(self):
        if self.at == 4:
            signal.raise_signal(number)
            time.sleep(60)

    module = counting(hook=hook)
    with ending_when_told():
        result = runner.run(module, {}, to="out.jsonl")

    assert result.interrupted
    assert result.error.number == number
    assert module.Stream.closed == [True]
    assert ids("out.jsonl") == [0, 1, 2, 3]
    assert signal.getsignal(number) is signal.SIG_DFL


def test_what_a_process_was_told_to_ignore_does_not_end_it():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as `nohup` does it
    try:
        with ending_when_told():
            assert runner.run(counting(hook=lambda self: signal.raise_signal(signal.SIGHUP)), {}, to="out.jsonl").ok
    finally:
        signal.signal(signal.SIGHUP, before)


def cut_off(self, how):
    """What sources make of an interrupt that they catch along with everything else."""
    if how == "end":
        return None
    if how == "error":
        raise ConnectionError("closed")
    return Counting.read(self)


@pytest.mark.parametrize("how", ["end", "error", "batch"])
@pytest.mark.parametrize("what", ["ctrl-c", "time"])
def test_a_source_that_catches_its_interrupt_is_not_taken_to_be_at_its_end(what, how):
    def read(self, n=None):
        if self.at != 4:
            return Counting.read(self)
        try:
            if what == "ctrl-c":
                signal.raise_signal(signal.SIGINT)
            time.sleep(60)
        except BaseException:  # noqa: BLE001 - as many a source does
            return cut_off(self, how)

    result = runner.run(counting(read=read), {}, to="out.jsonl", timeout=0.2 if what == "time" else None, pauses=(0, 0))

    assert not result.finished
    assert (result.interrupted, result.stopped) == ((True, None) if what == "ctrl-c" else (False, "timeout"))
    assert ids("out.jsonl") == list(range(6 if how == "batch" else 4))


def test_an_async_call_that_is_cut_off_ends_before_the_source_is_closed():
    order = []

    async def read(self, n=None):
        try:
            asyncio.get_running_loop().call_soon(signal.raise_signal, signal.SIGINT)
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            order.append("cancelled")
            return

    async def close(self):
        order.append("closed")

    result = runner.run(counting(read=read, close=close), {}, to="out.jsonl")

    assert result.interrupted
    assert not result.finished
    assert order == ["cancelled", "closed"]


def test_an_async_source_that_hangs_is_ended_and_closed():
    class Stream(Counting):
        closed: ClassVar[list] = []

        async def read(self, n=None):
            await asyncio.sleep(60)

        async def close(self):
            await asyncio.sleep(0)
            self.closed.append(True)

    module = counting()
    module.Stream = Stream

    assert runner.run(module, {}, to="out.jsonl", timeout=0.2).stopped == "timeout"
    assert Stream.closed == [True]


def test_the_time_counts_in_pauses_too():
    def hook(self):
        raise ConnectionError("reset")

    slept = []
    result = runner.run(
        counting(hook=hook),
        {},
        to="out.jsonl",
        timeout=5,
        pauses=(100,),
        sleep=slept.append,
        clock=lambda: 5 * len(slept),
    )

    assert result.stopped == "timeout"
    assert slept == [5]


def test_in_another_thread_the_time_is_looked_at_between_two_reads():
    result = []

    def hook(self):
        time.sleep(0.05)

    def work():
        result.append(runner.run(counting(hook=hook), {"rows": 1000}, to="out.jsonl", timeout=0.2))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert result[0].stopped == "timeout"
    assert 0 < result[0].records < 1000


def test_ctrl_c_in_the_midst_of_writing_waits_until_the_batch_is_written():
    class Slow(JSONLSink):
        def write(self, table, record):
            if record["id"] == 4:
                signal.raise_signal(signal.SIGINT)
            super().write(table, record)

    with Slow("out.jsonl", append=True) as sink:
        result = runner.run(counting(), {"step": 3, "rows": 12}, to=sink, state="state.json")

    assert result.interrupted
    assert ids("out.jsonl") == [0, 1, 2, 3, 4, 5]
    assert saved("state.json")["state"] == {"at": 6}


# ---------------------------------------------------------------------- from other programs


def test_a_store_of_ones_own_keeps_the_state():
    class Memory:
        kept = None

        def load(self):
            return self.kept

        def save(self, state):
            self.kept = state

    store = Memory()
    runner.run(counting(), {"rows": 4}, to="out.jsonl", state=store)
    assert store.kept.state == {"at": 4}

    assert runner.run(counting(), {}, to="out.jsonl", state=store).records == 6


def test_a_program_with_an_event_loop_awaits_a_run():
    async def main():
        ticks = []

        async def tick():
            while True:
                ticks.append(1)
                await asyncio.sleep(0.001)

        ticking = asyncio.create_task(tick())
        result = await runner.run_async(counting(hook=lambda self: time.sleep(0.02)), {}, to="out.jsonl")
        ticking.cancel()
        return result, len(ticks)

    result, ticks = asyncio.run(main())

    assert result.ok
    assert result.records == 10
    assert ticks > 5


def test_a_task_that_is_cancelled_ends_the_run_and_what_was_read_is_delivered():
    reading = threading.Event()
    module = counting(hook=lambda self: (reading.set(), time.sleep(0.01)))

    async def main():
        task = asyncio.create_task(runner.run_async(module, {"rows": 10**6}, to="out.jsonl", state="state.json"))
        await asyncio.to_thread(reading.wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return ids("out.jsonl")

    delivered = asyncio.run(main())

    assert module.Stream.closed == [True]
    assert delivered
    assert saved("state.json")["state"] == {"at": delivered[-1] + 1}


def test_a_task_that_is_cancelled_in_a_pause_does_not_wait_for_its_end():
    failed = threading.Event()

    def hook(self):
        failed.set()
        raise ConnectionError("reset")

    async def main():
        task = asyncio.create_task(runner.run_async(counting(hook=hook), {}, to="out.jsonl", pauses=(3600,)))
        await asyncio.to_thread(failed.wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())


def test_what_an_awaited_run_cannot_begin_with_is_raised_in_the_task():
    async def main():
        await runner.run_async("no_such_source", {}, to="out.jsonl")

    with pytest.raises(panoply.errors.LoadError):
        asyncio.run(main())


def test_trio_awaits_a_run_too():
    import trio

    async def main():
        return await runner.run_async(counting(), {}, to="out.jsonl")

    assert trio.run(main).ok


# ------------------------------------------------------------------------------------------- two runs at once


def meanwhile(**settings):
    """A source that has another run begin while it is read; and what became of that one."""
    refused = []

    def hook(self):
        if not refused:
            with pytest.raises((StateError, ParamsError)) as caught:
                runner.run(counting(), {}, **settings)
            refused.append(str(caught.value))

    return counting(hook=hook), refused


def test_a_state_that_another_run_keeps_is_refused():
    module, refused = meanwhile(to="other.jsonl", state="state.json")

    # It is replaced at the first moment already, and held all the same.
    assert runner.run(module, {}, to="out.jsonl", state="state.json").ok
    (message,) = refused
    assert message.startswith("The state in state.json is in use by another run.")
    assert not Path("other.jsonl").exists()
    assert runner.run(counting(), {}, to="out.jsonl", state="state.json").ok


@pytest.mark.parametrize("kept", [True, False])
def test_a_file_that_another_run_writes_is_refused(kept):
    module, refused = meanwhile(to="out.jsonl", state="other.json" if kept else None)

    assert runner.run(module, {}, to="out.jsonl", state="state.json" if kept else None).ok
    assert refused == ["Cannot write out.jsonl: another run writes it. Wait for its end, or choose another file."]
    assert ids("out.jsonl") == list(range(10))
    # What could not begin leaves nothing.
    assert not Path("other.json").exists()
    assert runner.run(counting(), {}, to="out.jsonl").ok


def test_a_run_that_was_killed_holds_nothing_even_if_a_copy_of_it_goes_on():
    program = textwrap.dedent(f"""
        import os, signal, time
        import importlib.util
        from panoply import runner
        spec = importlib.util.spec_from_file_location("shared", {__file__!r})
        shared = importlib.util.module_from_spec(spec); spec.loader.exec_module(shared)

        def hook(self):
            heard, said = os.pipe()
            if not os.fork():
                os.closerange(0, 3)
                os.write(said, b"!")
                time.sleep(60)
            os.read(heard, 1)  # the copy is there
            os.kill(os.getpid(), signal.SIGKILL)

        runner.run(shared.counting(hook=hook), {{}}, to="out.jsonl", state="state.json")
    """)
    killed = subprocess.Popen([sys.executable, "-c", program], start_new_session=True)
    assert killed.wait() == -signal.SIGKILL

    try:
        assert runner.run(counting(), {}, to="out.jsonl", state="state.json").ok
    finally:
        os.killpg(killed.pid, signal.SIGKILL)
