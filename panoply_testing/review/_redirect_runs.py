"""Runs a source whose far end redirects it to another host, a few times, and tells what arrived there: as JSON, in the contract's session.

There the project's fixtures are at hand, and what the source does undisturbed is known.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Final

from panoply_testing._redirects import Redirect, kind_of, points_for, statuses_for
from panoply_testing.observation import End
from panoply_testing.plans import CLEAN, VALUES, Plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from panoply_testing._redirects import Redirected
    from panoply_testing.faults import Operation
    from panoply_testing.observation import Observation
    from panoply_testing.runs import Inputs, Runs

__all__ = ["redirect_runs"]

# Each takes as long as the source takes to get there.
MOST_RUNS: Final = 6


def redirect_runs(runs: Runs, inputs: Inputs) -> dict[str, Any]:
    """What came of it.

    Returns:
        `requests`: how many HTTP requests the source sends undisturbed, `operations` how many operations on the network it
        does, `unseen` with whom it speaks past Python's sockets. `whole`: whether each kind of request was redirected.
        `redirected`: one `Redirected` for each that was met.
    """
    clean, values = runs.get(CLEAN, inputs), runs.get(VALUES, inputs)
    operations = (*clean.operations, *values.operations)
    told: list[Redirected] = []
    made, hung = 0, False
    # Whose library has refused it once, by either status, is taken at its word.
    stayed: set[str] = set()
    for number, (operation, plan) in enumerate((*_points(clean), *_points(values, most=1))):
        method, *_ = operation.request.partition(" ")
        statuses = statuses_for(operation.request, number)
        for status in statuses[:1] if method in stayed else statuses:
            if hung or made >= MOST_RUNS:
                break
            about = f"with a redirect to another host at {operation}"
            redirect = Redirect(status=status, at=operation.number)
            seen = runs.get(replace(plan, about=about, redirect=redirect), inputs)
            made += 1
            # It takes as long as the time limit allows: no second one.
            hung = seen.end is End.HUNG
            if seen.redirected is not None:
                told.append(seen.redirected)
                if seen.redirected.followed:
                    break
        else:
            stayed.add(method)
    sent = {kind_of(each) for each in operations if each.request}
    return {
        "requests": sum(1 for each in operations if each.request),
        "operations": len(operations),
        "unseen": list(clean.unseen),
        "whole": not hung and sent == {kind_of(each.operation) for each in told},
        "redirected": [asdict(each) for each in told],
    }


def _points(run: Observation, most: int | None = None) -> Iterator[tuple[Operation, Plan]]:
    """The requests to redirect, each with a run that goes no further than it has to."""
    reads: dict[int, int | None] = {}
    for step in run.steps:
        beyond = step.kind not in ("import", "construct", "read", "values") or step.after_eof
        until = None if beyond else step.number if step.kind == "read" else 0
        reads.update((operation.number, until) for operation in step.operations)
    for operation in points_for(run.operations)[:most]:
        yield operation, replace(run.plan, reads=reads[operation.number])
