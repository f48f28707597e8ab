"""`_clock`: in the process of an observed source time runs fast where nothing happens, and as ever where something does.

The clock takes a process over for good, so each test gives a fork what to run. Nothing here measures real time: what is
asserted is what the clocks of the fork have shown, and in what order things happened in it.
"""
# Sources ask for the local time as well, on each of the ways there are.
# ruff: noqa: DTZ002, DTZ005, DTZ011

from __future__ import annotations

import _thread
import asyncio
import concurrent.futures
import contextlib
import copy
import datetime as dt
import functools
import gc
import logging
import multiprocessing
import os
import pickle
import queue
import sched
import select
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
import uuid
import warnings
from datetime import datetime as datetime_taken_before
from fractions import Fraction
from pathlib import Path
from time import monotonic as monotonic_taken_before
from time import sleep as sleep_taken_before
from types import ModuleType, SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panoply_testing import _clock_others, _clock_references
from panoply_testing import _clock_real as real
from panoply_testing._clock import MOST_AT_ONCE, MOST_FAILURES, MOST_SECONDS, MOST_WAITS, Clock, prepare
from panoply_testing._clock_others import FAR_END_SECONDS, GRACE, Patience, others_at_work
from panoply_testing._clock_references import REPLACED
from panoply_testing._clock_waits import Joining, Nap, Selecting

# How long a fork may take that should take milliseconds. Only for one that hangs.
HANGS = 60

DAY = 24 * 3600


class Failed(Exception):
    """What was run in the fork has raised."""


def forked(run):
    """What `run` gives in a fork of this process."""
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of other threads, which the fork does not use
        pid = os.fork()
    if pid == 0:
        try:
            told = (True, run())
        except BaseException:  # noqa: BLE001 - to be told
            told = (False, traceback.format_exc())
        os.write(writer, pickle.dumps(told))
        os._exit(0)
    os.close(writer)
    data = b""
    try:
        while select.select([reader], [], [], HANGS)[0] and (piece := os.read(reader, 1 << 16)):
            data += piece
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(reader)
    if not data:
        raise Failed("the fork hangs, or is gone")
    fine, result = pickle.loads(data)
    if not fine:
        raise Failed(result)
    return result


def fast(run, **how):
    """What `run`, called with a clock that has been started, gives in a fork: its result, and for how long it has waited."""

    def started():
        clock = Clock(**how)
        clock.start()
        clock.begin()
        result = run(clock)
        return result, clock.waited, clock.waits

    return forked(started)


def about(seconds):
    """What is really waited need not be skipped: the more, the busier the machine is."""
    return pytest.approx(seconds, rel=0.1, abs=0.01)


def look_anew():
    """Look for whoever holds a function of the clock, among all objects there are.

    What was frozen when the tests were collected is not seen by that; and tests that put `sys.modules` back hide which modules
    came after the last look.
    """
    gc.unfreeze()
    _clock_references._found.cache_clear()
    prepare()
    gc.freeze()


@pytest.fixture(autouse=True, scope="module")
def prepared():
    look_anew()


# ---------------------------------------------------------------------- one thread


def test_a_sleep_takes_no_time_and_all_clocks_show_that_it_did():
    clocks = {
        "time": lambda: time.time(),  # noqa: PLW0108 - as above
        "time_ns": lambda: time.time_ns() / 1e9,
        "monotonic": lambda: time.monotonic(),  # noqa: PLW0108 - as above
        "monotonic_ns": lambda: time.monotonic_ns() / 1e9,
        "perf_counter": lambda: time.perf_counter(),  # noqa: PLW0108 - the function that is there then
        "perf_counter_ns": lambda: time.perf_counter_ns() / 1e9,
        "localtime": lambda: time.mktime(time.localtime()),
        "gmtime": lambda: time.mktime(time.gmtime()),
        "strftime": lambda: time.mktime(time.strptime(time.strftime("%c"))),
        "ctime": lambda: time.mktime(time.strptime(time.ctime())),
        "asctime": lambda: time.mktime(time.strptime(time.asctime())),
        "now": lambda: dt.datetime.now().timestamp(),
        "now(utc)": lambda: dt.datetime.now(dt.UTC).timestamp(),
        "datetime.today": lambda: dt.datetime.today().timestamp(),
        "date.today": lambda: dt.date.today().toordinal() * DAY,
        "imported before": lambda: datetime_taken_before.now().timestamp(),
        "logging": lambda: logging.makeLogRecord({}).created,
    }

    def run(clock):
        before = {name: read() for name, read in clocks.items()}
        time.sleep(3 * DAY)
        return {name: read() - before[name] for name, read in clocks.items()}

    shown, waited, waits = fast(run)
    # An hour more or less where summer time begins or ends.
    assert {name for name, passed in shown.items() if abs(passed - 3 * DAY) > 2 * 3600} == set()
    assert (waited, waits) == (about(3 * DAY), 1)


