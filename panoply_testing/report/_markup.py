"""HTML that is made of values, never of text put together: what is no `Safe` is escaped, so that nothing can be forgotten."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from panoply_testing.report._words import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["NOTHING", "Safe", "head_cell", "joined", "table", "tag", "terms"]

_VOID: Final = frozenset({"img", "meta", "line", "polyline"})

# Those that are HTML's own, and end without a slash.
_OF_HTML: Final = frozenset({"img", "meta"})


class Safe(str):
    """Text that is HTML already. Only this module makes it from what it is given, and from literals of ours elsewhere."""

    __slots__ = ()


NOTHING: Final = Safe("")


def tag(name: str, /, *children: str, **attributes: str | float) -> Safe:
    """An element. `class_` stands for `class`; an underscore within an attribute's name for a hyphen."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_escaped(str(value))}"' for key, value in attributes.items()
    )
    if name in _VOID:
        return Safe(f"<{name}{given}>" if name in _OF_HTML else f"<{name}{given}/>")
    return Safe(f"<{name}{given}>{joined(children)}</{name}>")


def joined(children: Iterable[str]) -> Safe:
    """Several pieces one after the other."""
    return Safe("".join(each if isinstance(each, Safe) else _escaped(each) for each in children))


def terms(*entries: tuple[str, str]) -> Safe:
    """Terms and what there is to say of each; what is empty is left out."""
    return tag("dl", *(joined([tag("dt", term), tag("dd", text)]) for term, text in entries if text))


def head_cell(text: str, *, number: bool = False) -> Safe:
    """The head of a column."""
    return tag("th", text, scope="col", class_="number") if number else tag("th", text, scope="col")


def table(head: Safe, rows: Iterable[Safe], kind: str = "facts", *, about: str = "") -> Safe:
    """A table that can be moved sideways where there is no room for it, by the keyboard, too; `about` says what it is of."""
    caption = tag("caption", about) if about else NOTHING
    inner = tag("table", caption, tag("thead", head), tag("tbody", *rows), class_=kind)
    return (
        tag("div", inner, class_="wide", tabindex=0, role="region", aria_label=about)
        if about
        else tag("div", inner, class_="wide")
    )


def _escaped(text: str) -> str:
    return escape(printable(text))
