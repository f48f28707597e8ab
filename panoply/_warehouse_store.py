"""What the warehouse needs of a database, and what it keeps in it about its own tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from panoply._warehouse_types import Kind

__all__ = ["CATALOG", "STAGE", "Store"]

# A table of its own: for each table of the warehouse, from which one and by which nested columns its rows come. By the names
# alone, `users_friends` might be either.
CATALOG: Final = "__panoply"

# Rows on their way.
STAGE: Final = "__panoply_stage"


class Store(Protocol):
    """A database with tables, one transaction at a time. Its errors come out as `DeliveryError`, without any values.

    Attributes:
        name: what the user calls it, for messages.
    """

    name: str

    @property
    def keyed(self) -> bool:
        """Whether a key has to be declared for it to be found quickly."""
        ...

    def begin(self) -> None:
        """Begin a transaction."""
        ...

    def commit(self) -> None:
        """End it, and come back when all of it is on disk."""
        ...

    def run(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run a statement; the rows that it gives."""
        ...

    def tables(self) -> set[str]:
        """The names of all that is there, in lower case."""
        ...

    def columns(self, table: str) -> dict[str, Kind | None]:
        """The columns of a table and their types; None for a type that the warehouse does not make."""
        ...

    def declared(self, kind: Kind) -> str:
        """A type in SQL."""
        ...

    def moment(self, at: datetime) -> str:
        """A moment in UTC in SQL."""
        ...

    def widen(self, table: str, columns: Mapping[str, Kind], changes: Mapping[str, Kind], indexed: str | None) -> None:
        """Change the types of columns, and the values in them along.

        Args:
            table: its name.
            columns: its columns, as they are.
            changes: the wider types.
            indexed: the column by which rows are looked up, if there is one beside the key.
        """
        ...

    def stage(self, lines: Sequence[bytes], columns: Mapping[str, Kind], shifted: Iterable[str], *, once: bool) -> None:
        """Make these lines of JSON the rows of `STAGE`.

        Args:
            lines: an object each.
            columns: which of its keys become columns, and their types.
            shifted: of these, those with times that have an offset.
            once: they are read only once.
        """
        ...

    def unstage(self) -> None:
        """Remove `STAGE`."""
        ...

    def close(self) -> None:
        """Release it. What is not committed is gone."""
        ...
