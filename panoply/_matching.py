"""Finds many texts, in many spellings, in one pass over a text.

Pure. The pass itself is over the anchors of all that is looked for (see `_needles` and `_search`). It finds next to nothing
in ordinary text; what it finds is compared with the target here.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from panoply._escapes import ESCAPES, as_bytes, forms
from panoply._needles import BASE64, BREAK, DROPPED, anchors, targets
from panoply._search import search_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from panoply._needles import Anchor, Target
    from panoply._search import Search

__all__ = ["Matcher", "Place"]

_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_SEXTETS: Final = {**{char: number for number, char in enumerate(_ALPHABET)}, ord("-"): 62, ord("_"): 63}
_TO_STANDARD: Final = bytes.maketrans(b"-_", b"+/")
_RUN: Final = re.compile(rb"[A-Za-z0-9+/_-]+")
_HEX_RUN: Final = re.compile(rb"[0-9A-Fa-f]+")
_RUN_OR_LINE: Final = re.compile(rb"[A-Za-z0-9+/_\r\n-]*")

# How many characters are compared at once, where they are not escaped.
_AHEAD: Final = 6

# No character becomes longer by two encodings.
_LONGEST_FORM: Final = 256

# What stands for a line break: one, several, or a blank.
_BREAKING: Final = ("\n", "\r", " ")
_SPACE: Final = frozenset(b" \t\r\n")

# What pytest and tracebacks put before each line of a message; colours are among it.
_COLOUR: Final = rb"\x1b\[[0-9;]*m"
_MARGIN: Final = rb"(?:%b)*\n(?:[ |+]|%b)*(?:[E>](?= )|\|)(?: |%b)*" % (_COLOUR, _COLOUR, _COLOUR)
_MARGIN_AFTER: Final = re.compile(_MARGIN)
_MARGIN_BEFORE: Final = re.compile(_MARGIN + rb"\Z")

# An escaped character, just before something.
_ESCAPED: Final = re.compile(rb"(?:[\\]u[0-9A-Fa-f]{4}|(?:[\\]x|%)[0-9A-Fa-f]{2})\Z")

# The end of what base64 makes: a character that is of the target in part, and what fills up.
_LAST: Final = rb"(?i:[A-Za-z0-9+/_-]|%(?:25)*2[bf]|[\\]+/|[\\]+u002[bf]|&#(?:4[37]|x2[bf]);)"
_PADDING: Final = rb"(?i:=|%(?:25)*3d|[\\]+(?:u00|x)3d|&#(?:61|x3d);|&equals;)*"
_ENDS: Final = {bits: re.compile((_LAST if bits else b"") + _PADDING) for bits in (False, True)}

# The other spelling of these in base64 for URLs.
_URLSAFE: Final = {"+": "-", "/": "_"}

# How many characters a character becomes that is escaped within what base64 or hex is made of: \ud83d\udd11.
_INFLATED: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a value stands in a text.

    Attributes:
        number: which of the values.
        start: the first byte of it. `end`: the one behind it.
        target: which text it is that was made of the value.
        outer: what that is encoded in as a whole, in words.
        spelled: the target as it stands there, once `outer` is taken off.
        count: how many characters of the target it has.
    """

    number: int
    start: int
    end: int
    target: Target = field(repr=False)
    outer: str
    spelled: bytes = field(repr=False)
    count: int

    @property
    def whole(self) -> bool:
        """Whether it is all of the target."""
        return self.count == self.target.size


class Matcher:
    """Finds these values, whatever they are encoded in.

    Args:
        values: what to find; a place tells the number of its value.
        search: makes what looks for the anchors.
        shortest_line: of a value of several lines, each counts by itself that has so many characters; by default only those
            that are long and random enough not to be met by chance.
    """

    def __init__(
        self,
        values: Iterable[str],
        *,
        search: Callable[[Iterable[bytes]], Search] = search_for,
        shortest_line: int | None = None,
    ) -> None:
        found: dict[bytes, list[tuple[int, Target, Anchor]]] = {}
        for number, value in enumerate(values):
            for target in targets(value, shortest_line=shortest_line):
                for data, anchor in anchors(target):
                    found.setdefault(data, []).append((number, target, anchor))
        self._entries = tuple(found.values())
        self._search = search(found)

    def places(self, data: bytes) -> list[Place]:
        """All places of all values, in the order of their beginnings; of two that are nested, the outer one."""
        hits = self._search(data)
        return _outermost(self._verified(data, hits)) if hits else []

    def _verified(self, data: bytes, hits: Sequence[tuple[int, int]]) -> Iterator[Place]:
        seen: set[tuple[int, int, str, int]] = set()
        for which, start in hits:
            for number, target, anchor in self._entries[which]:
                # Several spellings of an anchor may stand at one place.
                key = (id(target), start, anchor.outer, anchor.align)
                if key not in seen:
                    seen.add(key)
                    yield from _place(data, start, number, target, anchor)