def test_the_real_time_does_not_jump():
    def run(clock):
        before = clock.monotonic()
        time.sleep(3 * DAY)
        return clock.monotonic() - before

    passed, _, _ = fast(run)
    assert 0 <= passed < DAY


def test_a_poll_until_a_deadline_ends():
    def run(clock):
        polls, deadline = 0, dt.datetime.now() + dt.timedelta(hours=2)
        while dt.datetime.now() < deadline:
            sleep_taken_before(20)
            polls += 1
        return polls

    assert fast(run) == (360, about(7200), 360)


def test_an_exponential_backoff_ends():
    def run(clock):
        for attempt in range(18):
            with contextlib.suppress(ConnectionError):
                if attempt == 17:
                    return "done"
                raise ConnectionError
            time.sleep(2**attempt)
        return None

    assert fast(run) == ("done", about(2**17 - 1), 17)


def test_a_source_that_does_not_wait_pays_for_no_journey():
    def run(clock):
        import time_machine

        return time_machine.escape_hatch.is_travelling(), time.time() > 0

    assert fast(run) == ((False, True), 0, 0)


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf"), 1e300, "1", None, Fraction(1, 2), 1j])
def test_a_mistake_is_told_as_ever(seconds):
    def outcome():
        try:
            time.sleep(seconds)
        except Exception as exc:  # noqa: BLE001 - compared
            return type(exc), str(exc)
        return None

    expected = outcome()
    assert expected is not None
    assert fast(lambda clock: outcome()) == (expected, 0, 0)


def test_whatever_counts_as_a_number_is_slept_for():
    class Two:
        def __index__(self):
            return 2

    assert fast(lambda clock: [time.sleep(each) for each in (1, True, 0.5, Two())])[1:] == (about(4.5), 4)


def test_no_wait_is_counted_where_nothing_is_waited_for():
    def run(clock):
        time.sleep(0)
        event, full, done = threading.Event(), queue.Queue(), concurrent.futures.Future()
        event.set()
        full.put(1)
        done.set_result(2)
        return [
            event.wait(10),
            full.get(timeout=10),
            done.result(timeout=10),
            threading.Event().wait(0),
            threading.Lock().acquire(timeout=10),
            select.select([], [], [], 0),
            selectors.DefaultSelector().select(0),
        ]

    assert fast(run) == ([True, 1, 2, False, True, ([], [], []), []], 0, 0)


def test_a_call_is_counted_from_its_beginning():
    def run(clock):
        time.sleep(100)
        first = clock.waits, clock.waited
        clock.begin()
        return first, clock.waits, clock.waited

    assert fast(run)[0] == ((1, about(100)), 0, 0.0)


def test_a_time_limit_can_be_let_pass():
    def run(clock):
        before = time.monotonic()
        clock.advance(30)
        clock.advance(0)
        return round(time.monotonic() - before)

    assert fast(run, at_work=lambda: True) == (30, about(30), 1)


# ---------------------------------------------------------------------- without end


def test_too_many_waits_are_told_once_by_the_thread_that_waits():
    told = []

    def run(clock):
        for _ in range(MOST_WAITS + 5):
            time.sleep(20)
        first = [*told]
        clock.begin()
        for _ in range(MOST_WAITS):
            time.sleep(0.25)
        return first, told[1:]

    def endless(sentence):
        told.append((sentence, threading.current_thread() is threading.main_thread()))

    (first, second), _, waits = fast(run, endless=endless)
    assert first == [("it waited 10,000 times, 2 days in all", True)]
    assert second == [("it waited 10,000 times, 42 minutes in all", True)]
    assert waits == MOST_WAITS


