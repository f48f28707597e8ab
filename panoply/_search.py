"""Finds many short pieces of text in one pass over a long one.

Pure. Where `ahocorasick-rs` is installed (the extra `testing`), its automaton does it. Without it, a table of how the pieces
begin does the same in plain Python, some ten times slower: fast enough for what a source logs, and a dependency less for
whoever only runs sources.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["Search", "plain_search", "search_for"]

# Gives where the pieces stand in a text: the number of the piece and its first byte, in the order of their places.
if TYPE_CHECKING:
    Search = Callable[[bytes], Sequence[tuple[int, int]]]

# By how many of its first bytes a piece is looked up. With three, every other line of a log has a beginning in it.
_BEGINNING: Final = 4


def search_for(pieces: Iterable[bytes]) -> Search:
    """What finds all places of all pieces, also where they overlap; the pieces are numbered as they come."""
    try:
        from ahocorasick_rs import BytesAhoCorasick  # noqa: PLC0415 - optional, and not before there is something to find
    except ImportError:
        return plain_search(pieces)
    find = BytesAhoCorasick(pieces).find_matches_as_indexes
    return lambda data: sorted(((which, start) for which, start, _ in find(data, overlapping=True)), key=_by_place)


def plain_search(pieces: Iterable[bytes]) -> Search:
    """As `search_for`, in plain Python."""
    tables: dict[int, dict[bytes, list[tuple[int, bytes]]]] = {}
    for number, piece in enumerate(pieces):
        size = min(len(piece), _BEGINNING)
        tables.setdefault(size, {}).setdefault(piece[:size], []).append((number, piece))
    # Whether there is any of them is asked of all places at once, which a loop of Python's own would take ten times as long for.
    ready = [(size, frozenset(map(tuple, table)), table) for size, table in tables.items()]

    def search(data: bytes) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        for size, beginnings, table in ready:
            if beginnings.isdisjoint(zip(*(data[shift:] for shift in range(size)), strict=False)):
                continue
            for start in range(len(data) - size + 1):
                candidates = table.get(data[start : start + size])
                if candidates is not None:
                    found += [(number, start) for number, piece in candidates if data.startswith(piece, start)]
        return sorted(found, key=_by_place)

    return search


def _by_place(hit: tuple[int, int]) -> tuple[int, int]:
    return hit[1], hit[0]
