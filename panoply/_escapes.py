"""How a text may be written where characters are escaped: percent-encoded, with backslashes, as HTML entities.

Pure. `spellings` are those of a whole text by an encoder that treats equal characters alike; `forms` are those of one
character, up to two encodings on top of each other. Which characters are escaped at all differs from encoder to encoder,
so what looks for a text goes through it character by character, and never relies on a list of encoded texts alone.
"""

from __future__ import annotations

import html
import itertools
import json
from functools import cache
from html.entities import codepoint2name, html5
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = ["ESCAPES", "as_bytes", "every_character", "forms", "spellings", "spellings_twice"]

# What a character that is written as another one begins with; `+` stands for a blank.
ESCAPES: Final = frozenset(b"%\\&+")

# With more kinds of punctuation than these in so short a text, not every choice among them is tried.
_CHOICES: Final = 3

# What encoders of URLs leave alone: Python's quote, with and without `/`; a browser's encodeURIComponent, encodeURI.
_USUALLY_SAFE: Final = ("", "/", "-_.~", "-_.~/", "-_.!~*'()", "-_.!~*'();/?:@&=+$,#")


def as_bytes(text: str) -> bytes:
    """The text as bytes, whatever is in it."""
    return text.encode("utf-8", "surrogatepass")


def spellings(text: str) -> tuple[str, ...]:
    """How one encoder may write a short `text`, itself included; some come more than once."""
    if text.isalnum() and text.isascii():
        return (text, *every_character(text))
    return (text, *every_character(text), *_percent(text), *_backslashed(text), *_entities(text))


def spellings_twice(text: str) -> frozenset[str]:
    """How two encoders on top of each other may write a short `text`; one of them, or none, as well."""
    if text.isalnum() and text.isascii():
        # Whoever escapes letters escapes them all, and each on its own: what is known of each is put together.
        return frozenset(map("".join, zip(*map(_twice_letter, text), strict=True)))
    return frozenset(outer for inner in set(spellings(text)) for outer in spellings(inner))


@cache
def _twice_letter(char: str) -> tuple[str, ...]:
    return tuple(outer for inner in spellings(char) for outer in spellings(inner))


def every_character(text: str) -> Iterator[str]:
    """How encoders that spare no character write `text`."""
    for write in _WHOLE:
        yield "".join(map(write, text))


def _percent_whole(char: str) -> str:
    return "".join(f"%{octet:02X}" for octet in as_bytes(char))


def _units(char: str) -> Iterator[int]:
    """The numbers that stand for a character in JSON: two for one that has more than 16 bits."""
    octets = char.encode("utf-16-be", "surrogatepass")
    for place in range(0, len(octets), 2):
        yield octets[place] << 8 | octets[place + 1]


def _lower(write: Callable[[str], str]) -> Callable[[str], str]:
    return cache(lambda char: write(char).lower())


_WHOLE: Final[tuple[Callable[[str], str], ...]] = (
    cache(_percent_whole),
    _lower(_percent_whole),
    cache(lambda char: "".join(f"\\u{unit:04x}" for unit in _units(char))),
    cache(lambda char: "".join(f"\\u{unit:04X}" for unit in _units(char))),
    cache(lambda char: "".join(f"\\x{octet:02x}" for octet in as_bytes(char))),
    cache(lambda char: "".join(f"\\x{octet:02X}" for octet in as_bytes(char))),
    cache(lambda char: f"&#{ord(char)};"),
    cache(lambda char: f"&#x{ord(char):x};"),
    cache(lambda char: f"&#x{ord(char):X};"),
)


def _percent(text: str) -> Iterator[str]:
    """Percent-encoded: what is not ASCII always, of the rest what the encoder chooses."""
    special = {char for char in text if char.isascii() and not char.isalnum()}
    foreign = {char for char in text if not char.isascii()}
    chosen: Iterable[Iterable[str]]
    if len(special) <= _CHOICES:
        chosen = itertools.chain.from_iterable(
            itertools.combinations(sorted(special), size) for size in range(len(special) + 1)
        )
    else:
        chosen = [special.difference(safe) for safe in _USUALLY_SAFE]
    for one in chosen:
        escaped = foreign.union(one)
        if escaped:
            yield from _cases("".join(_percent_whole(char) if char in escaped else char for char in text), "%")
            if " " in escaped:
                plus = ("+" if char == " " else _percent_whole(char) if char in escaped else char for char in text)
                yield from _cases("".join(plus), "%")
    if any(127 < ord(char) < 256 for char in text):
        yield "".join(f"%{ord(char):02X}" if char in foreign and ord(char) < 256 else char for char in text)


