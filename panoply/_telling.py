"""How a program hears of its records: its handlers, called one at a time, and the log where it has none.

Nothing that a handler does gets out of here, and nothing that logging does: both are foreign code.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

from panoply.delivery import counted, reasons, undelivered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from panoply.delivery import DeliveryEvent
    from panoply.errors import PanoplyException
    from panoply.events import Emitter

__all__ = ["Teller"]

_log = logging.getLogger("panoply.sdk")


class Teller:
    """Calls the handlers of one SDK, from whatever thread has something to tell.

    Args:
        emitter: whose handlers they are.

    Attributes:
        exiting: the interpreter exits; logging would print to stderr what the exit says there in a line of its own.
    """

    def __init__(self, emitter: Emitter) -> None:
        self.exiting = False
        self._emitter = emitter
        self._telling = threading.Lock()  # held while handlers run
        self._threads: set[int] = set()  # in which handlers run

    def hears(self, name: str) -> bool:
        """Whether there is a handler for this event."""
        return any(wanted in {name, "*"} for wanted, _ in self._emitter._handlers)  # noqa: SLF001 - it is ours

    def is_here(self) -> bool:
        """Whether this is called by a handler."""
        return threading.get_ident() in self._threads

    def tell(self, name: str, event: DeliveryEvent, deadline: float | None) -> None:
        """Call the handlers. They run one at a time, but that after the deadline one that takes too long is not waited for."""
        here = threading.get_ident()
        try:
            alone = self._telling.acquire(timeout=-1 if deadline is None else max(0.0, deadline - time.monotonic()))
            self._threads.add(here)
            try:
                self._emitter.fire(name, event)
            finally:
                self._threads.discard(here)
                if alone:
                    self._telling.release()
        except BaseException as exc:  # noqa: BLE001 - such as sys.exit() in a handler, which fire() lets through
            with contextlib.suppress(BaseException):
                _log.error("A handler of the event %r raised %s.", name, type(exc).__name__)

    def log_failures(self, failures: tuple[DeliveryEvent, ...]) -> None:
        """Tell of records that are handed back, and that no handler hears of."""
        tables: Counter[str] = Counter()
        for failure in failures:
            tables.update(failure.tables)
        self._say(
            logging.ERROR,
            "%s: %s. What is not delivered is handed back by flush() or close(); on('error', ...) hears it at once.",
            undelivered(tables),
            reasons(failures),
        )

    def log_trouble(self, tables: Mapping[str, int], error: PanoplyException | None) -> None:
        """Tell of records that could not be sent for now."""
        self._say(
            logging.WARNING,
            "%s could not be sent for now: %s. This is tried again, as are others, without a further warning until one "
            "succeeds.",
            counted(tables),
            error,
        )

    def _say(self, level: int, text: str, *args: object) -> None:
        with contextlib.suppress(BaseException):
            if not self.exiting or _log.hasHandlers():
                _log.log(level, text, *args)
