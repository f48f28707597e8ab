"""What stands behind the plugin's fixtures: the module under test, and driving it inside a test."""

from __future__ import annotations

import copy
import logging
import traceback
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from panoply.driving import Driver
from panoply.errors import LoadError
from panoply.records import rows
from panoply_testing.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import ModuleType

__all__ = ["Collected", "collector", "source_module"]


@dataclass(frozen=True, slots=True)
class Collected:
    """Everything that a source let out, from its construction to `close()`.

    Attributes:
        batches: what each `read()` gave, without the final None.
        progress: the payloads of `progress()`: dicts with loaded, total, msg.
        logs: the tuples that `log()` was called with. `messages`: what arrived through `logging`.
        states: the payloads of `state()`: dicts with stateId and state.
        events: all events in order, as (name, payload).
        source: the params dict as the source left it.
    """

    batches: list[Any] = field(default_factory=list)
    progress: list[dict[str, Any]] = field(default_factory=list)
    logs: list[tuple[object, ...]] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    states: list[dict[str, Any]] = field(default_factory=list)
    events: list[tuple[str, Any]] = field(default_factory=list)
    source: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def records(self) -> list[Mapping[str, Any]]:
        """All records in order; record groups are taken apart into their rows."""
        return [row for batch in self.batches for item in batch for _, row in rows(item)]


def source_module(config: pytest.Config) -> ModuleType:
    """Import the source under test; fail the test where there is none, or more than one, so that there is no telling."""
    sources = Settings.of(config).sources
    if len(sources) != 1:
        many = f"{len(sources)} are named ({', '.join(each.name for each in sources)})" if sources else "none is named"
        pytest.fail(
            f"The fixture panoply_source needs exactly one source, and {many}. Name it with --panoply-source=MODULE, "
            f"with panoply_source in the ini file, or override the fixture in conftest.py.",
            pytrace=False,
        )
    try:
        return sources[0].load()
    except LoadError as exc:
        cause = exc.__cause__
        why = "" if cause is None else "\n\n" + "".join(traceback.format_exception(cause)).rstrip()
        pytest.fail(f"{exc}{why}", pytrace=False)


def collector(
    config: pytest.Config, module: ModuleType, params: dict[str, Any], options: dict[str, Any]
) -> Callable[..., Collected]:
    """Make the function that `panoply_collect` gives."""
    limit = Settings.of(config).limits.max_reads

    def collect(
        params: Mapping[str, Any] = params,
        options: Mapping[str, Any] = options,
        *,
        n: int | None = 1000,
        module: ModuleType = module,
    ) -> Collected:
        """Drive the source to EOF and close it. What it raises is raised here, after it was closed."""
        __tracebackhide__ = True
        return _collect(module, dict(params), dict(options), n, limit)

    return collect


def _collect(
    module: ModuleType, params: dict[str, Any], options: dict[str, Any], n: int | None, limit: int
) -> Collected:
    __tracebackhide__ = True
    # The source may change its params; those of the fixture are for other tests as well.
    collected = Collected(source=copy.deepcopy(params))
    theirs = options.get("logger")

    def logger(msgs: tuple[object, ...]) -> None:
        collected.logs.append(msgs)
        if theirs is not None:
            theirs(msgs)

    with Driver() as driver, _messages(collected.messages):
        stream = module.Stream(collected.source, {**options, "logger": logger})
        stream.on("*", lambda name, data: collected.events.append((name, data)))
        stream.on("progress", collected.progress.append)
        stream.on("source-state", collected.states.append)
        try:
            _read_all(driver, stream, n, limit, collected.batches)
        finally:
            driver.call(stream.close)
    return collected


def _read_all(driver: Driver, stream: Any, n: int | None, limit: int, batches: list[Any]) -> None:
    __tracebackhide__ = True
    for _ in range(limit):
        batch = driver.call(stream.read, n)
        if batch is None:
            return
        batches.append(batch)
    pytest.fail(
        f"The source gave {limit:,} batches and still no None. If it has that much to read, allow more: "
        f"--panoply-max-reads=N.",
        pytrace=False,
    )


@contextmanager
def _messages(heard: list[str]) -> Iterator[None]:
    """Collect what passes through `logging` meanwhile."""

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(self.format(record))

    listener, root = Listener(), logging.getLogger()
    root.addHandler(listener)
    try:
        yield
    finally:
        root.removeHandler(listener)
