"""Where the parts of a split run are read: what the run asks of an engine, whichever it is.

An engine starts somebody who reads a part, passes on what they say, and notices that they are gone. When to start what, what
to do with the rows and how often to try again is the run's affair.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from panoply._part_wire import Job, Message

__all__ = ["Engine", "Envelope"]

# Of which part, from which attempt at it, and what.
Envelope = tuple[str, str, "Message"]


class Engine(Protocol):
    """Has parts read side by side.

    Attributes:
        slots: how many parts may be started at a time; None: as many as there are, the engine lets them wait.
        remote: whether its machines may lack the source's files.
    """

    slots: int | None
    remote: bool

    def start(self, key: str) -> None:
        """Have somebody get ready for this part; `Began` says that they are."""
        ...

    def reply(self, key: str, attempt: str, job: Job) -> None:
        """Give the one who began the job."""
        ...

    def receive(self, timeout: float) -> Envelope | None:
        """What was said next; None if nobody says anything for so many seconds."""
        ...

    def stop(self) -> None:
        """Have all close their sources and end; `Ended` still comes."""
        ...

    def close(self) -> None:
        """End those who have not, and release what the engine holds."""
        ...
