"""Says on stderr how far a long run is, so that nobody takes it for hanging."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pytest

    from panoply_testing.observation import Step
    from panoply_testing.plans import Plan

__all__ = ["Ticker", "ticker_of"]

# Seconds of a run after which somebody who waits begins to wonder, and seconds between two lines in a file.
PATIENCE: Final = 5.0
PAUSE: Final = 10.0


class Ticker:
    """Tells about the runs of one source.

    Args:
        name: of the source.
        write: puts text on stderr.
        on_screen: whether a line can be written over the one before.
        clock: seconds.
    """

    def __init__(
        self, name: str, write: Callable[[str], object], *, on_screen: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._name = name
        self._write = write
        self._on_screen = on_screen
        self._clock = clock
        self._plan: Plan | None = None
        self._since = self._next = 0.0

    def news(self, plan: Plan, steps: Sequence[Step]) -> None:
        """Take note of a run that goes on; write a line if it is time for one."""
        now = self._clock()
        if plan != self._plan:
            self._plan, self._since, self._next = plan, now, now + PATIENCE
        if now < self._next:
            return
        self._next = now + (0.0 if self._on_screen else PAUSE)
        reads = sum(step.kind == "read" for step in steps)
        records = sum(step.batch.records for step in steps if step.batch is not None)
        text = f"{self._name}: {plan.about}: {reads:,} reads, {records:,} records, {now - self._since:,.0f} s"
        self._write(f"\r\x1b[K{text}" if self._on_screen else f"{text}\n")

    def done(self) -> None:
        """Take the line off the screen, where there is one."""
        if self._plan is not None and self._on_screen and self._clock() >= self._since + PATIENCE:
            self._write("\r\x1b[K")
        self._plan = None


def ticker_of(config: pytest.Config, name: str) -> Ticker:
    """One that writes to pytest's own stderr, whatever it captures."""
    capture = config.pluginmanager.getplugin("capturemanager")

    def write(text: str) -> None:
        if hasattr(config, "workerinput"):  # a process of pytest-xdist: its stderr is nobody's screen
            return
        if capture is None:
            sys.stderr.write(text)
            sys.stderr.flush()
            return
        with capture.global_and_fixture_disabled():
            sys.stderr.write(text)
            sys.stderr.flush()

    return Ticker(name, write, on_screen=sys.__stderr__ is not None and sys.__stderr__.isatty())
