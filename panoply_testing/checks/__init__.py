"""The contract, one check a rule: what it is called, why it exists, and how it is judged from observations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from panoply_testing._breakages import Breakage
    from panoply_testing.faults import Fault
    from panoply_testing.findings import Verdict
    from panoply_testing.observation import Observation
    from panoply_testing.plans import Plan

__all__ = ["Ask", "Check", "Context", "Level"]

Level = Literal["MUST", "SHOULD"]


class Ask(Protocol):
    """Gives the observation of a run, from the first time that anybody asked for it."""

    def __call__(self, plan: Plan, /) -> Observation:
        """What was observed in the run that `plan` describes."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a check that asks for further runs may go by.

    Attributes:
        ask: describes a run, gets its observation.
        seed: of every choice that is made at random.
        most_faults: how many faults to inject at most, for one question; half as many where a run is long.
        most_hints: how many sequences of hints to try; `most_resumes`: from how many states to go on; `most_broken`: how
            many broken params to construct it with.
        fault: the only fault to inject, where the user asks for a single one. `hints`, `broken`: likewise.
        bad_params: whether the project says which params the far end refuses.
        max_reads: how many reads of a run may pass without EOF.
    """

    ask: Ask
    seed: int = 0
    most_faults: int = 48
    most_hints: int = 12
    most_resumes: int = 12
    most_broken: int = 12
    fault: Fault | None = None
    hints: tuple[int | None, ...] | None = None
    broken: Breakage | None = None
    bad_params: bool = False
    max_reads: int = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One rule of the contract.

    Attributes:
        name: public: the test's id, and what `-k`, reports and known issues call it. Its meaning never changes.
        level: a breach of MUST fails the test; one of SHOULD is a warning, and fails under `--panoply-strict`.
        rule: what a source must do, in one sentence.
        why: what goes wrong for whom if it does not.
        plans: the runs that it is judged from.
        judge: gets their observations, in that order.
        sensors: what has to work for it to be judged, as `probe` calls it; the beginnings of names do.
        inquire: likewise, and before them a `Context`, to ask for runs that follow from what they show. A check has one of
            the two; none: it is not implemented yet.
    """

    name: str
    level: Level
    rule: str
    why: str = ""
    plans: tuple[Plan, ...] = ()
    sensors: tuple[str, ...] = ()
    judge: Callable[..., Verdict] | None = field(default=None, repr=False)
    inquire: Callable[..., Verdict] | None = field(default=None, repr=False)

    @property
    def is_implemented(self) -> bool:
        """Whether it can be judged at all."""
        return self.judge is not None or self.inquire is not None

    def verdict(self, context: Context) -> Verdict:
        """Judge the rule from the observations of `plans`, and from what it asks for."""
        observations = [context.ask(plan) for plan in self.plans]
        if self.inquire is not None:
            return self.inquire(context, *observations)
        assert self.judge is not None, f"{self.name} is not implemented yet"  # noqa: S101 - the caller's fault
        return self.judge(*observations)