def test_too_long_a_wait_is_told():
    told = []

    def run(clock):
        naps = int(MOST_SECONDS // 3500)
        for _ in range(naps):
            time.sleep(3500)
        before = len(told)
        time.sleep(3500)
        return before, told

    assert fast(run, endless=told.append)[0] == (0, ["it waited 173 times, 7 days in all"])


def test_a_single_wait_of_an_hour_is_told_and_one_that_is_a_little_shorter_is_not():
    told = []

    def run(clock):
        time.sleep(MOST_AT_ONCE - 10)
        before = len(told)
        time.sleep(2 * MOST_AT_ONCE + 10)
        return before, told

    assert fast(run, endless=told.append)[0] == (0, ["it wanted to wait for 2 hours at once"])


def test_who_tries_again_and_again_is_told_once_that_has_gone_on_for_an_hour():
    told, tries = [], [0]

    def run(clock):
        tries[0] = 10 * MOST_FAILURES
        clock.begin()  # what failed in an earlier call does not count
        tries[0] += MOST_FAILURES
        for _ in range(118):
            time.sleep(30)
        before = len(told)
        for _ in range(3):
            time.sleep(30)
        return before, told

    assert fast(run, endless=told.append, failures=lambda: tries[0])[0] == (
        0,
        ["it failed 2,000 times within 60 minutes, and tried again"],
    )


def test_an_event_loop_that_waits_for_nothing_that_will_come_is_told_why():
    told = []

    class Endless(Exception):
        pass

    def endless(sentence):
        told.append(sentence)
        raise Endless

    def run(clock):
        async def wait():
            await asyncio.get_running_loop().create_future()

        try:
            asyncio.run(wait())
        except Endless:
            return told
        return None

    assert fast(run, endless=endless, forsaken=lambda: "nobody answers")[0] == ["nobody answers"]


def test_a_poll_without_end_can_be_broken_off():
    class Endless(Exception):
        pass

    def endless(sentence):
        raise Endless(sentence)

    def run(clock):
        try:
            while not threading.Event().wait(20):
                pass
        except Endless as exc:
            return str(exc)

    assert fast(run, endless=endless)[0] == "it waited 10,000 times, 2 days in all"


def test_a_poll_without_end_in_another_thread_is_told_as_well():
    def run(clock):
        with concurrent.futures.ThreadPoolExecutor() as pool:

            def poll():
                while not told:
                    time.sleep(1)
                return told[0]

            return pool.submit(poll).result()

    told = []
    assert fast(run, endless=told.append)[0] == "it waited 10,000 times, 3 hours in all"


def test_what_others_do_during_a_wait_with_a_limit_does_not_make_it_endless():
    told = []

    def run(clock):
        end, rounds = threading.Event(), []

        def tick():
            while not end.wait(0.01):
                rounds.append(1)

        ticking = threading.Thread(target=tick)
        ticking.start()
        time.sleep(150)
        end.set()
        ticking.join()
        return len(rounds) > MOST_WAITS, told

    assert fast(run, endless=told.append) == ((True, []), about(150), 1)


# ---------------------------------------------------------------------- several threads


def test_a_thread_in_the_background_keeps_its_turn():
    def run(clock):
        began, end, told = time.monotonic(), threading.Event(), []

        def progress():
            while not end.wait(20):
                told.append(f"progress at {time.monotonic() - began:.0f}")

        thread = threading.Thread(target=progress)
        thread.start()
        time.sleep(70)
        told.append(f"done at {time.monotonic() - began:.0f}")
        end.set()
        thread.join()
        return told

    assert fast(run) == (["progress at 20", "progress at 40", "progress at 60", "done at 70"], about(70), 1)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.integers(1, 50), min_size=1, max_size=4), min_size=1, max_size=6), st.booleans())
