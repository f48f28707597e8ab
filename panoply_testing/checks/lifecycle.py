"""Rules about logging, state, errors and closing."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

from panoply_testing.checks import Check
from panoply_testing.checks._compare import baseline_of, in_several_batches, with_hints
from panoply_testing.checks._footprints import all_released
from panoply_testing.checks._runs import count, location, no_reading, settle, unwatched, what_happened
from panoply_testing.checks.bad_credentials import bad_credentials_are_not_retried, bad_credentials_fail_clearly
from panoply_testing.checks.faults import failing_runs
from panoply_testing.checks.state import records_carry_state, state_ids_are_unique, state_resumes
from panoply_testing.findings import Finding, Verdict, failed, passed, skipped
from panoply_testing.plans import CLEAN, FIRST_READS, UNREAD, Plan

if TYPE_CHECKING:
    from panoply_testing.checks import Context
    from panoply_testing.observation import Observation

__all__ = ["CHECKS"]


def _close_is_idempotent(after_eof: Observation, before_reading: Observation, mid_read: Observation) -> Verdict:
    verdict = no_reading(after_eof)
    if verdict is not None:
        return verdict
    findings = []
    judged = 0
    for run, when in ((before_reading, "before the first read"), (mid_read, "in mid-read"), (after_eof, "after EOF")):
        closes = list(run.of("close"))
        judged += len(closes)
        findings += [
            Finding(
                place=f"{step.name}, {when if run is not after_eof or run.reached_eof else 'after the last read'}",
                expected="it returns, with everything released",
                received=f"it raised {step.raised}",
                fix="Let close() work in any state: begin with what may be None in __init__, release it, set it to None.",
                source=step.raised.where,
                detail=step.raised.frames,
            )
            for step in closes
            if step.raised is not None
        ]
        if run.unfinished is not None and run.unfinished.kind == "close":
            findings.append(
                Finding(
                    place=f"{run.unfinished.name}, {when}",
                    expected="it returns, with everything released",
                    received=what_happened(run),
                    fix="Let close() wait for nothing without a limit, and never end the process.",
                    source=run.stuck_at,
                    detail=run.stack,
                )
            )
    if findings:
        return failed(*findings[:3])
    if not judged:
        return skipped(f"close() was never reached, because {what_happened(after_eof)}.")
    return passed(count(judged, "call"))


def _log_is_used(run: Observation) -> Verdict:
    verdict = no_reading(run)
    if verdict is not None:
        return verdict
    logged = sum(step.logged for step in run.steps)
    findings = []
    if not logged:
        findings.append(
            Finding(
                place=run.plan.about,
                expected="a log that tells what the source did: what it read, how much, and what went wrong",
                received="not a word, through self.log() or logging (print does not count)",
                fix="Log what is worth knowing afterwards: self.log('page', page, 'of', pages), never a credential.",
                source=location(run),
            )
        )
    return settle(run, findings, count(logged, "log line"))


# Runs with a fault in them that are looked at: what is left after one is mostly left after all.
_FAULTS: Final = 6


def _close_releases_everything(context: Context, after_eof: Observation, mid_read: Observation) -> Verdict:
    verdict = no_reading(after_eof)
    if verdict is not None:
        return verdict
    runs = [
        (run, when)
        for run, when in (
            (after_eof, "after EOF" if after_eof.reached_eof else "after the last read"),
            *((run, _after(run)) for run in _in_mid_read(context, mid_read)),
        )
        if any(run.of("end"))
    ]
    if not runs:
        return skipped(f"The source was never closed, because {what_happened(after_eof)}.")
    if after_eof.reached_eof:
        faulty = itertools.islice(failing_runs(context), _FAULTS)
        runs += [(run, f"after a fault ({run.plan.fault})") for run in faulty if any(run.of("end"))]
    verdict = all_released([(when, run.left) for run, when in runs])
    return verdict if verdict.findings else next(filter(None, (unwatched(run) for run, _ in runs)), verdict)


def _in_mid_read(context: Context, first_read: Observation) -> tuple[Observation, ...]:
    """Runs that are closed before their end, when more may be open than later.

    After the first batch; after half of them; and after a single record, where a source that takes n at its word is in the
    middle of a page, or of a file.
    """
    base = baseline_of(context)
    if isinstance(base, Verdict):
        return (first_read,)
    runs = [first_read]
    if max((step.batch.records for step in base.clean.batches if step.batch is not None), default=0) > 1:
        runs.append(context.ask(base.plan(Plan(about="the first record, by read(1)", hints=(1,), reads=1))))
    model = in_several_batches(context, base)
    half = len(model.batches) // 2
    if half > 1 or model is not base.clean:
        about = f"the first half of the batches{with_hints(model)}"
        runs.append(context.ask(base.plan(Plan(about=about, hints=model.plan.hints, reads=half))))
    return tuple(runs)


def _after(run: Observation) -> str:
    batches = len(run.batches)
    return "in mid-read" + (f", after {batches} batches" if batches > 1 else "") + with_hints(run)


CHECKS: Final = (
    Check(
        name="log_is_used",
        level="SHOULD",
        rule="The source logs something during a full run.",
        why="When a collection goes wrong, its log is all that there is to find out why.",
        plans=(CLEAN,),
        sensors=("log",),
        judge=_log_is_used,
    ),
    Check(
        name="state_ids_are_unique",
        level="MUST",
        rule="Each state_id is reported once and is a non-empty string, and the state is JSON.",
        why="The platform keeps a state under its id until the records that carry it are safe.",
        plans=(CLEAN,),
        judge=state_ids_are_unique,
    ),
    Check(
        name="records_carry_state",
        level="MUST",
        rule="Where a source reports state, the records of that batch carry its id in __state.",
        why="By the id, the platform knows which records have to be safe before a state counts.",
        plans=(CLEAN,),
        judge=records_carry_state,
    ),
    Check(
        name="state_resumes",
        level="MUST",
        rule="A new instance given the merged state after any batch reads on, and no record is lost.",
        why="After a failure, or the next day, the platform goes on from the last state that is safe.",
        inquire=state_resumes,
    ),
    Check(
        name="bad_credentials_fail_clearly",
        level="MUST",
        rule="With params that the far end refuses, the source raises, with a message a person can act on.",
        why="The user can only put right what they are told of; an empty success they find out weeks later.",
        inquire=bad_credentials_fail_clearly,
    ),
    Check(
        name="bad_credentials_are_not_retried",
        level="SHOULD",
        rule="With params that the far end refuses, the exception has retryable = False.",
        why="Asking again and again with a refused password locks accounts.",
        inquire=bad_credentials_are_not_retried,
    ),
    Check(
        name="close_is_idempotent",
        level="MUST",
        rule="close() works twice: before the first read, in mid-read and after EOF.",
        why="The platform closes a source however its run ended, and may do so again while it cleans up.",
        plans=(CLEAN, UNREAD, FIRST_READS[2]),
        judge=_close_is_idempotent,
    ),
    Check(
        name="close_releases_everything",
        level="MUST",
        rule="After close() no thread, task, child process, socket, file handle or temporary file is left.",
        why="One process collects from many sources, for months: what each leaves behind adds up until it fails.",
        plans=(CLEAN, FIRST_READS[2]),
        sensors=(
            "thread, left",
            "task, left",
            "process, left",
            "socket, left",
            "file handle, left",
            "temporary file, left",
        ),
        inquire=_close_releases_everything,
    ),
)
