"""HTML that is made of values, never of text put together: what is no `Safe` is escaped, so that nothing can be forgotten."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from panoply_testing.report._words import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Safe", "joined", "tag"]

_VOID: Final = frozenset({"meta", "line", "polyline"})


class Safe(str):
    """Text that is HTML already. Only this module makes it from what it is given, and from literals of ours elsewhere."""

    __slots__ = ()


def tag(name: str, /, *children: str, **attributes: str | float) -> Safe:
    """An element. `class_` stands for `class`; an underscore within an attribute's name for a hyphen."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_escaped(str(value))}"' for key, value in attributes.items()
    )
    if name in _VOID:
        return Safe(f"<{name}{given}>" if name == "meta" else f"<{name}{given}/>")
    return Safe(f"<{name}{given}>{joined(children)}</{name}>")


def joined(children: Iterable[str]) -> Safe:
    """Several pieces one after the other."""
    return Safe("".join(each if isinstance(each, Safe) else _escaped(each) for each in children))


def _escaped(text: str) -> str:
    return escape(printable(text))