def test_threads_wake_in_the_order_of_their_deadlines(naps, through_events):
    def run(clock):
        began, woken = time.monotonic(), []

        def nap(lengths):
            at = 0
            for length in lengths:
                # Hours, so that no delay of the machine can come between two of them.
                at += length
                left = began + at * 3600 - time.monotonic()
                if through_events:
                    threading.Event().wait(left)
                else:
                    time.sleep(left)
                woken.append((at, round((time.monotonic() - began) / 3600)))

        threads = [threading.Thread(target=nap, args=(lengths,)) for lengths in naps]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return woken

    woken, waited, _ = fast(run)
    assert woken == sorted(woken)
    assert all(planned == shown for planned, shown in woken)
    assert len(woken) == sum(map(len, naps))
    assert waited == about(max(map(sum, naps)) * 3600)


def test_a_thread_that_works_is_waited_for():
    asked = []

    def run(clock):
        with concurrent.futures.ThreadPoolExecutor() as pool:

            def work():
                while (
                    len(asked) < 60
                ):  # asked every 0.02 s: for twice as long as a thread that does nothing is waited for
                    pass
                return "done"

            return pool.submit(work).result(timeout=30)

    assert fast(run, at_work=lambda: asked.append(1)) == ("done", 0, 0)


def test_a_thread_that_is_stuck_is_waited_for_no_longer():
    def run(clock):
        reader, _writer = os.pipe()
        threading.Thread(target=os.read, args=(reader, 1), daemon=True).start()
        time.sleep(600)

    assert fast(run)[1:] == (about(600), 1)


def test_idle_workers_and_those_who_wait_for_a_lock_hold_nobody_up():
    def run(clock):
        one_at_a_time, served = threading.Lock(), queue.SimpleQueue()
        threading.Thread(target=served.get, daemon=True).start()

        def request(number):
            with one_at_a_time:
                time.sleep(1)
            return number

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            results = list(pool.map(request, range(40)))
            time.sleep(20)
        return results

    assert fast(run) == (list(range(40)), about(60), 41)


# Each of these raises where an answer that comes at once comes too late.


def ask_a_pool():
    with concurrent.futures.ThreadPoolExecutor(3) as workers:
        for _ in range(300):
            workers.submit(int).result(timeout=5)


def ask_through(there):
    back = queue.Queue()

    def serve():
        while (item := there.get()) is not None:
            back.put(item)

    thread = threading.Thread(target=serve)
    thread.start()
    for _ in range(300):
        there.put(1)
        back.get(timeout=5)
    there.put(None)
    thread.join(timeout=5)
    assert not thread.is_alive()


def await_events():
    for _ in range(300):
        done = threading.Event()
        threading.Thread(target=done.set).start()
        assert done.wait(timeout=5)


def join_threads():
    for _ in range(300):
        thread = threading.Thread(target=int)
        thread.start()
        thread.join(timeout=5)
        assert not thread.is_alive()


def ask_a_loop_in_another_thread():
    async def nothing():
        pass

    running = asyncio.new_event_loop()
    thread = threading.Thread(target=running.run_forever)
    thread.start()
    for _ in range(300):
        asyncio.run_coroutine_threadsafe(nothing(), running).result(timeout=5)
    running.call_soon_threadsafe(running.stop)
    thread.join(timeout=5)
    assert not thread.is_alive()


def ask_threads_from_a_loop():
    async def main():
        for _ in range(300):
            await asyncio.wait_for(asyncio.to_thread(int), timeout=5)

    asyncio.run(main())


def take_turns():
    turn, whose = threading.Condition(), [0]

    def play(me):
        for _ in range(150):
            with turn:
                assert turn.wait_for(lambda: whose[0] == me, timeout=5)
                whose[0] = 1 - me
                turn.notify_all()

    with concurrent.futures.ThreadPoolExecutor(2) as players:
        list(players.map(play, (0, 1)))


@pytest.mark.parametrize(
    "ask",
    [
        ask_a_pool,
        lambda: ask_through(queue.Queue()),
        lambda: ask_through(queue.SimpleQueue()),
        await_events,
        join_threads,
        ask_a_loop_in_another_thread,
        ask_threads_from_a_loop,
        take_turns,
    ],
)
def test_an_answer_that_comes_at_once_never_comes_too_late(ask):
    assert fast(lambda clock: ask()) == (None, 0, 0)


