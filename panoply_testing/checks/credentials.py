"""Rules about credentials: none of them in anything that the source lets out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from panoply_testing.checks import Check
from panoply_testing.checks._runs import broke_off, count, no_reading
from panoply_testing.findings import Finding, Verdict, failed, passed, skipped
from panoply_testing.plans import CLEAN, EMPTY_OPTIONS, FIRST_READS, UNREAD

if TYPE_CHECKING:
    from panoply_testing.observation import Observation

__all__ = ["CHECKS"]

_NO_CREDENTIALS: Final = (
    "No credentials among the params and options, so there is nothing to look for. Provide them (--panoply-params=FILE, "
    "or the fixture panoply_params), made up if need be; a param counts if its type in CONFIG is password, oauth or "
    "hidden, or if its name says so."
)


def _logs_hide_credentials(*runs: Observation) -> Verdict:
    clean = runs[0]
    leaks = {
        (leak.channel, leak.secret, leak.encoding, leak.where): (run, step, leak)
        for run in reversed(runs)
        for step in reversed((*run.steps, *([run.unfinished] if run.unfinished is not None else [])))
        for leak in reversed(step.leaks)
        if leak.kind == "log"
    }
    notes = tuple(f"Not looked for: {reason}." for reason in clean.not_searched)
    if leaks:
        return failed(
            *(
                Finding(
                    place=f"{step.name}, through {leak.channel}",
                    expected="no credential, in any encoding",
                    received=f"{leak.secret}, {leak.encoding}: {leak.excerpt}",
                    fix="Leave it out of what is logged: name the resource or the page, not the request's headers, URL or params.",
                    source=leak.where,
                )
                for _, step, leak in reversed(leaks.values())
            ),
            notes=notes,
        )
    if clean.module is None:
        return no_reading(clean) or skipped("The module could not be imported.")
    if not clean.secrets:
        return skipped(f"{_NO_CREDENTIALS}{''.join(f' {note}' for note in notes)}")
    reason = broke_off(clean)
    if reason is not None:
        return skipped(f"The run broke off, because {reason}. No credential was logged up to there.")
    lines = sum(step.searches("log") for run in runs for step in run.steps)
    if not lines:
        return skipped("The source logged and printed nothing, so there was nothing to look through.")
    return passed(f"{count(lines, 'piece')} of text, {count(len(clean.secrets), 'credential')}", *notes)


CHECKS: Final = (
    Check(
        name="logs_hide_credentials",
        level="MUST",
        rule="Nothing logged or printed holds a credential, in any encoding.",
        why="Logs are kept for long, and read by many; a credential in them is given away.",
        plans=(CLEAN, EMPTY_OPTIONS, UNREAD, *FIRST_READS),
        judge=_logs_hide_credentials,
    ),
    Check(name="progress_hides_credentials", level="MUST", rule="No progress message holds a credential."),
    Check(
        name="errors_hide_credentials",
        level="MUST",
        rule="No exception that leaves the source holds a credential: message, args, notes, cause and context.",
    ),
    Check(
        name="state_hides_credentials",
        level="MUST",
        rule="No state, and no event but source-change, holds a credential.",
    ),
    Check(name="records_hide_credentials", level="MUST", rule="No record holds a credential."),
    Check(
        name="processes_hide_credentials",
        level="MUST",
        rule="No argument of a process that the source starts holds a credential.",
    ),
    Check(name="repr_hides_credentials", level="SHOULD", rule="repr() of the source object holds no credential."),
)
