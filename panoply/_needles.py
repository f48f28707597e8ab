"""From the value of a credential to what is looked for: the texts that it may stand as, and short pieces that give them away.

Pure. A `Target` is the value itself, or what base64 or hex make of it; each may be escaped once more where it stands, or
be encoded again as a whole. There are too many such texts to look for each of them. But all of them hold, in one of few
spellings, any short piece of the target: an `Anchor`. Anchors are searched for, all at once; where one is found, what
stands around it is compared with the target, character by character.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote

from panoply._chance import ENOUGH, public_beginning, surprise
from panoply._escapes import as_bytes, spellings, spellings_twice
from panoply._inner_secrets import is_dsn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

__all__ = ["BASE64", "BREAK", "DROPPED", "HEX", "Anchor", "Target", "anchors", "core", "targets"]

# Stands in a target for a line break of the value, which may be written in any way, or be left out.
BREAK: Final = ""

BASE64: Final = "in base64"
HEX: Final = "in hex"

# Of the whole value: from here on the beginning of it counts as the credential.
_PREFIX: Final = 0.6

# A line of a key counts by itself if it has so many characters. The lines of keys have 64 or 70, the last one fewer.
_LONG_LINE: Final = 24

# How many characters of what base64 makes of a text depend on what stands before the text, by its place in a group of three
# bytes: they are left out.
DROPPED: Final = (0, 2, 3)

# How long an anchor is. Eight letters of a token are met by chance nowhere; the fewer, the more often in vain.
_ANCHOR: Final = 8
# Where every character is escaped, three are as long in the text.
_ESCAPED_ANCHOR: Final = 3
# A word that is not an everyday one is rare enough: what is found in vain is found out soon.
_TELLING: Final = 14.0

# How far into a value anchors are looked for. With prefixes, earlier is better.
_REACH: Final = 64

# A line that is shorter gives no good anchor; and no credential is.
_SHORTEST: Final = 6

# hexdump, openssl, MAC addresses.
_SEPARATORS: Final = (":", " ", "-")

_PEM: Final = re.compile(r"(?P<head>-----BEGIN [^-]+-----)(?P<body>.*?)(?P<foot>-----END [^-]+-----|\Z)", re.DOTALL)
# In a key that was written into one line, as environment variables need it, they are two characters.
_PEM_BREAK: Final = re.compile(r"(?:\s|\\+[rn])+")
_LINE_BREAK: Final = re.compile(r"[\r\n]+")


@dataclass(frozen=True, slots=False, kw_only=True)
class Target:
    """A text to be found, in any spelling.

    Attributes:
        chars: its characters; where it has lines, BREAK between them.
        encoding: what it is of the value, in words; empty: the value itself.
        align: where it begins in a group of three bytes, of what base64 made.
        octets: what it was made of, where it is base64.
        least: how many characters of it, breaks not counted, are enough.
        least_escaped: likewise where some are escaped: a text that was cut at 60 % may hold fewer of the characters.
        part: in words, where it is one part of the value only.
        head: of a key, the line above, which is no secret, and belongs to what is masked. `foot`: the one below.
    """

    chars: Sequence[str] = field(repr=False)
    encoding: str
    align: int = 0
    octets: bytes = field(default=b"", repr=False)
    least: int
    least_escaped: int
    part: str = ""
    head: Target | None = field(default=None, repr=False)
    foot: Target | None = field(default=None, repr=False)

    @property
    def separated(self) -> bool:
        """Whether it is hex with something between the bytes."""
        return self.encoding == HEX and self.chars[2] in _SEPARATORS

    @cached_property
    def literal(self) -> bytes:
        """The target as it is, its lines joined."""
        return as_bytes("".join(self.chars))

    @cached_property
    def size(self) -> int:
        """How many characters it has, without breaks."""
        return len(self.chars) - self.breaks

    @cached_property
    def breaks(self) -> int:
        """How many line breaks it has."""
        return 0 if isinstance(self.chars, str) else self.chars.count(BREAK)


class Anchor(NamedTuple):
    """A piece that gives a target away. There are hundreds to a value, made anew for each run; a tuple is made fastest.

    Attributes:
        place: which character of the target it begins with.
        outer: what the text around it is encoded in: nothing, base64, hex.
        align: where the piece begins in a group of three bytes of that.
    """

    place: int
    outer: str
    align: int


def targets(value: str, *, shortest_line: int | None = None) -> Iterator[Target]:
    """What is to be found of one value, the value itself first.

    Args:
        value: the credential.
        shortest_line: of several lines, those count by themselves that have so many characters, whatever they look like;
            by default only those that are not met by chance.
    """
    pem = _PEM.search(value)
    body = pem["body"].strip() if pem is not None else value
    lines = (_PEM_BREAK if pem is not None else _LINE_BREAK).split(body)
    lines = [line for line in lines if line.replace("\\n", "")] or [body]
    if sum(map(len, lines)) < _SHORTEST:  # a header with nothing behind it
        lines = [value]
    plain = "".join(lines)
    starts = accumulate(map(len, lines), initial=0)
    if not any(
        min(start + len(line), len(plain) // 2) - start >= _SHORTEST for start, line in zip(starts, lines, strict=False)
    ):
        # No lines to speak of: their breaks are characters like others.
        plain, lines = body, [body]
    least, least_escaped = _least(plain)
    chars: Sequence[str] = tuple(_with_breaks(lines)) if len(lines) > 1 else plain
    head = foot = None
    if pem is not None:
        head = Target(chars=(*pem["head"], BREAK), encoding="", least=1, least_escaped=1)
        foot = Target(chars=(BREAK, *pem["foot"]), encoding="", least=1, least_escaped=1)
    yield Target(chars=chars, encoding="", least=least, least_escaped=least_escaped, head=head, foot=foot)
    share = _share(plain, least)
    for octets in dict.fromkeys([as_bytes(body), *_images(lines)]):
        for align in range(3):
            yield _encoded(core(octets, align), BASE64, share, align=align, octets=octets)
        yield _encoded(octets.hex(), HEX, share)
        yield from (_encoded(octets.hex(separator), HEX, share) for separator in _SEPARATORS)
    if len(lines) > 1 and not _is_json(plain):
        for line in lines:
            line = line.strip()  # noqa: PLW2901 - what surrounds it is of no interest
            if len(line) >= shortest_line if shortest_line is not None else _counts_by_itself(line):
                size = len(line)
                yield Target(chars=line, encoding="", least=size, least_escaped=size, part="one of its lines")


def _counts_by_itself(line: str) -> bool:
    return len(line) >= _LONG_LINE and surprise(line[public_beginning(line) :][:_REACH]) >= ENOUGH


def _with_breaks(lines: list[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        if number:
            yield BREAK
        yield from line


def _images(lines: list[str]) -> Iterator[bytes]:
    for separator in ("\n", "\r\n", "", " ", "\\n"):
        yield as_bytes(separator.join(lines))
    try:
        # As HTTP's Basic has it.
        yield "\n".join(lines).encode("latin-1")
    except UnicodeEncodeError:
        return


def _encoded(text: str, encoding: str, share: float, *, align: int = 0, octets: bytes = b"") -> Target:
    # What is cut in the middle of a group has one character less that depends on nothing else.
    least = len(text) if share == 1 else max(1, int(share * len(text)) - 1)
    return Target(chars=text, encoding=encoding, align=align, octets=octets, least=least, least_escaped=least)


def core(octets: bytes, align: int) -> str:
    """What base64 makes of `octets` if they begin at that place of a group: the characters that depend on nothing else."""
    whole = (align + len(octets)) * 8 // 6
    return binascii.b2a_base64(bytes(align) + octets, newline=False)[DROPPED[align] : whole].decode("ascii")


def _least(text: str) -> tuple[int, int]:
    """How many characters of a value count as the value: 60 %, or more where so many may be met by chance."""
    if _is_json(text) or is_dsn(text):
        # What it begins with may be in any record, or says where it leads to; what is secret in it counts by itself.
        return len(text), len(text)
    public = public_beginning(text)
    weights = [1 if char.isascii() and (char.isalnum() or char in "-._~") else 3 * len(as_bytes(char)) for char in text]
    plain, total, weight = -(-len(text) * 6 // 10), sum(weights), 0
    # A cut through a character that is escaped takes all of it.
    escaped = plain - 1
    for number, (each, following) in enumerate(pairwise([*weights, 1][: plain + 1])):
        weight += each
        # The cut may go through the next one, of which all but a character is there then.
        if weight + following - 1 >= _PREFIX * total:
            escaped = min(escaped, number + 1)
            break
    least = max(escaped, public + 1)
    while least < len(text) and surprise(text[public:least][:_REACH]) < ENOUGH:
        least += 1
    return max(plain, least), least


def _is_json(text: str) -> bool:
    return re.match(r"\{\s*[\"}]|\[\s*[\"{]", text) is not None


def _share(text: str, least: int) -> float:
    """Which part of what base64 and hex make of a value counts as the value, where so many of its characters do."""
    if least == len(text):
        return 1.0
    share = len(as_bytes(text[:least])) / len(as_bytes(text))
    return min(share, _PREFIX) if least == -(-len(text) * 6 // 10) else share


def anchors(target: Target) -> Iterator[tuple[bytes, Anchor]]:
    """What to search for, so that no spelling of the target is missed; and where that is in the target."""
    if target.separated:
        start, here = "".join(target.chars[:_ANCHOR]), Anchor(0, "", 0)
        yield from ((as_bytes(each), here) for text in (start, start.upper()) for each in {text, quote(text)})
        return
    place, window = _window(target)
    plain, inner = {window}, {window}
    if target.encoding:
        # Hex has two cases, base64 two alphabets.
        both = {window, window.upper() if target.encoding == HEX else _urlsafe(window)}
        plain, inner = both | {each for one in both for each in _short_or_whole(one, spellings)}, both
    elif not target.part:
        plain.update(_short_or_whole(window, spellings_twice))
        inner.update(_short_or_whole(window, spellings))
    elif not window.isalnum():
        plain.update(spellings(window))
    here = Anchor(place, "", 0)
    yield from ((as_bytes(text), here) for text in plain)
    if target.encoding == BASE64 and (second := _second(target.chars, place + len(window))) is not None:
        there = Anchor(second[0], "", 0)
        yield from ((as_bytes(text), there) for text in {second[1], _urlsafe(second[1])})
    in_base64, in_hex = [Anchor(place, BASE64, align) for align in range(3)], Anchor(place, HEX, 0)
    for text in inner:
        octets = as_bytes(text)
        for align, there in enumerate(in_base64):
            found = core(octets, align)
            yield found.encode("ascii"), there
            if "+" in found or "/" in found:
                yield _urlsafe(found).encode("ascii"), there
        as_hex = octets.hex()
        yield as_hex.encode("ascii"), in_hex
        yield as_hex.upper().encode("ascii"), in_hex


def _second(text: Sequence[str], begin: int) -> tuple[int, str] | None:
    """The place and the text of another piece of what base64 made, for where a line ends in the midst of the first one.

    Lines are longer than both together, so that one of the two is whole.
    """
    found = re.search(r"[A-Za-z0-9+/]{5,8}", "".join(text[begin : begin + _REACH]))
    return None if found is None else (begin + found.start(), found[0])


def _urlsafe(text: str) -> str:
    return text.replace("+", "-").replace("/", "_")


def _short_or_whole(window: str, write: Callable[[str], Iterable[str]]) -> Iterator[str]:
    """The spellings of an anchor; of the long ones only as much as is needed."""
    if window.isascii() and window.isalnum():
        short = window[:_ESCAPED_ANCHOR]
        yield from (each for each in write(short) if each != short)
    else:
        yield from write(window)


def _window(target: Target) -> tuple[int, str]:
    """The place and the text of a piece that any part of the target that counts has in it, and ordinary text has not."""
    limit = min(target.least, target.least_escaped)
    text = target.chars[:limit] if isinstance(target.chars, str) else _joined(target.chars, limit)
    if target.encoding:
        begin = 0
    else:
        begin = public_beginning(text)
        begin = begin if len(text) - begin >= 6 else 0
    text = text[: begin + _REACH]
    best: tuple[float, int, str] | None = None
    for run in re.finditer(r"[A-Za-z0-9]{4,}", text[begin:]):
        piece = run[0][:_ANCHOR]
        bits = surprise(piece)
        # What base64 and hex make is random enough if it is long.
        if bits >= _TELLING or (target.encoding and len(piece) == _ANCHOR):
            return begin + run.start(), piece
        if best is None or bits > best[0]:
            best = bits, begin + run.start(), piece
    for bits, start, piece in _mixed(text, begin, with_breaks=bool(target.breaks)):
        # With punctuation in it, there are more spellings to search for.
        if best is None or bits > best[0] + 2.0:
            best = bits, start, piece
    if best is None:  # there are but lines of one or two characters up to there
        start = max(range(begin, len(text)), key=lambda place: text[place] != "\n")
        return start, text[start]
    return best[1:]


def _mixed(text: str, begin: int, *, with_breaks: bool) -> Iterator[tuple[float, int, str]]:
    """Pieces with punctuation in them: how telling each is, its place and its text."""
    for size in range(6, 2, -1):
        for start in range(begin, len(text) - size + 1):
            piece = text[start : start + size]
            if not ("\n" in piece and with_breaks):
                special = {char for char in piece if not (char.isascii() and char.isalnum())}
                yield surprise(piece) - 4.0 * max(0, len(special) - 1), start, piece


def _joined(chars: Iterable[str], limit: int) -> str:
    """So many characters from the beginning on, and the line breaks between them."""
    pieces: list[str] = []
    for char in chars:
        limit -= char != BREAK
        if limit < 0:
            break
        pieces.append(char or "\n")
    return "".join(pieces)
