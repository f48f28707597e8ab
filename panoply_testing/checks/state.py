"""Rules about the state that a source reports, and goes on from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panoply_testing.checks._compare import Baseline, baseline_of, examples, in_several_batches, with_hints
from panoply_testing.checks._runs import broke_off, count, location, no_reading, settle, what_happened
from panoply_testing.checks._spread import spread
from panoply_testing.findings import Finding, Verdict, failed, passed, skipped
from panoply_testing.plans import CLEAN, Plan

if TYPE_CHECKING:
    from panoply_testing.checks import Context
    from panoply_testing.observation import Observation

__all__ = ["records_carry_state", "state_ids_are_unique", "state_resumes"]

_NO_STATE = (
    "The source reports no state. One that does, self.state(state_id, {...}), can go on where it was after a failure."
)


def state_ids_are_unique(run: Observation) -> Verdict:
    """Each call of `state()` in a clean run."""
    verdict = no_reading(run)
    if verdict is not None:
        return verdict
    calls = [(step, state) for step in run.steps for state in step.states]
    if not calls and broke_off(run) is None:
        return skipped(_NO_STATE)
    findings = []
    for step, state in calls:
        place = f"{step.name}, call {state.number:,} of state()"
        if state.id_problem:
            findings.append(
                Finding(
                    place=f"{place}, id {state.state_id!r}",
                    expected="a state_id of its own: text that is not empty, and was not reported before",
                    received=state.id_problem,
                    fix="Make a new id for each call: str(uuid.uuid4()), or one that holds the page's number.",
                    source=location(run),
                )
            )
        if state.problem:
            findings.append(
                Finding(
                    place=place,
                    expected="a state that is JSON: a dict of text, numbers, booleans, None, lists and dicts",
                    received=state.problem,
                    fix="Put into the state what JSON can hold: dates as text (isoformat()), sets as lists.",
                    source=location(run),
                )
            )
    return settle(run, findings, count(len(calls), "state"))


def records_carry_state(run: Observation) -> Verdict:
    """The records of each read that reported state."""
    verdict = no_reading(run)
    if verdict is not None:
        return verdict
    steps = [step for step in run.batches if step.states and step.batch is not None and step.batch.records]
    if not any(step.states for step in run.steps) and broke_off(run) is None:
        return skipped(_NO_STATE)
    findings = [
        Finding(
            place=f"{step.name}, record {step.batch.stateless[0][0]}",
            expected="__state: one of the ids that were reported during this read()",
            received=f"{step.batch.stateless[0][1]}; {step.batch.stateless_count:,} of {count(step.batch.records, 'record')}",
            fix="Give each record the id of the state that it leads to: report it with self.state(state_id, {...}) in the same "
            'read(), and set record["__state"] = state_id.',
            source=location(run),
        )
        for step in steps
        if step.batch is not None and step.batch.stateless
    ]
    if not steps and broke_off(run) is None:
        return skipped("State was reported only in reads without records, which carry nothing.")
    return settle(run, findings, count(sum(step.batch.records for step in steps if step.batch is not None), "record"))


def state_resumes(context: Context) -> Verdict:
    """A new instance goes on from the state after each batch, or after some of them where there are many."""
    clean = context.ask(CLEAN)
    verdict = no_reading(clean)
    if verdict is not None:
        return verdict
    if not any(step.states for step in clean.steps) and broke_off(clean) is None:
        return skipped(_NO_STATE)
    base = baseline_of(context)
    if isinstance(base, Verdict):
        return base
    # Of a single batch, only the state at its end could be tried.
    model = in_several_batches(context, base)
    after = spread(range(1, len(model.batches) + 1), context.most_resumes, context.seed)
    for number in after:
        plan = Plan(
            about=f"going on from the state after batch {number}",
            hints=model.plan.hints,
            resume_after=number,
            most_reads=base.most_reads + len(model.reads),
        )
        finding = _of_one(context, base, context.ask(base.plan(plan)), number)
        if finding is not None:
            return failed(finding, notes=base.notes)
    of_all = (
        "each"
        if len(after) == len(model.batches)
        else f"{len(after)} of {len(model.batches)}, chosen by seed {context.seed}"
    )
    return passed(f"{count(len(after), 'new instance')}, one after {of_all} of the batches", *base.notes)


def _of_one(context: Context, base: Baseline, run: Observation, number: int) -> Finding | None:
    place = f"a new instance with the state after batch {number}{with_hints(run)}"
    expected = "it reads on, so that both together have all records"
    fix = (
        "Begin where source['state'] says, and report in a state only what the records returned so far cover: the position "
        "after the last of them, not that of what was fetched ahead. It may repeat records, never skip any."
    )
    resumed = [step for step in run.of("read") if step.instance == 2]
    if not any(step.batch is not None and step.batch.is_none for step in resumed):
        raised = next((step for step in run.steps if step.instance == 2 and step.raised is not None), None)
        return Finding(
            place=place,
            expected=expected,
            received=f"{raised.name} raised {raised.raised}" if raised is not None else what_happened(run),
            fix=fix,
            source=location(run, raised) if raised is not None else run.stuck_at or location(run),
            detail=raised.raised.frames if raised is not None and raised.raised is not None else run.stack,
        )
    missing = base.missing(run.prints())
    if not missing:
        return None
    shown = examples(context, base.clean, missing)
    return Finding(
        place=place,
        expected=expected,
        received=f"{missing.total():,} of {count(base.prints.total(), 'record')} are missing, first of all {shown}",
        fix=fix,
        source=location(run),
    )
