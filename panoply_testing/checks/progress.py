"""Rules about `progress()`: that it is called, and with what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from panoply_testing.checks import Check
from panoply_testing.checks._runs import count, location, no_reading, settle
from panoply_testing.findings import Finding, Verdict, skipped
from panoply_testing.observation import End
from panoply_testing.plans import CLEAN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from panoply_testing.observation import Observation, Progress, Step

__all__ = ["CHECKS"]


def _progress_on_every_read(run: Observation) -> Verdict:
    verdict = no_reading(run)
    if verdict is not None:
        return verdict
    batches = [step for step in run.batches if step.batch is not None and step.batch.length is not None]
    if not batches and run.reached_eof:
        return skipped("The source gave None at once, no batch: a source without records need not report any progress.")
    findings = [
        Finding(
            place=step.name,
            expected="at least one call of progress()",
            received=f"none, with a batch of {count(step.batch.length or 0, 'record')}"
            if step.batch is not None
            else "none",
            fix='Call self.progress(loaded, total, "3 of 7 pages read") in read(), before it returns.',
            source=location(run),
        )
        for step in batches
        if not step.progress_count
    ]
    return settle(run, findings, count(len(batches), "batch", "batches"))


def _progress_counts_are_integers(run: Observation) -> Verdict:
    return _judge_calls(run, _count_problem, "0 <= loaded <= total, both int (or both None, with a message)")


def _count_problem(call: Progress) -> tuple[str, str] | None:  # noqa: PLR0911 - one for each thing that can be wrong
    """What is wrong with the numbers of one call, and how to mend it."""
    shown = f"loaded={_shown(call.loaded, call.loaded_type)}, total={_shown(call.total, call.total_type)}"
    if call.loaded is None and call.total is None:
        if call.has_msg:
            return None
        return (
            f"{shown}, and no message",
            "Say what is being waited for: self.progress(None, None, 'waiting for the export').",
        )
    for name, value, kind in (("loaded", call.loaded, call.loaded_type), ("total", call.total, call.total_type)):
        if value is None:
            return shown, f"Give {name} a number, or both None with a message while neither can be known."
        if isinstance(value, bool) or not isinstance(value, int):
            return f"{shown}: {name} is a {kind}", f"Count in whole things (rows, files, pages): int({name})."
    if not isinstance(call.loaded, int) or not isinstance(call.total, int):
        return None
    if call.loaded < 0 or call.total < 0:
        return f"{shown}: less than nothing", "Count up from 0."
    if call.loaded > call.total:
        return (
            f"{shown}: more than there is",
            "Let total grow with loaded where it cannot be known: max(loaded, total).",
        )
    return None


def _shown(value: object, kind: str) -> str:
    return str(value) if value is None or isinstance(value, int | float) else f"<{kind}>"


def _progress_message_is_text(run: Observation) -> Verdict:
    return _judge_calls(run, _message_problem, "a str for people to read")


def _message_problem(call: Progress) -> tuple[str, str] | None:
    if call.msg_type == "str":
        return None
    return f"a {call.msg_type}", 'Give text: self.progress(loaded, total, f"{loaded} of {total} pages read").'


def _judge_calls(run: Observation, problem_of: Callable[[Progress], tuple[str, str] | None], expected: str) -> Verdict:
    verdict = no_reading(run)
    if verdict is not None:
        return verdict
    calls = list(_calls(run))
    if not calls:
        return skipped("progress() was never called: see progress_on_every_read.")
    findings = []
    for step, call in calls:
        problem = problem_of(call)
        if problem is not None:
            received, fix = problem
            findings.append(
                Finding(
                    place=f"{step.name}, call {call.number:,} of progress()",
                    expected=expected,
                    received=received,
                    fix=fix,
                    source=location(run),
                )
            )
    total = sum(step.progress_count for step in run.steps)
    return settle(run, findings, count(total, "call"))


def _calls(run: Observation) -> Iterator[tuple[Step, Progress]]:
    return ((step, call) for step in run.steps for call in step.progress)


def _progress_moves_forward(run: Observation) -> Verdict:
    verdict = no_reading(run)
    if verdict is not None:
        return verdict
    calls = sum(step.progress_count for step in run.steps)
    if calls < 2 and run.reached_eof:
        return skipped(
            f"progress() was {'called once' if calls else 'never called'}, and it takes two calls to go back."
        )
    findings = [
        Finding(
            place=f"{step.name}, call {step.went_back[0]:,} of progress()",
            expected="loaded as large as before, or larger",
            received=f"{step.went_back[2]:,} after {step.went_back[1]:,}",
            fix="Count over all of the run: keep loaded on self, and add to it; don't begin anew with each table or page.",
            source=location(run),
        )
        for step in run.steps
        if step.went_back is not None
    ]
    return settle(run, findings, count(calls, "call"))


def _progress_ends_complete(run: Observation) -> Verdict:
    verdict = no_reading(run)
    if verdict is not None:
        return verdict
    if not run.reached_eof:
        return settle(run, [], "EOF never came") if run.end is not End.ENDLESS else skipped("EOF never came.")
    told = [step for step in run.reads if step.last_progress is not None]
    if not told:
        return skipped("progress() was never called: see progress_on_every_read.")
    if not run.records:
        return skipped("The source gave no records, and one without records need not report any progress.")
    last = told[-1].last_progress
    assert last is not None  # noqa: S101 - that is how the step was chosen
    findings = []
    if last.loaded is None or last.loaded != last.total:
        findings.append(
            Finding(
                place=f"{told[-1].name}, the last call of progress()",
                expected="loaded == total",
                received=f"loaded={_shown(last.loaded, last.loaded_type)}, total={_shown(last.total, last.total_type)}",
                fix="Where everything has been read, say so: self.progress(total, total, 'done'), with the total that it came to.",
                source=location(run),
            )
        )
    return settle(run, findings, "the last call")


CHECKS: Final = (
    Check(
        name="progress_on_every_read",
        level="MUST",
        rule="Each read() that gives a list calls progress() at least once.",
        why="The user sees a progress bar; the platform takes a source that is silent for too long for dead.",
        plans=(CLEAN,),
        judge=_progress_on_every_read,
    ),
    Check(
        name="progress_counts_are_integers",
        level="MUST",
        rule="loaded and total are integers with 0 <= loaded <= total, or both None with a message.",
        why="The progress bar divides one by the other.",
        plans=(CLEAN,),
        judge=_progress_counts_are_integers,
    ),
    Check(
        name="progress_message_is_text",
        level="MUST",
        rule="The message of progress() is a str.",
        why="It is shown to the user as it is.",
        plans=(CLEAN,),
        judge=_progress_message_is_text,
    ),
    Check(
        name="progress_moves_forward",
        level="SHOULD",
        rule="loaded never goes back.",
        why="A bar that jumps back makes people doubt that anything works.",
        plans=(CLEAN,),
        judge=_progress_moves_forward,
    ),
    Check(
        name="progress_ends_complete",
        level="SHOULD",
        rule="The last call before EOF has loaded == total.",
        why="A bar that stops at 93 % looks like data that is missing.",
        plans=(CLEAN,),
        judge=_progress_ends_complete,
    ),
)