def test_waits_with_a_time_limit_end_by_it():
    def run(clock):
        outcomes = [threading.Event().wait(10), threading.Semaphore(0).acquire(timeout=10)]
        for wait in (
            lambda: queue.Queue().get(timeout=10),
            lambda: concurrent.futures.Future().result(timeout=10),
            lambda: threading.Barrier(2).wait(timeout=10),
            lambda: threading.Event().wait(1e10),
        ):
            try:
                outcomes.append(wait())
            except Exception as exc:  # noqa: BLE001 - compared
                outcomes.append(type(exc).__name__)
        condition = threading.Condition()
        with condition:
            outcomes.append(condition.wait(timeout=10))
        outcomes.append(len(concurrent.futures.wait([concurrent.futures.Future()], timeout=10).not_done))
        sleeper = threading.Thread(target=time.sleep, args=(1000,))
        sleeper.start()
        sleeper.join(timeout=10)
        outcomes.append(sleeper.is_alive())
        sleeper.join(timeout=10_000)
        outcomes.append(sleeper.is_alive())
        return outcomes

    expected = [False, False, "Empty", "TimeoutError", "BrokenBarrierError", "OverflowError", False, 1, True, False]
    assert fast(run)[:2] == (expected, about(9 * 10 + 990))


def test_joining_says_what_it_cannot_join():
    def run(clock):
        outcomes = []
        for thread in (threading.Thread(), threading.current_thread()):
            with pytest.raises(RuntimeError) as raised:
                thread.join(5)
            outcomes.append(str(raised.value))
        return outcomes

    assert fast(run)[0] == ["cannot join thread before it is started", "cannot join current thread"]


def test_timers_and_schedulers_run_on_time():
    def run(clock):
        began, done = time.monotonic(), []
        threading.Timer(100, done.append, ["timer"]).start()
        scheduler = sched.scheduler()  # made with functions of `time` for its defaults, long ago
        for delay in (200, 50):
            scheduler.enter(delay, 1, done.append, [delay])
        scheduler.run()
        return done, round(time.monotonic() - began)

    assert fast(run)[:2] == (([50, "timer", 200], 200), about(200))


# ---------------------------------------------------------------------- asyncio


def test_tasks_wake_in_the_order_of_their_deadlines():
    async def main():
        woken, loop = [], asyncio.get_running_loop()
        began = loop.time()

        async def nap(seconds):
            await asyncio.sleep(seconds)
            woken.append((seconds, round(loop.time() - began)))

        loop.call_later(250, woken.append, "called later")
        await asyncio.gather(*(nap(seconds) for seconds in (300, 20, 3600, 100)))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 50)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(50):
                await asyncio.sleep(60)
        return woken

    expected = [(20, 20), (100, 100), "called later", (300, 300), (3600, 3600)]
    assert fast(lambda clock: asyncio.run(main())) == (expected, about(3700), 7)


def test_an_answer_from_the_network_is_waited_for():
    asked = []

    def at_work():
        asked.append(1)
        if len(asked) == 20:
            theirs.send(b"late")
        return len(asked) < 25

    async def main():
        reader, writer = await asyncio.open_connection(sock=ours)
        answer = await asyncio.wait_for(reader.read(10), timeout=30)
        writer.close()
        return answer

    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert fast(lambda clock: asyncio.run(main()), at_work=at_work) == (b"late", 0, 0)


def test_a_sleep_while_the_network_is_at_work_is_a_real_one():
    assert fast(lambda clock: time.sleep(0.05), at_work=lambda: True)[1:] == (0, 0)


def test_what_an_event_loop_leaves_to_threads_is_waited_for():
    asked = []

    def work():
        while len(asked) < 60:
            pass
        return "done"

    async def main():
        return await asyncio.wait_for(asyncio.to_thread(work), timeout=30)

    # A loop that looks every 0.005 s is asked more often.
    assert fast(lambda clock: asyncio.run(main()), at_work=lambda: asked.append(1)) == ("done", 0, 0)


# ---------------------------------------------------------------------- processes and signals

# Longer than something that does nothing visible is waited for.
CHILD = [sys.executable, "-c", f"import time; time.sleep({GRACE + 0.2})"]


