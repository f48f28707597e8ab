"""The test kit for Panoply data sources: a pytest plugin, and the parts it is made of.

Importing the package imports nothing else: it is loaded in every pytest run of an environment that has the kit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from panoply_testing.source_contract import SourceContract

__all__ = ["SourceContract"]


def __getattr__(name: str) -> Any:
    """Import `SourceContract` when it is first asked for."""
    if name == "SourceContract":
        from panoply_testing.source_contract import SourceContract  # noqa: PLC0415 - see above

        return SourceContract
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
