"""Has a source under observation speak as it would without help: `log()` masks nothing, so that what is judged is what the
source hands to it; and what it declares by `secret()` is told.

Made for a process that exists for one run only: `panoply.DataSource` stays as it is left here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from panoply.datasource import DataSource

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["unmask"]


def unmask(declared: Callable[[Any], None]) -> None:
    """From now on, in this process.

    Args:
        declared: is called with what a source has passed to `secret()`.
    """
    DataSource._panoply_hides = False  # noqa: SLF001 - made for this
    plain = DataSource.secret

    def secret(stream: DataSource, value: Any) -> Any:
        # First the method itself: it refuses what is no credential.
        kept = plain(stream, value)
        declared(value)
        return kept

    DataSource.secret = secret  # type: ignore[method-assign, assignment]
