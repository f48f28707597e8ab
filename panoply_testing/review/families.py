"""The families of rules, each in a module of its own: what a review is made of, and nothing of how it is made.

A family's module has `RULES`, and `look(site)`, which gathers what it needs and gives an `Outcome`.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from panoply_testing.review._site import Site
    from panoply_testing.review.model import Outcome, Rule

__all__ = ["FAMILIES", "Family", "every_rule"]


@dataclass(frozen=True, slots=True)
class Family:
    """Rules that are looked at together."""

    name: str

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Its rules, in the order in which they are listed."""
        rules: tuple[Rule, ...] = import_module(f"panoply_testing.review.{self.name}").RULES
        return rules

    def look(self, site: Site) -> Outcome:
        """Judge them."""
        outcome: Outcome = import_module(f"panoply_testing.review.{self.name}").look(site)
        return outcome


# The slowest ones first: they are looked at side by side.
FAMILIES: Final = (
    Family("contract"),
    Family("tests"),
    Family("packaging"),
    Family("code"),
    Family("leaks"),
    Family("dependencies"),
    Family("installs"),
    Family("git"),
    Family("module"),
    Family("config"),
    Family("compatibility"),
    Family("egress"),
    # These need the runs of the first two.
    Family("tables"),
    Family("mutation"),
    Family("stability"),
)


def every_rule() -> tuple[Rule, ...]:
    """All rules there are, sorted by their groups."""
    from panoply_testing.review.model import GROUPS  # noqa: PLC0415

    rules = [rule for family in FAMILIES for rule in family.rules]
    return tuple(sorted(rules, key=lambda rule: GROUPS.index(rule.group)))
