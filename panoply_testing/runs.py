"""The runs of one source: each plan is carried out once, whoever asks for it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from panoply_testing._anew import Anew, observe_anew
from panoply_testing._breakages import broken
from panoply_testing._libraries import import_libraries
from panoply_testing.isolation import Limits, observe
from panoply_testing.observation import End, Observation
from panoply_testing.plans import CLEAN, Plan

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from panoply_testing._ticking import Ticker
    from panoply_testing.secrets import Secret

__all__ = ["Inputs", "Runs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What a project gives its source.

    Attributes:
        params: what it gets as `source`. `options`: likewise.
        bad_params: params that the far end refuses; None: the project names none.
        secrets: what is a credential as well.
    """

    params: dict[str, Any] = field(repr=False)
    options: dict[str, Any] = field(default_factory=dict, repr=False)
    bad_params: dict[str, Any] | None = field(default=None, repr=False)
    secrets: tuple[Secret, ...] = ()


class Runs:
    """Observes a source, and remembers what it saw.

    Args:
        load: imports its module.
        limits: how much patience to have.
        ticker: told how far a run is while it goes on.
        anew: how another interpreter imports it; None: in the same way.
    """

    def __init__(
        self,
        load: Callable[[], ModuleType],
        limits: Limits,
        ticker: Ticker | None = None,
        anew: Anew | None = None,
    ) -> None:
        self._load = load
        self._anew = Anew(load=load) if anew is None else anew
        self._limits = limits
        self._ticker = ticker
        self._seen: dict[Plan, Observation] = {}
        self._untold: list[Observation] = []

    def untold(self) -> tuple[Observation, ...]:
        """The runs that were made since this was last asked."""
        runs, self._untold = tuple(self._untold), []
        return runs

    def get(self, plan: Plan, inputs: Inputs) -> Observation:
        """The observation of `plan`, from the first time that it was asked for."""
        if plan != CLEAN:
            hopeless = self._hopeless(self.get(CLEAN, inputs), plan)
            if hopeless is not None:
                return hopeless
        if plan not in self._seen:
            self._seen[plan] = self._made_anew(plan, inputs) if plan.anew else self._made(plan, inputs)
            self._untold.append(self._seen[plan])
        return self._seen[plan]

    def _made(self, plan: Plan, inputs: Inputs) -> Observation:
        ticker = self._ticker
        bad = inputs.bad_params if plan.bad_params else None
        params = inputs.params if bad is None else bad
        seen = observe(
            plan,
            load=self._load,
            params=params if plan.broken is None else broken(params, plan.broken),
            options=inputs.options,
            limits=self._limits,
            secrets=inputs.secrets,
            on_news=(lambda steps: ticker.news(plan, steps)) if ticker is not None else (lambda _: None),
        )
        if ticker is not None:
            ticker.done()
        # Half of what a short run takes, and the same each time.
        import_libraries(seen.libraries)
        return seen

    def _made_anew(self, plan: Plan, inputs: Inputs) -> Observation:
        # With the variables as the user has set them, where the user has started it: what the first import has set, the second
        # sets no more. But there may be some among them that the project sets for its source, without which it cannot be
        # imported.
        for anew in (self._anew, replace(self._anew, environment=None, folder=None)):
            seen = observe_anew(
                plan,
                anew,
                params=inputs.params,
                options=inputs.options,
                limits=self._limits,
                secrets=inputs.secrets,
            )
            if seen is not None and seen.module is not None:
                return seen
        # Where that cannot be, this process will do, and says itself what it cannot see.
        return self._made(plan, inputs)

    @staticmethod
    def _hopeless(clean: Observation, plan: Plan) -> Observation | None:
        """What a plan would show that has to pass through a call known to hang: not worth its time limit again."""
        call = clean.unfinished
        if clean.end is not End.HUNG or call is None:
            return None
        if plan.values and call.kind != "import":
            return None  # it makes no instance
        first_read = call.kind == "read" and call.number == 1
        if call.kind in ("import", "construct") or (first_read and plan.reads != 0):
            return replace(clean, plan=plan)
        return None
