"""Tells interested code that something happened: the `on` and `fire` that the SDK and data sources share.

What the events mean, and what they carry, is said by those who fire them.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from typing import Any, Self

__all__ = ["Emitter"]

Handler = Callable[..., object]

_log = logging.getLogger("panoply.events")


class Emitter:
    """Calls handlers in the order in which they were added, each once, and survives what they raise.

    A handler added for `"*"` hears every event and is called with its name and its payload; any other is called with
    the payload alone. This is how SDK 1.x to 3.x called them.
    """

    # Sources are written by many hands, and some fire before they call `super().__init__`: made when first needed.
    _handlers: tuple[tuple[str, Handler], ...] = ()

    def on(self, name: str, fn: Handler) -> Self:
        """Have `fn` called whenever `name` is fired.

        Adding the same function for the same name again changes nothing.

        Raises:
            TypeError: `fn` cannot be called, or `name` is not text. Silence at the first event would be worse.
        """
        if not isinstance(name, str):
            raise TypeError(f"on() takes the name of an event as text, not {type(name).__name__}")
        if not callable(fn):
            raise TypeError(f"on({name!r}, ...) takes a function to call, not {type(fn).__name__}")
        if (name, fn) not in self._handlers:
            self._handlers = (*self._handlers, (name, fn))
        return self

    def fire(self, name: str, data: Any = None) -> Self:
        """Call the handlers of `name` with `data`.

        A handler that raises is logged (logger `panoply.events`) and harms neither the others nor whoever fired.
        """
        for wanted, fn in self._handlers:
            if wanted not in (name, "*"):
                continue
            try:
                fn(name, data) if wanted == "*" else fn(data)
            except Exception as exc:  # noqa: BLE001 - a handler is foreign code
                _report(name, exc)
        return self


def _report(name: str, exc: Exception) -> None:
    """Say where a handler failed, without its message: payloads such as `source-change` carry credentials."""
    frames = traceback.extract_tb(exc.__traceback__)
    where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "unknown place"
    _log.error(
        "A handler of the event %r raised %s at %s; the event's other handlers ran.", name, type(exc).__name__, where
    )
