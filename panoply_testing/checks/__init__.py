"""The contract, one check a rule: what it is called, why it exists, and how it is judged from observations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from panoply_testing.findings import Verdict
    from panoply_testing.observation import Observation
    from panoply_testing.plans import Plan

__all__ = ["Check", "Level"]

Level = Literal["MUST", "SHOULD"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One rule of the contract.

    Attributes:
        name: public: the test's id, and what `-k`, reports and known issues call it. Its meaning never changes.
        level: a breach of MUST fails the test; one of SHOULD is a warning, and fails under `--panoply-strict`.
        rule: what a source must do, in one sentence.
        why: what goes wrong for whom if it does not.
        plans: the runs that it is judged from.
        judge: gets their observations, in that order. None: not implemented yet.
    """

    name: str
    level: Level
    rule: str
    why: str = ""
    plans: tuple[Plan, ...] = ()
    judge: Callable[..., Verdict] | None = field(default=None, repr=False)

    def verdict(self, *observations: Observation) -> Verdict:
        """Judge the rule from the observations of `plans`."""
        assert self.judge is not None, f"{self.name} is not implemented yet"  # noqa: S101 - the caller's fault
        return self.judge(*observations)
