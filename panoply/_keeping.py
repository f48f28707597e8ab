"""What of one SDK's records is in a spool, or nothing at all if it has none.

Here is known which segment of the spool belongs to which message: to one of this process's, or to several that were made of
what a former process left. Files are `spool`'s subject; when something is kept or forgotten is decided elsewhere.
"""

from __future__ import annotations

import contextlib
import logging
from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from panoply.errors import SpoolError

if TYPE_CHECKING:
    from collections.abc import Callable

    from panoply.spool import Leftover, Spool

__all__ = ["Keeper", "lines_of"]

_log = logging.getLogger("panoply.sdk")


@dataclass(slots=True, kw_only=True)
class _Share:
    """A former process's segment, and how many of the messages that were made of it are still to be delivered."""

    leftover: Leftover
    messages: int


class Keeper:
    """Keeps the records of one SDK on disk. All but `delete` is called with the SDK's lock held.

    Args:
        open_spool: makes a spool for this process. None: there is none.

    Attributes:
        spool: once it is open.
        last_adopted: the id of the newest message that was made of what former processes left; 0 before the first.
    """

    def __init__(self, open_spool: Callable[[], Spool] | None) -> None:
        self._open_spool = open_spool
        self._leftovers: deque[Leftover] = deque()
        self._reading = 0  # how many of those are being read
        self._shares: dict[int, _Share] = {}  # of which of those a message was made
        self.spool: Spool | None = None
        self.last_adopted = 0

    def open(self) -> None:
        """Open the spool, if there is to be one, and take over what former processes left.

        Raises:
            SpoolError: it cannot be opened.
        """
        if self._open_spool is not None and self.spool is None:
            self.spool = self._open_spool()
            self._leftovers.extend(self.spool.leftovers())

    @property
    def wants(self) -> bool:
        """Whether there is something left of former processes to make messages of."""
        return bool(self._leftovers)

    @property
    def pending(self) -> int:
        """How many segments of former processes have not been made messages of yet."""
        return len(self._leftovers) + self._reading

    def take(self, has_room: Callable[[int], bool]) -> Leftover | None:
        """A segment to be read, if there is one and room for it: one at a time. `adopted` has to be told of it."""
        if not self._leftovers or self._reading or not has_room(self._leftovers[0].size):
            return None
        self._reading += 1
        return self._leftovers.popleft()

    def adopted(self, leftover: Leftover, ids: tuple[int, ...]) -> None:
        """These messages were made of it."""
        self._reading -= 1
        self._shares.update(dict.fromkeys(ids, _Share(leftover=leftover, messages=len(ids))))
        self.last_adopted = max((self.last_adopted, *ids))

    def forget(self, batch_id: int) -> Callable[[], object] | None:
        """What deletes from the disk what need not be there any more, now that this message has ended; for `delete`."""
        share = self._shares.pop(batch_id, None)
        if share is None:
            return None if self.spool is None else partial(self.spool.drop, batch_id)
        share.messages -= 1
        return None if share.messages else share.leftover.drop

    def leave(self) -> None:
        """Make no more messages of what former processes left."""
        self._leftovers.clear()

    def delete(self, drop: Callable[[], object] | None) -> None:
        """Delete from the disk. What cannot be is told: it will be delivered again."""
        if drop is not None:
            try:
                drop()
            except SpoolError as exc:
                _warn("%s.", exc)

    def close(self) -> None:
        """Let the next SDK have what is in the spool now."""
        if self.spool is not None:
            self.spool.close()

    def forked(self) -> None:
        """This is a child process: what there is, is the parent's."""
        if self.spool is not None:
            self.spool.forked()


def lines_of(leftover: Leftover) -> list[tuple[str, bytes]] | None:
    """The tables and lines in it; None if it cannot be read. What is wrong with it is told."""
    try:
        lines, torn = leftover.lines()
    except SpoolError as exc:
        _warn("%s.", exc)
        return None
    if torn:
        text = "In %s, %d lines were not written to their end, or were damaged since. They are no records, and go."
        _warn(text, leftover, torn)
    return lines


def _warn(text: str, *args: object) -> None:
    with contextlib.suppress(BaseException):  # logging has handlers, which are foreign
        _log.warning(text, *args)