def test_a_child_process_is_waited_for():
    def run(clock):
        waited = [subprocess.run(CHILD, check=False, timeout=60).returncode]
        child = subprocess.Popen(CHILD, stdout=subprocess.PIPE)
        waited.append(child.communicate(timeout=60)[0])

        async def main():
            process = await asyncio.create_subprocess_exec(*CHILD)
            return await asyncio.wait_for(process.wait(), timeout=60)

        return [*waited, asyncio.run(main())]

    assert fast(run) == ([0, b"", 0], 0, 0)


def test_a_child_process_that_computes_is_waited_for_whoever_waits():
    def run(clock):
        # For longer than something that does nothing visible is waited for.
        child = subprocess.Popen([sys.executable, "-c", f"import time\nwhile time.process_time() < {3 * GRACE}: pass"])
        time.sleep(600)
        return child.poll()

    assert fast(run)[0] == 0


def test_a_pool_of_child_processes_is_waited_for():
    def run(clock):
        with multiprocessing.get_context("fork").Pool(1) as pool:
            return pool.apply_async(subprocess.call, [CHILD]).get(timeout=60)

    assert fast(run)[:2] == (0, 0)


def test_a_child_process_that_does_nothing_does_not_stop_the_time():
    def run(clock):
        with subprocess.Popen(["cat"], stdin=subprocess.PIPE):
            time.sleep(600)

    assert fast(run)[1:] == (about(600), 1)


def test_a_child_process_that_nobody_collects_does_not_stop_the_time():
    def run(clock):
        child = subprocess.Popen(["true"], stdout=subprocess.PIPE)
        child.stdout.read()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        for _ in range(5):
            time.sleep(60)

        before = _clock_others._has_children()
        with subprocess.Popen(["cat"], stdin=subprocess.PIPE):
            return before, _clock_others._has_children()

    assert fast(run) == ((False, True), about(300), 5)


def test_a_signal_breaks_a_real_wait_off():
    def run(clock):
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(KeyboardInterrupt):
            time.sleep(60)
        busy[0] = False
        time.sleep(60)

    busy = [True]
    assert fast(run, at_work=lambda: busy[0])[1:] == (about(60), 1)


def test_a_signals_handler_may_wait_itself():
    def run(clock):
        slept = []

        def handler(*_):
            busy[0] = False
            time.sleep(5)
            slept.append(threading.Event().wait(5))

        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        time.sleep(60)
        return slept

    busy = [True]
    assert fast(run, at_work=lambda: busy[0])[:2] == ([False], about(60))


def test_a_fork_of_the_source_has_a_clock_that_goes():
    def run(clock):
        end = threading.Event()
        others = [threading.Thread(target=poll, args=(end,)) for _ in range(4)]
        for thread in others:
            thread.start()
        passed = []
        for _ in range(20):

            def child():
                before = time.monotonic()
                time.sleep(60)
                with concurrent.futures.ThreadPoolExecutor() as pool:
                    pool.submit(time.sleep, 60).result(timeout=600)
                return round(time.monotonic() - before)

            passed.append(forked(child))
        end.set()
        return passed

    def poll(end):
        while not end.wait(0.001):
            pass

    assert fast(run, endless=lambda _: None)[0] == [120] * 20


def test_a_fork_does_not_wait_for_a_thread_that_it_does_not_have():
    def run(clock):
        entered, stay = threading.Lock(), threading.Lock()
        entered.acquire()
        stay.acquire()

        def hold():
            with clock._line._lock:
                entered.release()
                stay.acquire()

        # Not by `threading`, which waits until the thread runs: with this clock.
        _thread.start_new_thread(hold, ())
        entered.acquire()
        return forked(lambda: time.sleep(60))

    assert fast(run)[0] is None


def test_a_fork_of_the_source_does_not_tell_of_endless_waits():
    told = []

    def run(clock):
        def child():
            time.sleep(2 * MOST_SECONDS)
            return told

        return forked(child)

    assert fast(run, endless=told.append)[0] == []


# ---------------------------------------------------------------------- who else holds a function


class Holder:
    pause = time.sleep
    __slots__ = ("clock",)

    def __init__(self):
        self.clock = time.monotonic


def takes_it_for_a_default(seconds, sleep=time.sleep, *, clock=time.monotonic):
    before = clock()
    sleep(seconds)
    return clock() - before


