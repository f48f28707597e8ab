"""`panoply.driving`: plain and async methods are called alike, in one thread and on one loop."""

from __future__ import annotations

import asyncio
import functools
import threading

import pytest

from panoply.driving import Driver, takes_hint


def test_the_result_of_a_plain_function_is_given_back():
    with Driver() as driver:
        assert driver.call(max, 1, 2) == 2


def test_the_result_of_an_async_function_is_waited_for():
    async def double(n):
        await asyncio.sleep(0)
        return 2 * n

    with Driver() as driver:
        assert driver.call(double, 4) == 8


def test_what_counts_is_what_the_call_gives_not_how_the_function_is_defined():
    async def read():
        return "batch"

    @functools.wraps(read)
    def decorated():
        return read()

    async def gives_an_awaitable():
        return ["batch"]

    with Driver() as driver:
        assert driver.call(decorated) == "batch"
        assert driver.call(gives_an_awaitable) == ["batch"]


def test_an_awaitable_that_is_no_coroutine_is_waited_for():
    class Later:
        def __await__(self):
            yield from asyncio.sleep(0).__await__()
            return 7

    with Driver() as driver:
        assert driver.call(Later) == 7


def test_all_calls_share_one_loop_and_the_callers_thread():
    seen = []

    async def note():
        seen.append((asyncio.get_running_loop(), threading.current_thread()))

    with Driver() as driver:
        driver.call(note)
        driver.call(note)

    assert seen[0] == seen[1]
    assert seen[0][1] is threading.current_thread()


def test_a_task_started_in_one_call_goes_on_in_the_next():
    box = {}

    async def start():
        box["task"] = asyncio.ensure_future(asyncio.sleep(0, "done"))

    async def finish():
        return await box["task"]

    with Driver() as driver:
        driver.call(start)
        assert driver.call(finish) == "done"


def test_a_plain_function_is_not_called_inside_a_loop():
    def in_a_loop():
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return False
        return True

    async def nothing():
        pass

    with Driver() as driver:
        driver.call(nothing)
        assert driver.call(in_a_loop) is False


@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt(), SystemExit(3)])
def test_what_is_raised_comes_out_as_it_is(error):
    async def raises():
        raise error

    def raises_plainly():
        raise error

    with Driver() as driver:
        for fn in (raises, raises_plainly):
            with pytest.raises(type(error)) as caught:
                driver.call(fn)
            assert caught.value is error


def test_the_loop_survives_an_exception():
    async def raises():
        raise ValueError

    async def works():
        return asyncio.get_running_loop()

    with Driver() as driver:
        before = driver.call(works)
        with pytest.raises(ValueError):  # noqa: PT011 - it is the one above
            driver.call(raises)
        assert driver.call(works) is before


def test_closing_cancels_what_still_runs():
    ended = []

    async def forever():
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async def start():
        forever.task = asyncio.ensure_future(forever())
        await asyncio.sleep(0)

    driver = Driver()
    driver.call(start)
    driver.close()

    assert ended == [True]
    driver.close()


def test_no_loop_is_made_for_a_source_that_is_not_async(monkeypatch):
    monkeypatch.setattr(asyncio, "Runner", None)

    with Driver() as driver:
        assert driver.call(len, "four") == 4


def passes_on(fn):
    @functools.wraps(fn)
    def wrapper(*args, **kwargs):
        return fn(*args, **kwargs)

    return wrapper


def keeps_it(fn):
    @functools.wraps(fn)
    def wrapper(self):
        return fn(self)

    return wrapper


class Reads:
    """Each way in which a `read` takes `n`, or does not."""

    def nothing(self): ...

    def hint(self, n=None): ...

    def whatever(self, *args): ...

    def by_keyword(self, *, n=None): ...

    def only_keywords(self, **options): ...

    decorated_nothing = passes_on(passes_on(nothing))
    decorated_hint = passes_on(passes_on(hint))
    kept = keeps_it(hint)
    two_decorators = passes_on(keeps_it(hint))
    partial = functools.partialmethod(hint, 3)
    without_signature = max


@pytest.mark.parametrize(
    ("name", "takes"),
    [
        ("nothing", False),
        ("hint", True),
        ("whatever", True),
        ("by_keyword", False),
        ("only_keywords", False),
        ("decorated_nothing", False),
        ("decorated_hint", True),
        ("kept", False),
        ("two_decorators", False),
        ("partial", False),
        ("without_signature", True),
    ],
)
def test_whether_read_takes_a_hint_is_seen_through_decorators_that_pass_it_on(name, takes):
    assert takes_hint(getattr(Reads(), name)) is takes