def _outermost(places: Iterable[Place]) -> list[Place]:
    """Without what lies within another place of the same value, or, if it is a part, within the whole of another."""
    kept: list[Place] = []
    ends: dict[int, int] = {}
    end_of_wholes = 0
    order = sorted(places, key=lambda place: (place.start, -place.end, not place.whole, bool(place.target.part)))
    for place in order:
        whole = place.whole and not place.target.part
        if place.end <= ends.get(place.number, 0) or (not whole and place.end <= end_of_wholes):
            continue
        kept.append(place)
        ends[place.number] = place.end
        if whole:
            end_of_wholes = max(end_of_wholes, place.end)
    return kept


def _place(data: bytes, start: int, number: int, target: Target, anchor: Anchor) -> Iterator[Place]:
    """The place of a target around an anchor, if it is there."""
    if not anchor.outer:
        found = _around(data, start, target, anchor.place)
        if found is not None:
            first, end, count = found
            yield Place(
                number=number, start=first, end=end, target=target, outer="", spelled=data[first:end], count=count
            )
        return
    limit = 2 * _INFLATED * len(target.literal) + 64
    if anchor.outer == BASE64:
        group = start - DROPPED[anchor.align]
        inner, positions, before = _from_base64(data, group, limit)
        at = before + anchor.align
    else:
        inner, positions, at = _from_hex(data, start, limit)
    found = _around(inner, at, target, anchor.place) if at < len(inner) else None
    if found is None:
        return
    first, end, count = found
    if anchor.outer == BASE64:
        last = positions[min(-(-end * 8 // 6), len(positions)) - 1] + 1
        if end == len(inner):
            last = _end(_ENDS[False], data, last)
        first_at = positions[first * 8 // 6]
    else:
        first_at, last = positions[2 * first], positions[2 * end - 1] + 1
    yield Place(
        number=number,
        start=first_at,
        end=last,
        target=target,
        outer=anchor.outer,
        spelled=inner[first:end],
        count=count,
    )


def _end(pattern: re.Pattern[bytes], data: bytes, start: int) -> int:
    found = pattern.match(data, start)
    return found.end() if found is not None else start


# ---------------------------------------------------------------------- comparing


def _around(data: bytes, start: int, target: Target, place: int) -> tuple[int, int, int] | None:
    """The beginning and the end of a target whose character `place` stands at `start`, and how many characters it has."""
    literal = target.literal
    if not target.breaks and not target.encoding and target.head is None:
        begin = start - len(as_bytes("".join(target.chars[:place])))
        if begin >= 0 and data.startswith(literal, begin):
            return begin, begin + len(literal), target.size
    before = _backward(data, start, target, place)
    if before is None:
        return None
    first = before
    end, count = _forward(data, start, target, place)
    least = target.least if data[first:end] == literal[: end - first] else target.least_escaped
    if count < least:
        return None
    if target.encoding == BASE64:
        return _with_edges(data, first, end, count, target)
    if target.head is not None:
        above = _backward(data, first, target.head, len(target.head.chars))
        first = first if above is None else above
    if target.foot is not None and count == target.size:
        below, found = _forward(data, end, target.foot, 0)
        end = below if found == target.foot.size else end
    return first, end, count


def _forward(data: bytes, start: int, target: Target, place: int) -> tuple[int, int]:
    """How far the target goes from its character `place` on, and how many of its characters there are up to there."""
    ends, chars, base64 = {start}, target.chars, target.encoding == BASE64
    broken = chars[:place].count(BREAK) if target.breaks else 0
    ahead = chars[place : place + _AHEAD]
    if isinstance(ahead, str) and ahead.isascii() and ahead.isalnum() and data.startswith(ahead.encode("ascii"), start):
        # Mostly it is the anchor as it is. Letters and digits that are not escaped are nothing else.
        place, ends = place + len(ahead), {start + len(ahead)}
    for index in range(place, len(chars)):
        char = chars[index]
        following: set[int] = set()
        for end in ends:
            following.update(_after(data, end, char, target))
            if base64 and not following:
                # Base64 of some length is written in lines.
                beyond = max(_breaks(data, end, 1))
                if beyond > end:
                    following.update(_after(data, beyond, char, target))
        if not following:
            return max(ends), index - broken
        ends = following
        broken += char == BREAK
    return max(ends), target.size


def _after(data: bytes, start: int, char: str, target: Target) -> Iterator[int]:
    """Where `char` may end that begins at `start`."""
    if start >= len(data):
        return
    if char == BREAK:
        yield from _breaks(data, start, 1)
        return
    for each in _alternatives(char, target):
        literal = as_bytes(each)
        if data.startswith(literal, start):
            yield start + len(literal)
        if data[start] in ESCAPES:
            escaped = forms(each)
            window = data[start : start + max(escaped)].lower()
            yield from (start + length for length, those in escaped.items() if window[:length] in those)


def _backward(data: bytes, end: int, target: Target, place: int) -> int | None:
    """Where the first `place` characters of the target begin that end at `end`; None if they are not there."""
    before = target.chars[:place]
    if BREAK not in before or isinstance(before, str):
        literal = as_bytes("".join(before))
        if data.endswith(literal, 0, end):
            return end - len(literal)
    starts = {end}
    for index in range(place - 1, -1, -1):
        char = target.chars[index]
        preceding = {before for start in starts for before in _before(data, start, char, target)}
        if not preceding and target.encoding == BASE64:
            # As going forward: it may be written in lines.
            above = {min(_breaks(data, start, -1)) for start in starts}
            preceding = {before for start in above for before in _before(data, start, char, target)}
        if not preceding:
            return None
        starts = preceding
    return min(starts)


def _before(data: bytes, end: int, char: str, target: Target) -> Iterator[int]:
    if char == BREAK:
        yield from _breaks(data, end, -1)
        return
    for each in _alternatives(char, target):
        literal = as_bytes(each)
        if data.endswith(literal, 0, end):
            yield end - len(literal)
        window = data[max(0, end - _LONGEST_FORM) : end].lower()
        if ESCAPES.isdisjoint(window):
            continue
        escaped = forms(each)
        yield from (
            end - length for length, those in escaped.items() if length <= len(window) and window[-length:] in those
        )


def _alternatives(char: str, target: Target) -> tuple[str, ...]:
    if target.encoding == BASE64 and char in _URLSAFE:
        return char, _URLSAFE[char]
    if target.encoding and char.isalpha() and target.encoding != BASE64:
        return char, char.upper()
    return (char,)


def _breaks(data: bytes, place: int, step: int) -> set[int]:
    """Where line breaks may end that begin at `place`, or begin that end there: at `place`, too, as they may be left out."""
    found, new = {place}, [place]
    while new:
        at = new.pop()
        further = {at + step * length for length in _lengths_of_break(data, at, step)} - found
        found |= further
        new += further
    return found


def _lengths_of_break(data: bytes, place: int, step: int) -> Iterator[int]:
    """How long one line break may be, as it is or escaped, on that side of `place`."""
    window = data[place : place + _LONGEST_FORM] if step > 0 else data[max(0, place - _LONGEST_FORM) : place]
    if not window:
        return
    margin = _MARGIN_AFTER.match(window) if step > 0 else _MARGIN_BEFORE.search(window)
    if margin is not None:
        yield len(margin[0])
    if window[0 if step > 0 else -1] in _SPACE:
        yield 1
    elif not ESCAPES.isdisjoint(window[:1] if step > 0 else window):
        window = window.lower()
        for char in _BREAKING:
            for length, those in forms(char).items():
                if length <= len(window) and (window[:length] if step > 0 else window[-length:]) in those:
                    yield length


def _with_edges(data: bytes, start: int, end: int, count: int, target: Target) -> tuple[int, int, int] | None:
    """What base64 made, with the characters at its edges that belong to the target in part; None if they say otherwise."""
    if target.align:
        bits = 4 if target.align == 1 else 2
        if not start:
            return None
        before = _SEXTETS.get(data[start - 1])
        if before is not None and _ESCAPED.search(data[max(0, start - 6) : start]) is None:
            if before & ((1 << bits) - 1) != target.octets[0] >> (8 - bits):
                return None
            start -= 1
    if count == target.size:
        left = (target.align + len(target.octets)) * 8 % 6
        if left:
            after = _SEXTETS.get(data[end]) if end < len(data) else None
            if after is not None and after >> (6 - left) != target.octets[-1] & ((1 << left) - 1):
                return None
        end = _end(_ENDS[bool(left)], data, end)
    return start, end, count


# ---------------------------------------------------------------------- decoding


def _from_base64(data: bytes, group: int, limit: int) -> tuple[bytes, list[int], int]:
    """What the base64 around `group`, where one of its groups begins, stands for; where its characters are; and how many
    bytes of it come before `group`.
    """
    if group < 0:
        return b"", [], 0
    left = _RUN_OR_LINE.match(data[max(0, group - limit) : group][::-1])
    begin = group - (left.end() if left is not None else 0)
    before = [place for place in range(begin, group) if data[place] in _SEXTETS]
    before = before[len(before) % 4 :]
    after: list[int] = []
    place = group
    while len(after) < limit and (run := _RUN.match(data, place, group + limit)) is not None:
        after.extend(range(place, run.end()))
        place = max(_breaks(data, run.end(), 1))
        if place == run.end():
            break
    positions = [*before, *after]
    if len(positions) % 4 == 1:
        positions.pop()
    text = bytes(data[place] for place in positions).translate(_TO_STANDARD)
    return binascii.a2b_base64(text + b"=" * (-len(text) % 4)), positions, len(before) // 4 * 3


def _from_hex(data: bytes, start: int, limit: int) -> tuple[bytes, list[int], int]:
    """What the hex around `start` stands for, where its digits are, and how many bytes of it come before `start`."""
    run = _HEX_RUN.match(data, start, start + limit)
    end = run.end() if run is not None else start
    left = _HEX_RUN.match(data[max(0, start - limit) : start][::-1])
    before = (left.end() if left is not None else 0) // 2 * 2
    begin = start - before
    end -= (end - begin) % 2
    return bytes.fromhex(data[begin:end].decode("ascii")), list(range(begin, end)), before // 2
