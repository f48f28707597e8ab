"""Words for people: text from elsewhere made harmless, numbers with their noun, Markdown without its marks.

Pure functions. What is said, and where, is decided by those who call them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import click
from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from markdown_it.token import Token

__all__ = ["counted", "described", "in_one_line", "listed", "plain", "printable", "unstyled"]

# Besides the control characters those that turn the direction of writing: what follows them reads as something else.
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")

# A link to elsewhere, or a window's title: all of it is an instruction to the terminal.
_OSC: Final = re.compile("\x1b\\].*?(?:\x07|\x1b\\\\)", re.DOTALL)


def printable(text: str) -> str:
    """Text without what would move the cursor, colour what follows, or cannot be written at all. Tabs and line ends stay."""
    return _CONTROL.sub(" ", text.encode("utf-8", "replace").decode("utf-8"))


def unstyled(text: str) -> str:
    """`printable`, with nothing left of colours and links: what a program has coloured is to be read without."""
    return printable(click.unstyle(_OSC.sub("", text)) if "\x1b" in text else text)


def in_one_line(text: str) -> str:
    """`printable`, with each run of blanks and line ends as one blank."""
    return " ".join(printable(text).split())


def counted(number: int, noun: str) -> str:
    """`1 record`, `5,046 records`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def listed(names: Iterable[str], most: int) -> str:
    """`a, b and 3 more`."""
    every = list(names)
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(every[:most]) + more


def described(error: BaseException) -> str:
    """An exception as its type and message."""
    message = str(error)
    return f"{type(error).__name__}: {message}" if message else f"{type(error).__name__}, without a message."


def plain(markdown: str) -> str:
    """Markdown as plain text in one line; links as `text (url)`."""
    tokens = MarkdownIt("commonmark").parse(markdown)
    return in_one_line(" ".join("".join(_words(token)) for token in tokens))


def _words(token: Token) -> Iterator[str]:
    if token.type in {"fence", "code_block"}:
        yield token.content
    if token.type != "inline":
        return
    links: list[tuple[str, list[str]]] = []
    for child in token.children or ():
        if child.type == "link_open":
            links.append((str(child.attrs.get("href", "")), []))
            continue
        if child.type == "link_close":
            target, inner = links.pop()
            text = "".join(inner)
            said = text if target.removeprefix("mailto:") == text else f"{text} ({target})" if text else target
        elif child.type == "html_inline":
            said = " " if child.content.lower().startswith("<br") else ""
        else:
            # An image has its description as content.
            said = " " if child.type in {"softbreak", "hardbreak"} else child.content
        if links:
            links[-1][1].append(said)
        else:
            yield said