def _cases(text: str, mark: str) -> Iterator[str]:
    """With the digits of its escapes in upper case, as it is given, and in lower case."""
    yield text
    first, *others = text.split(mark)
    yield mark.join([first, *(other[:2].lower() + other[2:] for other in others)])


def _backslashed(text: str) -> Iterator[str]:
    """As JSON, `repr` and their like write it, between the quotes."""
    as_json = json.dumps(text)[1:-1]
    yield as_json
    yield as_json.replace("/", "\\/")
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1].replace("/", "\\/")
    # Safe within a page, as Go and Django write it.
    for unsafe in ("<>&'", "<>&"):
        for only_ascii in (True, False):
            yield "".join(
                f"\\u{ord(char):04x}" if char in unsafe else json.dumps(char, ensure_ascii=only_ascii)[1:-1]
                for char in text
            )
    octets = [repr(as_bytes(char))[2:-1] for char in text]
    for pieces in ([repr(char)[1:-1] for char in text], [ascii(char)[1:-1] for char in text], octets):
        # Which quotes are escaped depends on all of the text. By itself, a quote never is.
        yield "".join(pieces)
        yield "".join("\\'" if piece == "'" else piece for piece in pieces)
        yield "".join('\\"' if piece == '"' else piece for piece in pieces)


def _entities(text: str) -> Iterator[str]:
    yield html.escape(text)
    yield html.escape(text, quote=False)
    yield html.escape(text).replace("&#x27;", "&#39;")
    yield html.escape(text).replace("&#x27;", "&apos;")
    yield "".join(f"&{codepoint2name[ord(char)]};" if ord(char) in codepoint2name else char for char in text)
    yield "".join(char if char.isascii() else f"&#{ord(char)};" for char in html.escape(text))
    yield "".join(char if char.isascii() and char.isalnum() else f"&#{ord(char)};" for char in text)
    yield "".join(char if char.isascii() and char.isalnum() else f"&#x{ord(char):x};" for char in text)


@cache
def forms(char: str) -> Mapping[int, frozenset[bytes]]:
    """How one character may be escaped, in lower case, by length: once or twice, and thrice in the same way.

    Cached over all texts, as a character is no secret.
    """
    once = {*spellings(char), *_more(char)}
    twice = {outer for inner in once for outer in spellings(inner)}
    for inner in once:
        deeper = inner
        for _ in range(3):
            deeper = json.dumps(deeper)[1:-1] if inner.startswith("\\") else deeper.replace("%", "%25")
            twice.add(deeper)
    found: dict[int, set[bytes]] = {}
    for form in (once | twice) - {char}:
        data = as_bytes(form).lower()
        if data[0] in ESCAPES:
            found.setdefault(len(data), set()).add(data)
    return {length: frozenset(found[length]) for length in sorted(found)}


def _more(char: str) -> Iterator[str]:
    """What no whole text needs: rare ways of writing one character."""
    number = ord(char)
    yield f"\\U{number:08x}"
    yield f"\\u{{{number:x}}}"
    for name, other in _named().get(char, ()):
        yield f"&{name}{other}"
    for width in (2, 3, 4, 5):
        yield f"&#{number:0{width}};"
        yield f"&#x{number:0{width}x};"
    if number < 256:
        yield f"\\x{number:02x}"
        yield f"%{number:02x}"
    if char.isascii() and not char.isalnum():
        yield f"\\{char}"
    if char == "\0":
        yield "\\0"


@cache
def _named() -> Mapping[str, list[tuple[str, str]]]:
    """The names that HTML has for a character."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, char in html5.items():
        if name.endswith(";"):
            found.setdefault(char, []).append((name[:-1], ";"))
    return found
