"""Looks through what a source lets out, as it comes, for the credentials that are known; and again for those that become known."""

from __future__ import annotations

import json
from collections import Counter, deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from panoply_testing._facts import EXAMPLES
from panoply_testing.observation import Leak
from panoply_testing.secrets import Credentials

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from panoply_testing.observation import LeakKind
    from panoply_testing.secrets import Found, Secret

__all__ = ["Leaks"]

# How many characters of what was let out are kept, the last ones: a token is announced soon after it was obtained.
MOST_KEPT: Final = 1 << 22


# What a leak in a record came through.
_RECORD: Final = "a record"


class _Kept(NamedTuple):
    kind: LeakKind
    channel: str
    text: str
    where: str


class Leaks:
    """The credentials found since the last `take()`, and in how many texts they were looked for.

    Args:
        credentials: what to look for; may be replaced once more is known.

    Attributes:
        has_learnt: whether there are some that became known during the run.
    """

    def __init__(self, credentials: Credentials) -> None:
        self.credentials = credentials
        self.has_learnt = False
        self._found: dict[tuple[str, ...], Leak] = {}
        self._kinds: Counter[LeakKind] = Counter()
        self._searched: Counter[LeakKind] = Counter()
        self._kept: deque[_Kept] = deque()
        self._size = 0

    def learn(self, secret: Secret, event: str) -> None:
        """Look for this one too, from now on and in what was let out before: it may have been told first, then announced.

        Args:
            secret: the credential.
            event: what made it known, as in `before source-change announced it`.
        """
        known = self.credentials.secrets
        self.credentials.add(secret)
        if self.credentials.secrets == known:
            return
        self.has_learnt = True
        alone = Credentials((secret,))
        for kind, channel, text, where in tuple(self._kept):
            if alone.find(text):
                # By all of them, so that what stands beside it is masked as well.
                this = [found for found in self.credentials.find(text) if found.secret == secret.label]
                self._note(this, kind, f"{channel}, before {event}", where)

    def search(self, kind: LeakKind, channel: str, text: str, where: str = "") -> None:
        """Look a text through. Of each kind, the first few leaks are kept."""
        self._searched[kind] += 1
        self._keep(_Kept(kind, channel, text, where))
        self._note(self.credentials.find(text), kind, channel, where)

    def search_records(self, text: str, numbers: Sequence[int]) -> None:
        """Look through records, each on a line of its own; `numbers`: what each is called in its batch."""
        self._searched["record"] += 1
        self._keep(_Kept("record", _RECORD, text, ""))
        for found in self.credentials.find(text):
            line = text.split("\n")[found.line]
            at, excerpt = self._in_record(line, found)
            self._note([replace(found, excerpt=excerpt)], "record", _RECORD, "", at=f"record {numbers[found.line]}{at}")

    def _in_record(self, line: str, found: Found) -> tuple[str, str]:
        """Where in a record it is, and what surrounds it there."""
        for path, text in (*_texts_in(line), ("", line)):
            for each in self.credentials.find(text):
                if each.secret == found.secret:
                    return f": {path}" if path else "", each.excerpt
        return "", found.excerpt

    def _keep(self, piece: _Kept) -> None:
        self._kept.append(piece)
        self._size += len(piece.text)
        while self._size > MOST_KEPT:
            self._size -= len(self._kept.popleft().text)

    def _note(self, those: Iterable[Found], kind: LeakKind, channel: str, where: str, at: str = "") -> None:
        for found in those:
            key = (kind, channel, found.secret, found.encoding, where)
            if key in self._found or self._kinds[kind] >= EXAMPLES:
                continue
            self._kinds[kind] += 1
            self._found[key] = Leak(
                kind=kind,
                # It names what the source may choose: a logger, an event, a file.
                channel=self.credentials.mask(channel),
                secret=found.secret,
                encoding=found.encoding,
                excerpt=found.excerpt,
                where=where,
                at=self.credentials.mask(at),
            )

    def take(self) -> tuple[tuple[tuple[LeakKind, int], ...], tuple[Leak, ...]]:
        """How many texts of each kind were looked through, and the leaks in them; then begin anew."""
        searched, leaks = tuple(self._searched.items()), tuple(self._found.values())
        self._searched, self._found, self._kinds = Counter(), {}, Counter()
        return searched, leaks


def _texts_in(line: str) -> Iterator[tuple[str, str]]:
    """The texts of a record, its keys included, each with its path: `record["a"][3]`. None, where the line is no JSON."""
    try:
        todo: list[tuple[str, Any]] = [("record", json.loads(line))]
    except ValueError:
        return
    while todo:
        path, value = todo.pop(0)
        if isinstance(value, dict):
            todo += [(f"{path}[{json.dumps(key)}]", inner) for key, inner in value.items()]
            yield from ((path, key) for key in value)
        elif isinstance(value, list):
            todo += [(f"{path}[{index}]", inner) for index, inner in enumerate(value)]
        else:
            yield path, str(value)
