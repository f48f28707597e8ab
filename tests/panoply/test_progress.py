"""`panoply.background_progress`: what waits is reported, and nothing else changes."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import signal
import sqlite3
import threading
import traceback
from functools import wraps

import pytest

import panoply
from panoply.errors import BackgroundTimeout, IncorrectParamError

TICK = 0.005
VARIABLE = contextvars.ContextVar("variable", default="unset")

pytestmark = pytest.mark.timeout(30)


class Source(panoply.DataSource):
    """Knows how often it reported, and can be waited for until it has done so again."""

    def __init__(self):
        super().__init__({}, {"logger": lambda _: None})
        self.reports = []
        self.reported = threading.Semaphore(0)
        self.hold = threading.Event()
        self.on("progress", self._note)

    def _note(self, data):
        self.reports.append((data, threading.current_thread(), VARIABLE.get()))
        self.reported.release()

    def await_reports(self, count):
        for _ in range(count):
            assert self.reported.acquire(timeout=10)


def threads():
    return {each for each in threading.enumerate() if each.name.startswith("panoply")}


@pytest.mark.parametrize("timeout", [None, 30])
def test_it_is_reported_at_once_at_each_interval_and_no_more_when_it_is_over(timeout):
    class Stream(Source):
        @panoply.background_progress("Waiting for the query", TICK, timeout)
        def execute(self, query, *, limit=None):
            """Run a query."""
            self.await_reports(3)
            return query, limit

    source = Stream()

    assert source.execute("select 1", limit=3) == ("select 1", 3)

    count = len(source.reports)
    assert count >= 3
    assert [data for data, _, _ in source.reports] == [
        {"loaded": None, "total": None, "msg": "Waiting for the query"}
    ] * count
    assert threads() == set()
    assert (Stream.execute.__name__, Stream.execute.__doc__) == ("execute", "Run a query.")
    assert str(inspect.signature(Stream.execute)) == "(self, query, *, limit=None)"


def test_without_a_timeout_it_stays_in_its_thread_so_that_its_cursors_work():
    class Stream(Source):
        def __init__(self):
            super().__init__()
            self.cursor = sqlite3.connect(":memory:").cursor()

        @panoply.background_progress("Waiting", TICK)
        def execute(self):
            self.await_reports(2)
            return self.cursor.execute("select 7").fetchall(), threading.current_thread()

    source = Stream()

    assert source.execute() == ([(7,)], threading.current_thread())
    source.cursor.connection.close()


def test_with_a_timeout_the_callers_thread_reports():
    class Stream(Source):
        @panoply.background_progress("Waiting", TICK, 30)
        def execute(self):
            self.await_reports(2)
            return threading.current_thread(), VARIABLE.get()

    source = Stream()
    VARIABLE.set("the caller's")
    thread, variable = source.execute()

    assert thread is not threading.current_thread()
    assert variable == "the caller's"
    assert {(by, value) for _, by, value in source.reports} == {(threading.current_thread(), "the caller's")}


@pytest.mark.parametrize("timeout", [None, 30])
@pytest.mark.parametrize("error", [ValueError("mine"), TimeoutError("mine"), SystemExit(3), KeyboardInterrupt()])
def test_what_it_raises_comes_out_as_it_is(timeout, error):
    class Stream(Source):
        @panoply.background_progress("Waiting", TICK, timeout)
        def execute(self):
            raise error

    with pytest.raises(type(error)) as raised:
        Stream().execute()

    assert raised.value is error
    assert (error.__cause__, error.__context__) == (None, None)
    assert traceback.extract_tb(error.__traceback__)[-1].name == "execute"
    assert threads() == set()


def test_when_the_time_is_up_the_caller_goes_on_and_the_method_too():
    class Stream(Source):
        @panoply.background_progress("Waiting", TICK, 4 * TICK)
        def execute(self):
            self.hold.wait(10)

    source = Stream()

    with pytest.raises(BackgroundTimeout, match=r"Stream.execute took longer than 0.02 seconds. It goes on") as late:
        source.execute()

    assert isinstance(late.value, TimeoutError)
    assert late.value.retryable is False
    (left,) = threads()
    assert left.daemon
    source.hold.set()
    left.join()


@pytest.mark.parametrize("timeout", [None, 30])
def test_ctrl_c_ends_the_wait(timeout):
    class Stream(Source):
        @panoply.background_progress("Waiting", TICK, timeout)
        def execute(self):
            signal.raise_signal(signal.SIGINT)
            self.hold.wait(10)

    source = Stream()

    with pytest.raises(KeyboardInterrupt):
        source.execute()

    source.hold.set()
    for left in threads():
        left.join()


def test_a_report_that_fails_does_not_cost_the_result(caplog):
    class Stream(Source):
        def progress(self, loaded, total, msg=""):
            super().progress(loaded, total, msg)
            if len(self.reports) > 1:
                raise ValueError("secret")

        @panoply.background_progress("Waiting", TICK)
        def execute(self):
            self.await_reports(3)
            return 7

    assert Stream().execute() == 7
    assert "Reporting progress raised ValueError" in caplog.text
    assert "secret" not in caplog.text


def plain(fn):
    @wraps(fn)
    def call(*args, **kwargs):
        return fn(*args, **kwargs)

    return call


@pytest.mark.parametrize("decorate", [lambda fn: fn, plain])
@pytest.mark.parametrize("timeout", [None, 30])
def test_an_async_method_is_reported_on_its_loop(timeout, decorate):
    class Stream(Source):
        @panoply.background_progress("Waiting", TICK, timeout)
        @decorate
        async def execute(self, query):
            while len(self.reports) < 3:  # noqa: ASYNC110 - it is the reports that are waited for
                await asyncio.sleep(0)
            return query

    source = Stream()

    async def main():
        result = await source.execute("select 1")
        return result, len(asyncio.all_tasks())

    assert asyncio.run(main()) == ("select 1", 1)
    assert {by for _, by, _ in source.reports} == {threading.current_thread()}
    assert len(source.reports) >= 3


@pytest.mark.parametrize("error", [ValueError("mine"), TimeoutError("mine")])
def test_what_an_async_method_raises_comes_out_as_it_is(error):
    class Stream(Source):
        @panoply.background_progress("Waiting", TICK, 30)
        async def execute(self):
            raise error

    with pytest.raises(type(error)) as raised:
        asyncio.run(Stream().execute())
    assert raised.value is error


def test_an_async_method_is_cancelled_when_the_time_is_up():
    ended = []

    class Stream(Source):
        @panoply.background_progress("Waiting", TICK, 4 * TICK)
        async def execute(self):
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(True)

    with pytest.raises(
        BackgroundTimeout, match=r"Stream.execute took longer than 0.02 seconds, and was cancelled"
    ) as late:
        asyncio.run(Stream().execute())

    assert ended == [True]
    assert late.value.retryable is True


@pytest.mark.parametrize("wrong", [0, -1, float("nan"), "10", None, True])
def test_an_interval_that_cannot_be_is_refused_at_once(wrong):
    with pytest.raises(IncorrectParamError, match=r"waiting_interval is .*; expected a number of seconds above 0"):
        panoply.background_progress("Waiting", wrong)
    if wrong is not None:
        with pytest.raises(IncorrectParamError, match="timeout is"):
            panoply.background_progress("Waiting", timeout=wrong)


def test_an_interval_may_be_longer_than_a_thread_can_wait():
    class Stream(Source):
        @panoply.background_progress("Waiting", 1e300, float("inf"))
        def execute(self):
            return 7

        @panoply.background_progress("Waiting", 1e300)
        def count(self):
            return 8

    assert (Stream().execute(), Stream().count()) == (7, 8)
