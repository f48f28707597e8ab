"""Rules about logging, state, errors and closing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from panoply_testing.checks import Check
from panoply_testing.checks._runs import count, no_reading, what_happened
from panoply_testing.findings import Finding, Verdict, failed, passed, skipped
from panoply_testing.plans import CLEAN, FIRST_READS, UNREAD

if TYPE_CHECKING:
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


CHECKS: Final = (
    Check(name="log_is_used", level="SHOULD", rule="The source logs something during a full run."),
    Check(
        name="state_ids_are_unique",
        level="MUST",
        rule="Each state_id is reported once and is a non-empty string, and the state is JSON.",
    ),
    Check(
        name="records_carry_state",
        level="MUST",
        rule="Where a source reports state, the records of that batch carry its id in __state.",
    ),
    Check(
        name="state_resumes",
        level="MUST",
        rule="A new instance given the merged state after any batch reads on, and no record is lost.",
    ),
    Check(
        name="bad_credentials_fail_clearly",
        level="MUST",
        rule="With params that the far end refuses, the source raises, with a message a person can act on.",
    ),
    Check(
        name="bad_credentials_are_not_retried",
        level="SHOULD",
        rule="With params that the far end refuses, the exception has retryable = False.",
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
    ),
)