def closes_over(sleep):
    return lambda seconds: sleep(seconds)  # noqa: PLW0108 - a closure is what this is about


def test_whoever_took_a_function_before_has_the_new_one():
    holder, closure, listed = Holder(), closes_over(time.sleep), [time.sleep]
    partial, named = functools.partial(time.sleep, 10), {"sleep": time.sleep}

    def run(clock):
        before = monotonic_taken_before()
        sleep_taken_before(10)
        holder.pause(10)
        closure(10)
        listed[0](10)
        partial()
        named["sleep"](10)
        defaults = takes_it_for_a_default(10)
        return round(monotonic_taken_before() - before), round(holder.clock() - before), round(defaults)

    # Python remembers where it has found what a class holds.
    assert Holder.pause is holder.pause is real.sleep
    # Also what is held by the locals of this test.
    look_anew()
    assert fast(run) == ((70, 70, 10), about(70), 7)


def test_modules_that_came_after_the_last_look_have_the_new_ones_too():
    def run():
        late = ModuleType("late")
        late.nap, sys.modules["late"] = real.sleep, late
        clock = Clock()
        clock.start()
        late.nap(60)
        return clock.waited

    assert forked(run) == about(60)


def test_time_machine_finds_what_python_gave():
    def run(clock):
        import time_machine

        found, travel = [], time_machine.travel

        def look(*args, **kwargs):
            found.extend(getattr(time, name) is getattr(real, name) for name in REPLACED)
            return travel(*args, **kwargs)

        time_machine.travel = look
        time.sleep(60)
        return found, any(getattr(time, name) is getattr(real, name) for name in REPLACED)

    assert fast(run)[0] == ([True] * len(REPLACED), False)


def test_whoever_takes_a_function_later_has_the_new_one_and_it_behaves_as_before():
    def run(clock):
        class Client:
            wait = time.sleep

            def __init__(self, clock=time.monotonic):
                self.clock = clock

        client = Client()
        before = client.clock()
        client.wait(10)  # no method, as a function of C's is none
        return (
            round(client.clock() - before),
            pickle.loads(pickle.dumps(time.sleep)) is time.sleep,
            copy.deepcopy(time.monotonic) is time.monotonic,
            [getattr(time, name).__name__ for name in REPLACED],
            [getattr(time, name).__doc__ == getattr(real, name).__doc__ for name in REPLACED],
        )

    assert fast(run)[0] == (10, True, True, list(REPLACED), [True] * len(REPLACED))


def test_what_the_source_sees_of_the_wall_clock_is_as_before_but_for_the_time():
    def run(clock):
        types, zone, ids = (dt.datetime, dt.date), time.tzname, {uuid.uuid1() for _ in range(50)}
        before = dt.datetime.now(), uuid.uuid1().time
        time.sleep(60)
        after = dt.datetime.now(), uuid.uuid1().time
        ids |= {uuid.uuid1() for _ in range(50)}
        return (
            types == (dt.datetime, dt.date) and type(after[0]) is dt.datetime,
            isinstance(before[0], dt.date) and pickle.loads(pickle.dumps(after[0])) == after[0],
            zone == time.tzname and os.environ.get("TZ") == given_zone,
            round((after[1] - before[1]) / 1e7),
            len(ids),
            dt.datetime.now().astimezone().tzinfo.utcoffset(None) == before[0].astimezone().utcoffset(),
        )

    given_zone = os.environ.get("TZ")
    assert fast(run)[0] == (True, True, True, 60, 100, True)


def test_a_project_that_travels_itself_arrives_where_it_wanted():
    import time_machine

    with time_machine.travel("2020-05-05 05:05:05+00:00", tick=False):

        def run(clock):
            time.sleep(60)
            return dt.datetime.now(dt.UTC)

        arrived = fast(run)[0] - dt.datetime(2020, 5, 5, 5, 5, 5, tzinfo=dt.UTC)
        assert arrived.total_seconds() == about(60)


# ---------------------------------------------------------------------- patience


