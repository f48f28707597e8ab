"""`panoply.errors.wrap_errors` and `set_internal_code`: whatever a source raises comes out in one shape."""

from __future__ import annotations

import asyncio
import inspect
from functools import partial

import pytest

import panoply
from panoply.errors import DataSourceException, PanoplyException, Phase, set_internal_code, wrap_errors
from panoply.errors.error_normalization import ERROR_CODES_REGISTRY

SOURCE = {"type": "acme", "id": "source-1", "database": "db-1", "token": "secret-value"}


class ForeignError(Exception):
    retryable = False


def raised(call):
    with pytest.raises(DataSourceException) as caught:
        call()
    return caught.value


def read(self, n=None):
    raise ForeignError("page 3")


async def read_async(self, n=None):
    await asyncio.sleep(0)
    raise ForeignError("page 3")


def pages(self, n=None):
    yield 1
    raise ForeignError("page 3")


async def pages_async(self, n=None):
    yield 1
    raise ForeignError("page 3")


def hidden(self, n=None):
    return read_async(self, n)


def of(fn):
    return type("Stream", (panoply.DataSource,), {"read": wrap_errors(Phase.COLLECT)(fn)})(SOURCE)


async def drained(steps):
    return [step async for step in steps]


@pytest.mark.parametrize(
    "call",
    [
        lambda: of(read).read(),
        lambda: of(read).read(n=3),
        lambda: asyncio.run(of(read_async).read(3)),
        lambda: asyncio.run(of(hidden).read(3)),
        lambda: list(of(pages).read()),
        lambda: asyncio.run(drained(of(pages_async).read())),
    ],
)
def test_what_is_raised_says_whose_it_was_and_keeps_the_original(call):
    error = raised(call)

    assert str(error) == error.message == "page 3"
    assert (error.phase, error.code, error.retryable) == ("collect", 501, False)
    assert (error.source_type, error.source_id, error.database_id) == ("acme", "source-1", "db-1")
    assert error.exception_cls == f"{__name__}.ForeignError"
    assert isinstance(error.__cause__, ForeignError)
    assert error.created_at.tzinfo is not None
    assert "secret-value" not in repr(error)


@pytest.mark.parametrize("call", [lambda fn: fn(SOURCE), lambda fn: fn(source=SOURCE, options={})])
def test_a_function_that_gives_dynamic_values_is_told_by_its_params(call):
    @wrap_errors(Phase.CONFIG)
    def tables(source, options=None):
        raise KeyError("x")

    error = raised(lambda: call(tables))

    assert (error.phase, error.source_id, error.retryable) == ("config", "source-1", True)


@pytest.mark.parametrize("args", [(), ({},), (None,), (object(),)])
def test_a_source_that_says_nothing_of_itself_does_not_hide_the_error(args):
    @wrap_errors(Phase.CONFIG)
    def tables(*args):
        raise ValueError("the real one")

    error = raised(partial(tables, *args))

    assert (str(error), error.source_type, error.source_id, error.database_id) == ("the real one", None, None, None)


def test_one_that_is_wrapped_already_takes_the_outer_phase():
    @wrap_errors(Phase.COLLECT)
    def inner(source):
        raise ValueError("once")

    first = []

    @wrap_errors(Phase.CONFIG)
    def outer(source):
        try:
            inner(source)
        except DataSourceException as exc:
            first.append(exc)
            raise

    error = raised(lambda: outer(SOURCE))

    assert error is first[0]
    assert (error.phase, type(error.__cause__)) == ("config", ValueError)


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit, asyncio.CancelledError])
def test_what_ends_the_program_is_no_error_of_the_source(error):
    @wrap_errors(Phase.COLLECT)
    def read(self):
        raise error

    with pytest.raises(error):
        read(None)


def test_what_works_is_left_alone():
    @wrap_errors(Phase.COLLECT)
    def read(self, n=None):
        """Read."""
        return [n]

    @wrap_errors(Phase.COLLECT)
    async def read_async(self):
        return [1]

    @wrap_errors(Phase.COLLECT)
    def steps(self):
        answer = yield 1
        return answer

    assert read(None, 3) == [3]
    assert (read.__name__, read.__doc__, list(inspect.signature(read).parameters)) == ("read", "Read.", ["self", "n"])
    assert inspect.iscoroutinefunction(read_async)
    assert asyncio.run(read_async(None)) == [1]
    running = steps(None)
    next(running)
    with pytest.raises(StopIteration, match="given"):
        running.send("given")


def test_a_class_of_exceptions_and_those_that_extend_it_have_its_code():
    @set_internal_code(429)
    class TooManyError(Exception):
        pass

    class FarTooManyError(TooManyError):
        pass

    @set_internal_code(999)
    class UnheardOfError(Exception):
        pass

    def code_of(error):
        @wrap_errors(Phase.COLLECT)
        def read(self):
            raise error

        return raised(lambda: read(SOURCE)).code

    assert code_of(TooManyError()) == code_of(FarTooManyError()) == 429
    assert code_of(UnheardOfError()) == 506
    assert code_of(OSError()) == 501
    set_internal_code(408)(BlockingIOError)
    assert code_of(BlockingIOError()) == 408  # Python's own takes no attribute, and has a code all the same
    assert {429, 506, 501, 408} <= ERROR_CODES_REGISTRY.keys()


@pytest.mark.parametrize("wrong", [int, "text", ValueError("an instance"), lambda: None])
def test_only_classes_of_exceptions_have_codes(wrong):
    with pytest.raises(RuntimeError, match="is for classes of exceptions"):
        set_internal_code(400)(wrong)


def test_a_phase_is_one_that_there_is():
    assert wrap_errors("collect")
    with pytest.raises(ValueError, match="not a valid Phase"):
        wrap_errors(read)


def test_a_panoply_exception_keeps_what_it_says_of_retrying():
    @wrap_errors(Phase.COLLECT)
    def read(self):
        raise PanoplyException("refused", retryable=False)

    assert raised(lambda: read(SOURCE)).retryable is False
