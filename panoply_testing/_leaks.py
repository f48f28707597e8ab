"""Looks through what a source lets out, as it comes, for the credentials that are known by then."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from panoply_testing._facts import EXAMPLES
from panoply_testing.observation import Leak

if TYPE_CHECKING:
    from panoply_testing.observation import LeakKind
    from panoply_testing.secrets import Credentials

__all__ = ["Leaks"]


class Leaks:
    """The credentials found since the last `take()`, and in how many texts they were looked for.

    Args:
        credentials: what to look for; may be replaced once more is known.
    """

    def __init__(self, credentials: Credentials) -> None:
        self.credentials = credentials
        self._found: dict[tuple[str, ...], Leak] = {}
        self._kinds: Counter[LeakKind] = Counter()
        self._searched: Counter[LeakKind] = Counter()

    def search(self, kind: LeakKind, channel: str, text: str, where: str = "") -> None:
        """Look a text through. Of each kind, the first few leaks are kept."""
        self._searched[kind] += 1
        for found in self.credentials.find(text):
            key = (kind, channel, found.secret, found.encoding, where)
            if key in self._found or self._kinds[kind] >= EXAMPLES:
                continue
            self._kinds[kind] += 1
            self._found[key] = Leak(
                kind=kind,
                channel=channel,
                secret=found.secret,
                encoding=found.encoding,
                excerpt=found.excerpt,
                where=where,
            )

    def take(self) -> tuple[tuple[tuple[LeakKind, int], ...], tuple[Leak, ...]]:
        """How many texts of each kind were looked through, and the leaks in them; then begin anew."""
        searched, leaks = tuple(self._searched.items()), tuple(self._found.values())
        self._searched, self._found, self._kinds = Counter(), {}, Counter()
        return searched, leaks
