"""Numbers and texts as reports show them, whatever a source has put into them."""

from __future__ import annotations

import textwrap
from typing import Final

__all__ = ["count", "duration", "number", "one_line", "printable", "shortened", "sound", "wrapped"]

_CUT: Final = " ..."

_MINUTE: Final = 60


def count(many: int, noun: str, plural: str = "") -> str:
    """A number with its noun: "1 read", "5,046 reads"."""
    return f"{many:,} {noun if many == 1 else plural or noun + 's'}"


def number(value: float) -> str:
    """A number with as many digits as a person wants."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4g}"


def duration(seconds: float) -> str:
    """A time in the unit that fits: "0.4 ms", "12 ms", "3.2 s", "5 min 20 s"."""
    if seconds < 0.9995:  # what would be rounded to 1,000 ms is a second
        return f"{seconds * 1000:.3g} ms"
    if seconds < _MINUTE - 0.05:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), _MINUTE)
    return f"{minutes:,} min {rest} s" if rest else f"{minutes:,} min"


def printable(text: str) -> str:
    """The text without what would move a cursor or colour a terminal; its lines stay."""
    return "".join(each if each.isprintable() or each == "\n" else "\ufffd" for each in text.expandtabs())


def one_line(text: str) -> str:
    """The text on one line."""
    return printable(" ".join(text.split()))


def sound(text: str) -> str:
    """The text without what cannot be written as UTF-8: half a surrogate pair may be in any message."""
    return text.encode("utf-8", "backslashreplace").decode()


def shortened(text: str, width: int) -> str:
    """The text on one line of at most `width` characters (but never of fewer than the mark of the cut has)."""
    line = one_line(text)
    return line if len(line) <= width else line[: max(0, width - len(_CUT))].rstrip() + _CUT


def wrapped(text: str, width: int) -> list[str]:
    """The text, taken as one paragraph, on lines of at most `width` characters; there is at least one.

    Not broken at hyphens: the options that a text names are there to be copied.
    """
    return textwrap.wrap(one_line(text), width, break_on_hyphens=False) or [""]
