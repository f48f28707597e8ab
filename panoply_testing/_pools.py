"""Knows which connections urllib3 (and so requests) has let go of: those of a session that was closed.

Since its version 2, urllib3 closes nothing when a session is closed. It forgets the pool, whose connections then end with
the last answer that remembers it. A source that closed its session has done what there is to do, also while a generator
of its, or an attribute, still holds an answer.
"""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["let_go"]


def let_go() -> set[int]:
    """The descriptors of idle connections whose pool nothing of the source's leads to any more, but answers that were read.

    A connection whose answer was not read to its end is not idle: that one is held, and to be closed.
    """
    module = sys.modules.get("urllib3.connectionpool")
    if module is None:
        return set()
    pools = [each for each in gc.get_objects() if isinstance(each, module.HTTPConnectionPool)]
    return {number for pool in pools if not _is_held(pool, but_by=pools) for number in _descriptors(pool)}


def _descriptors(pool: Any) -> Iterator[int]:
    """Of the connections that wait in the pool for another request."""
    for connection in list(getattr(pool.pool, "queue", ())):
        made = getattr(connection, "sock", None)
        if made is not None:
            yield made.fileno()


def _is_held(pool: Any, but_by: list[Any]) -> bool:
    """Whether anything refers to it that is no answer and no error of urllib3's: a session, or the source itself."""
    for holder in gc.get_referrers(pool):
        if holder is but_by or _passes_by(holder):
            continue
        # The attributes of an object are a dict of their own.
        owners = [each for each in gc.get_referrers(holder) if getattr(each, "__dict__", None) is holder]
        if not any(_passes_by(each) for each in owners):
            return True
    return False


def _passes_by(holder: object) -> bool:
    module = type(holder).__module__
    return module in ("urllib3.response", "urllib3.exceptions")
