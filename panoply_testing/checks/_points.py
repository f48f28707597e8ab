"""Chooses where to inject which faults: every point if there are few, else some of each kind of point.

Points are of one kind if the same line of the source does the same thing to the same far end. A fault that a source
stands in one place and not in another is most often a matter of the line (the fetch of the details, beside that of the
list) or of the end (the first page, the last one), so that each kind is hit in the middle, at its end and at its start.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from panoply_testing.faults import FAULTS_AT, HTTP_FAULTS, Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from panoply_testing.faults import FaultKind, Operation, OperationKind, Spell
    from panoply_testing.observation import Observation

__all__ = ["Point", "last_silences", "outages", "points_in", "recoveries", "silences", "why_missed"]

# By turns: a source that tries again by itself shows what it is worth in the one, one that doesn't in the other.
_SPELLS: Final[tuple[Spell, ...]] = ("until-raised", "once")


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One operation, and one thing that can go wrong there."""

    operation: Operation
    kind: FaultKind


def points_in(
    run: Observation, faults_at: Mapping[OperationKind, tuple[FaultKind, ...]] = FAULTS_AT
) -> tuple[Point, ...]:
    """All of them, in the reads of a run."""
    return tuple(
        Point(operation=operation, kind=kind)
        for step in run.reads
        for operation in step.operations
        for kind in _kinds_at(operation, faults_at.get(operation.kind, ()))
    )


def _kinds_at(operation: Operation, kinds: tuple[FaultKind, ...]) -> Iterator[FaultKind]:
    for kind in kinds:
        # Where only the end of the connection ends the answer, a half looks like a whole, to anybody.
        if not (operation.ends_by_closing and kind in ("closed-early", "answered-half")):
            yield kind
    if operation.request:
        for kind in HTTP_FAULTS:
            # Whoever reads text cannot know a web page from what was asked for.
            if kind != "http-not-json" or operation.answers_json:
                yield kind


def recoveries(points: Iterable[Point], most: int, seed: int) -> tuple[Fault, ...]:
    """The faults that pass, to see whether the source goes on."""
    chosen = _chosen(points, most, seed)
    return tuple(
        Fault(kind=point.kind, at=point.operation.number, spell=_SPELLS[index % len(_SPELLS)])
        for index, point in enumerate(chosen)
    )


def outages(points: Iterable[Point], most: int, seed: int) -> tuple[Fault, ...]:
    """The failures that last, to see whether the source says so."""
    return tuple(
        Fault(kind=point.kind, at=point.operation.number, spell="for-good") for point in _chosen(points, most, seed)
    )


def silences(operations: Iterable[Operation], most: int, seed: int) -> tuple[Fault, ...]:
    """The far ends that say nothing more, where only a run can tell whether the source waits for ever."""
    points = (
        Point(operation=operation, kind="silent")
        for operation in operations
        if operation.kind in ("connect", "receive")
    )
    return tuple(Fault(kind="silent", at=point.operation.number) for point in _chosen(points, most, seed))


def last_silences(operations: Iterable[Operation]) -> tuple[Fault, ...]:
    """The same for a driver's limits, which are waited for in full: at the last connection, and at the last answer.

    Which limit the last answer is waited for with, the others are; the first ones belong to the login, and a limit for that
    (`connect_timeout`) says nothing of the queries that follow.
    """
    last = {each.kind: each for each in operations if each.kind in ("connect", "receive")}
    return tuple(Fault(kind="silent", at=each.number) for each in last.values())


def why_missed(fault: Fault, points: Sequence[Point]) -> str:
    """Why a fault that was asked for met nothing; `points`: all there are in a clean run, at least one."""
    there = [point for point in points if point.operation.number == fault.at]
    if not there:
        last = max(point.operation.number for point in points)
        return (
            f"a clean run does nothing there that can fail; its operations on the network have numbers up to {last:,}"
        )
    if fault.kind not in {point.kind for point in there}:
        return f"at {there[0].operation} it can be {', '.join(dict.fromkeys(point.kind for point in there))}"
    return "this time, the source did not do again what it did in a clean run"


def _chosen(points: Iterable[Point], most: int, seed: int) -> list[Point]:
    """At most so many points: of each kind one, then a second one, and so on."""
    kinds: dict[tuple[str, ...], list[Point]] = {}
    for point in points:
        operation = point.operation
        kinds.setdefault((operation.where, operation.kind, operation.host, point.kind), []).append(point)
    if sum(map(len, kinds.values())) <= most:
        return [point for same in kinds.values() for point in same]
    rng = random.Random(seed)  # noqa: S311 - a sample, no secret
    queues = [_by_worth(same, rng) for same in kinds.values()]
    # Where there are more kinds than can be tried, which of them is left to the seed as well.
    rng.shuffle(queues)
    chosen: list[Point] = []
    while len(chosen) < most:
        for queue in queues:
            if queue and len(chosen) < most:
                chosen.append(queue.pop(0))
    return sorted(chosen, key=lambda point: point.operation.number)


def _by_worth(same: list[Point], rng: random.Random) -> list[Point]:
    """One from the middle first, then the last, then the first, then the others as they come."""
    if len(same) < 3:
        return same[::-1]
    inner = same[1:-1]
    rng.shuffle(inner)
    return [inner[0], same[-1], same[0], *inner[1:]]
