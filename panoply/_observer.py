"""Who watches a run is told by these calls what goes on. What is made of it, lines or events, is the watcher's affair."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Observer"]


class Observer:
    """Is told about a run while it goes on; extend it and override what is of interest.

    All text arrives masked. The calls come from the thread that runs the source; those that the source causes itself (`log`,
    `progress`) come from whichever of its threads made them.
    """

    def log(self, message: str) -> None:
        """The source logged something."""

    def warning(self, message: str) -> None:
        """Something about the run is not as it should be, and does not keep it from going on."""

    def progress(self, loaded: object, total: object, message: str) -> None:
        """The source called `progress()`, with numbers if it does as it should. Of a split run: the sum over its parts."""

    def batch(self, reads: int, records: int) -> None:
        """A batch is in the sink; that makes so many reads and records by now."""

    def retry(self, error: BaseException, attempt: int, attempts: int, pause: float) -> None:
        """A `read()` raised; after `pause` seconds it is called for the `attempt`-th time, of at most `attempts`."""

    def delivered(self, records: int) -> None:
        """So many records have arrived where they should."""

    def state(self, state: Mapping[str, Any]) -> None:
        """This state was kept, to go on from. Of a split run: one for each part."""

    def delivering(self) -> None:
        """The source is done; the sink is waited for."""
