"""What a credential is encoded in where it was found, in words: `in base64, percent-encoded`."""

from __future__ import annotations

import html
import re
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, unquote_plus

from panoply._needles import BREAK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from panoply._matching import Place

__all__ = ["in_words"]

_BACKSLASHED: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_OCTETS: Final = re.compile(rb"\\x([0-9a-fA-F]{2})")
_LETTERS: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "a": "\a", "0": "\0"}
_SPACE: Final = re.compile(r"\s+")


def _without_backslashes(text: str) -> str:
    def plain(found: re.Match[str]) -> str:
        number = found[1] or found[2] or found[3]
        return chr(int(number, 16)) if number else _LETTERS.get(found[4], found[4])

    decoded = _BACKSLASHED.sub(plain, text)
    # What has more than 16 bits is two numbers in JSON.
    return decoded.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _octets(text: str) -> str:
    data = _OCTETS.sub(lambda found: bytes([int(found[1], 16)]), text.encode("utf-8", "surrogatepass"))
    return _without_backslashes(data.decode("utf-8", "replace"))


_DECODERS: Final[tuple[tuple[str, Callable[[str], str]], ...]] = (
    ("percent-encoded", unquote),
    ("percent-encoded", unquote_plus),
    ("escaped with backslashes", _without_backslashes),
    ("escaped with backslashes", _octets),
    ("as HTML entities", html.unescape),
)


def in_words(place: Place) -> str:
    """The encoding at a place, innermost first, and which part of the credential it is."""
    target = place.target
    words = [target.encoding] if target.encoding else []
    words += _escapes(place)
    if place.outer:
        words.append(place.outer)
    counted = _counted(words)
    if target.part:
        return ", ".join([target.part, *counted])
    if not place.whole:
        return ", ".join([f"the first {place.count * 100 // target.size} % of it", *counted])
    return ", ".join(counted) or "as is"


def _escapes(place: Place) -> list[str]:
    """How the target is escaped at that place."""
    target = place.target
    taken, text = "".join(_beginning(target.chars, place.count)), place.spelled.decode("utf-8", "replace")
    plain: Callable[[str], str] = str
    if target.encoding:
        plain = _plain
    elif target.breaks or target.head is not None:
        plain = partial(_SPACE.sub, "")
    taken = plain(taken)
    # At the edges of what base64 made, there are characters of its neighbours too; around a key, its header and footer.
    part = bool(target.encoding) or target.head is not None

    def matches(decoded: str) -> bool:
        return taken in plain(decoded) if part else taken == plain(decoded)

    if matches(text):
        return []
    for number in (1, 2):
        for decoders in product(_DECODERS, repeat=number):
            decoded = text
            for _, decode in decoders:
                decoded = decode(decoded)
            if matches(decoded):
                return [name for name, _ in reversed(decoders)]
    return ["escaped"]


def _beginning(chars: Iterable[str], count: int) -> list[str]:
    return [char for char in chars if char != BREAK][:count]


def _plain(text: str) -> str:
    """Without what may differ in base64 and hex: its line breaks, its alphabet, the case of digits."""
    return _SPACE.sub("", text).replace("-", "+").replace("_", "/").lower()


def _counted(words: list[str]) -> list[str]:
    """Two of the same kind as one: percent-encoded twice."""
    if len(words) > 1 and len(set(words)) == 1:
        return [f"{words[0]} twice"]
    return words
