"""The survivors that are known, and why each of them is right: `survivors.toml`.

A mutant is known by its function and by its lines before and after, so that it is known again wherever the lines go.
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mutations import Mutant
    from trying import Fate

FILE = Path(__file__).with_suffix(".toml")

Key = tuple[str, str, str]


def explained(file: Path = FILE) -> dict[Key, str]:
    """Why mutants survive, by their keys."""
    told = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    found: dict[Key, str] = {}
    for group in told.get("group", ()):
        assert group["why"].strip(), group
        for function, was, now in group["mutants"]:
            assert (function, was, now) not in found, (function, was, now)
            found[function, was, now] = group["why"]
    return found


def pending(file: Path = FILE) -> frozenset[str]:
    """The modules whose survivors nobody has gone through as they are now."""
    return frozenset(tomllib.loads(file.read_text(encoding="utf-8")).get("pending", ()))


@dataclass
class Report:
    """What became of all mutants.

    Attributes:
        reasons: of the survivors that are explained. `pending`: modules whose survivors need not be yet.
    """

    fates: list[tuple[Mutant, Fate]]
    reasons: dict[Key, str]
    pending: frozenset[str] = frozenset()

    @property
    def survivors(self) -> list[tuple[Mutant, Fate]]:
        return [(mutant, fate) for mutant, fate in self.fates if fate.survives]

    @property
    def unexplained(self) -> list[tuple[Mutant, Fate]]:
        return [(mutant, fate) for mutant, fate in self.survivors if mutant.key not in self.reasons]

    @property
    def is_right(self) -> bool:
        """Whether all survivors are explained but those of modules that are pending."""
        return all(mutant.file in self.pending for mutant, _ in self.unexplained)

    @property
    def stale(self) -> list[Key]:
        """Explanations of mutants that do not survive."""
        return sorted(set(self.reasons) - {mutant.key for mutant, _ in self.survivors})

    def lines(self) -> Iterable[str]:
        """A line of JSON for each mutant: what became of it, what noticed it, and what it is."""
        for mutant, fate in self.fates:
            yield json.dumps([fate.how, fate.by, mutant.operator, mutant.line, *mutant.key])

    def text(self, *, complete: bool) -> str:
        """What a person has to know: the survivors that nobody has explained, the explanations that explain nothing, the numbers."""
        parts = [
            f"{mutant}\n    {'no verdict changes' if fate.how == 'alive' else f'passed for skipped, or the reverse: {fate.by}'}"
            for mutant, fate in self.unexplained
        ]
        if complete:
            parts += [
                f"Explained in {FILE.name}, and no survivor: {function}\n    - {was}\n    + {now}"
                for function, was, now in self.stale
            ]
        how = Counter(fate.how for _, fate in self.fates)
        left = len(self.unexplained)
        parts.append(
            f"{len(self.fates)} mutants: {how['verdict']} change a verdict that a test asserts, {how['unit']} fail a unit test, "
            f"{how['endless']} never end, {len(self.survivors)} survive; {how['silent']} of these change only what is passed and "
            f"what is skipped. {len(self.survivors) - left} survivors are explained, {left} are not."
        )
        waiting = Counter(mutant.file for mutant, _ in self.unexplained if mutant.file in self.pending)
        if waiting:
            told = ", ".join(f"{name} ({number})" for name, number in sorted(waiting.items()))
            parts.append(f"Nobody has gone through the survivors of these modules yet, as {FILE.name} says: {told}.")
        return "\n".join(parts)
