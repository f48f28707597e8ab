"""What a project says of its own review: the table `[tool.panoply.review]` of its pyproject.toml, read and checked once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

from panoply._spelling import did_you_mean
from panoply_testing.review.model import CannotReview

__all__ = ["ReviewSettings"]

_TABLE: Final = "[tool.panoply.review]"

# A reason of one word ("no", "TODO") tells a reviewer nothing.
_SHORTEST_REASON: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSettings:
    """The thresholds of a review, and the rules whose findings somebody has a reason for.

    Attributes:
        ignore: the reason for each rule.
        least_coverage: percent of the source's lines that its own tests have to run.
        most_dependencies: how many libraries a source may ask for beside the SDK.
        most_installed: how many libraries may get installed with the source, beside those of the SDK.
        largest_install: bytes of all of these together.
        largest_file: bytes of the largest file that belongs into a repository.
        time_limit: seconds that the project's tests and the contract may take together.
        mutants: how many small mistakes a thorough review makes in the source, to see whether anything notices; 0: none.
    """

    ignore: Mapping[str, str] = field(default_factory=dict)
    least_coverage: float = 90
    most_dependencies: float = 5
    most_installed: float = 40
    largest_install: float = 100 * 2**20
    largest_file: float = 2**20
    time_limit: float = 600
    mutants: float = 8

    @classmethod
    def read(cls, table: object, rules: tuple[str, ...]) -> ReviewSettings:
        """Read the table; `rules` are the names that can be ignored.

        Raises:
            CannotReview: something in it is of no use; the message says what.
        """
        if not isinstance(table, Mapping):
            raise CannotReview(f"pyproject.toml: {_TABLE} has to be a table.")
        names = [each.name for each in fields(cls)]
        for key in table:
            if key not in names:
                raise _useless(
                    key, f"there is no such setting; there are {', '.join(names)}.", did_you_mean(key, names)
                )
        numbers = {name: _number(name, table[name]) for name in names if name != "ignore" and name in table}
        return cls(ignore=_reasons(table.get("ignore", {}), rules), **numbers)


def _useless(key: str, *words: str) -> CannotReview:
    return CannotReview(f"pyproject.toml: {_TABLE} {key}: {' '.join(word for word in words if word)}")


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise _useless(name, f"takes a number from 0 on, not {value!r}.")
    return value


def _reasons(given: Any, rules: tuple[str, ...]) -> dict[str, str]:
    if not isinstance(given, Mapping):
        raise _useless("ignore", 'takes a reason for each rule: ignore = { rule_name = "the reason" }.')
    for rule, reason in given.items():
        key = f"ignore.{rule}"
        if rule not in rules:
            raise _useless(key, "there is no such rule.", did_you_mean(rule, rules), "`panoply review --list` has all.")
        if not isinstance(reason, str) or len(reason.split()) < _SHORTEST_REASON:
            raise _useless(key, "say why, in words that a reviewer can judge.")
    return {str(rule): " ".join(reason.split()) for rule, reason in given.items()}