def test_patience_lasts_as_long_as_somebody_is_seen_to_work(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(real, "perf_counter", lambda: now[0])
    spent = [0]
    patience = Patience()

    def after(seconds, worked):
        now[0] += seconds
        spent[0] += int(worked * 1e9)
        return patience.is_over({1: lambda: spent[0]})

    assert patience.is_over({})
    assert [after(0, 0), after(GRACE / 2, 0), after(GRACE, 0.1)] == [False, False, False]  # it has worked a little
    assert [after(GRACE * 0.9, 0), after(GRACE * 0.2, 0)] == [False, True]
    patience.begin_anew()
    assert [after(GRACE * 2, 0), after(GRACE * 2, 0)] == [False, True]


def test_the_far_end_of_a_native_driver_is_waited_for_but_not_for_ever(monkeypatch):
    now = [1.0]
    monkeypatch.setattr(real, "perf_counter", lambda: now[0])
    with selectors.DefaultSelector() as selector, contextlib.closing(socket.socket()) as driver:
        selector.register(driver, selectors.EVENT_READ)
        idle = Selecting(None, selector, lambda *_: [])
        asks = Selecting(None, selector, lambda *_: [], lambda descriptor: descriptor == driver.fileno())
        patience = Patience()

        def after(seconds, waiting):
            now[0] += seconds
            return _clock_others._wait_for_others({1: waiting}, patience, has_children=False)

        assert [after(0, idle), after(0, asks), after(FAR_END_SECONDS / 2, asks)] == [False, True, True]
        assert not after(FAR_END_SECONDS, asks)


def test_who_waits_for_a_lock_has_to_do_so_for_a_moment(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(real, "perf_counter", lambda: now[0])
    patience = Patience()

    def after(seconds, locked):
        now[0] += seconds
        return patience.is_settled(locked)

    assert patience.is_settled({})
    assert [after(1, {1: 5}), after(0.0005, {1: 5}), after(0.001, {1: 5})] == [False, False, True]
    assert [after(1, {1: 6}), after(1, {1: 6})] == [False, True]


def looks(target, *args):
    """Whether a thread in a lock counts as being at work: at the first look, and after a moment."""

    def run():
        threading.Thread(target=target, args=args, daemon=True).start()
        me, patience = Nap(None), Patience()
        while not _clock_others._waits_for_a_lock(threading.enumerate()[-1].native_id):
            pass
        first = others_at_work(me, {}, 0, patience)
        real.perf_counter = lambda: time.time() + 1
        return first, others_at_work(me, {}, 0, patience)

    return forked(run)


LINUX = pytest.mark.skipif(not Path("/proc/self/syscall").exists(), reason="only Linux tells of it")


@LINUX
def test_who_has_just_begun_to_wait_for_a_lock_may_have_been_woken():
    assert looks(queue.SimpleQueue().get) == (True, False)


@LINUX
@pytest.mark.parametrize(("items", "expected"), [([], (False, False)), ([1], (True, False))])
def test_an_idle_worker_is_known_by_the_want_of_work(items, expected):
    known = {"__name__": "concurrent.futures.thread"}
    exec("def _worker(work_queue, lock): lock.acquire()", known)
    lock, work = threading.Lock(), queue.SimpleQueue()
    lock.acquire()
    for item in items:
        work.put(item)
    assert looks(known["_worker"], work, lock) == expected


def test_time_does_not_jump_for_who_is_about_to_wake():
    asked = []

    class Waking(Nap):
        def is_waking(self):
            asked.append(self.advanced)
            return len(asked) <= 5

    def run(clock):
        clock._wait(Waking(clock._deadline(600)))
        return asked

    assert fast(run) == ([False] * 6, about(600), 1)


def test_who_has_begun_to_wait_meanwhile_is_looked_at_before_time_jumps():
    def run(clock):
        line, nap = clock._line, Nap(clock._deadline(600))
        line._advance_to(nap, line._count - 1)
        before = clock.waited
        line._advance_to(nap, line._count)
        return before

    assert fast(run) == (0, about(600), 1)


def test_a_thread_is_joined_only_when_it_has_been_taken_down():
    ending = SimpleNamespace(ident=-1, is_alive=lambda: True)
    running = SimpleNamespace(ident=threading.get_ident(), is_alive=lambda: True)
    assert (Joining(None, ending).ready(), Joining(None, ending).is_waking()) == (False, True)
    assert (Joining(None, running).ready(), Joining(None, running).is_waking()) == (False, False)
