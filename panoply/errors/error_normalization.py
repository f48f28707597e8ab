"""Brings whatever a source raises into one shape: a DataSourceException that says whose it was, and when.

`wrap_errors` goes over a source's methods, and over the functions that give dynamic values; `set_internal_code` over classes
of exceptions. Nothing is judged or retried here.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, aclosing, contextmanager
from enum import Enum
from functools import wraps
from types import MappingProxyType
from typing import Any, Final, TypeVar, cast
from weakref import WeakKeyDictionary

from panoply.errors.exceptions import DataSourceException

__all__ = ["ERROR_CODES_REGISTRY", "EXCEPTIONS_REGISTRY", "Phase", "set_internal_code", "wrap_errors"]

F = TypeVar("F", bound=Callable[..., Any])
E = TypeVar("E", bound=type)
Wrapped = Callable[[], AbstractContextManager[None]]

# The codes that the platform knows, and what each means.
ERROR_CODES_REGISTRY: Final[Mapping[int, str]] = MappingProxyType(
    {
        400: "Bad request",
        401: "Unauthorized",
        403: "Permissions error",
        404: "Resource is not found",
        408: "Timeout",
        422: "Parsing error",
        429: "Rate limit",
        500: "Internal exception",
        501: "Unclassified error",
        506: "SDK error in processing an error",
    }
)

UNCLASSIFIED: Final = 501
UNKNOWN_CODE: Final = 506

# The one thing in the kit that a whole process shares: a class of exceptions is known to all of it, and those of other
# libraries, or of Python, take no attribute of ours. A class that nobody uses any more leaves it.
EXCEPTIONS_REGISTRY: Final[WeakKeyDictionary[type, int]] = WeakKeyDictionary()


class Phase(Enum):
    """What a source was doing: letting its user choose, or reading."""

    COLLECT = "collect"
    CONFIG = "config"


def set_internal_code(code: int) -> Callable[[E], E]:
    """Give a class of exceptions, and those that extend it, the code that `wrap_errors` reports.

    A code that is not in `ERROR_CODES_REGISTRY` is reported as 506.

    Raises:
        RuntimeError: what it decorates is no class of exceptions.
    """

    def decorate(exception_cls: E) -> E:
        if not (isinstance(exception_cls, type) and issubclass(exception_cls, BaseException)):
            raise RuntimeError(  # noqa: TRY004 - as published
                f"set_internal_code({code!r}) is for classes of exceptions, not for {exception_cls!r}"
            )
        EXCEPTIONS_REGISTRY[exception_cls] = code
        return exception_cls

    return decorate


def wrap_errors(phase: Phase) -> Callable[[F], F]:
    """Have what a function raises come out as a DataSourceException, which keeps the original as its `__cause__`.

    The function's first argument is the data source, or the dict of its params. It may be `async`, or a generator, whose
    steps are covered then. `retryable` stays what the original says. One that is wrapped already passes through, and takes
    the phase of the outermost `wrap_errors`. KeyboardInterrupt, SystemExit, and the cancelling of a task are no errors.
    """
    phase = Phase(phase)

    def decorate(func: F) -> F:
        @wraps(func)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            wrapped = _normalizing(phase, args, kwargs)
            with wrapped():
                result = func(*args, **kwargs)
            # A decorator below may hide that the function is async, or a generator: what it gives does not.
            if inspect.iscoroutine(result):
                return awaited(wrapped, result)
            if inspect.isgenerator(result):
                return stepped(wrapped, result)
            return awaited_steps(wrapped, result) if inspect.isasyncgen(result) else result

        @wraps(func)
        async def async_wrapper(*args: Any, **kwargs: Any) -> Any:
            with _normalizing(phase, args, kwargs)():
                return await func(*args, **kwargs)

        return cast("F", async_wrapper if inspect.iscoroutinefunction(func) else wrapper)

    async def awaited(wrapped: Wrapped, coroutine: Coroutine[Any, Any, Any]) -> Any:
        with wrapped():
            return await coroutine

    def stepped(wrapped: Wrapped, steps: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        with wrapped():
            return (yield from steps)

    async def awaited_steps(wrapped: Wrapped, steps: AsyncGenerator[Any, Any]) -> AsyncGenerator[Any, None]:
        with wrapped():
            async with aclosing(steps):
                async for step in steps:
                    yield step

    return decorate


def _normalizing(phase: Phase, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Wrapped:
    @contextmanager
    def wrapped() -> Iterator[None]:
        try:
            yield
        except DataSourceException as exc:
            exc.phase = phase.value
            raise
        except Exception as exc:
            raise _normalized(exc, phase, _source_of(args, kwargs)) from exc

    return wrapped


def _normalized(error: Exception, phase: Phase, source: Mapping[str, Any]) -> DataSourceException:
    kind = type(error)
    return DataSourceException(
        message=str(error),
        code=_code(kind),
        exception_cls=f"{kind.__module__}.{kind.__qualname__}",
        phase=phase.value,
        source_type=source.get("type"),
        source_id=source.get("id"),
        database_id=source.get("database"),
        retryable=getattr(error, "retryable", True) is not False,
    )


def _code(kind: type) -> int:
    """The code of the nearest class that has one."""
    code = next((EXCEPTIONS_REGISTRY[each] for each in kind.__mro__ if each in EXCEPTIONS_REGISTRY), UNCLASSIFIED)
    return code if code in ERROR_CODES_REGISTRY else UNKNOWN_CODE


def _source_of(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Mapping[str, Any]:
    """The params of the source that a wrapped function was called for: its own, or an argument."""
    first = args[0] if args else kwargs.get("source")
    source = first if isinstance(first, Mapping) else getattr(first, "source", None)
    return source if isinstance(source, Mapping) else {}
