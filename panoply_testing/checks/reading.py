"""Rules about `read()`: what it takes, what it gives, and how it ends."""

from __future__ import annotations

import statistics
from typing import Final

from panoply_testing.checks import Check
from panoply_testing.checks._runs import (
    broke_off,
    count,
    grouped,
    location,
    no_reading,
    provide,
    settle,
    what_happened,
)
from panoply_testing.checks.faults import (
    faults_are_reported,
    network_calls_time_out,
    read_repeats_nothing_after_a_fault,
    read_survives_a_fault,
)
from panoply_testing.checks.hints import read_treats_n_as_a_hint
from panoply_testing.checks.independence import batches_are_independent
from panoply_testing.findings import Finding, Verdict, failed, passed, skipped
from panoply_testing.observation import LARGEST_RECORD, End, Observation, Step
from panoply_testing.plans import CLEAN, EMPTY_OPTIONS, FIRST_READS, HINT, UNREAD

__all__ = ["CHECKS"]


def _read_accepts_optional_n(*runs: Observation) -> Verdict:
    unread = [no_reading(run) for run in runs]
    if all(unread):
        return unread[0] or skipped("The source could not be read.")
    smooth = any(run.reads and run.reads[0].raised is None for run in runs)
    refused = [(run, step) for run in runs if (step := _refusal(run, others_are_smooth=smooth)) is not None]
    accepted = [run for run in runs if any(step.batch is not None for step in run.reads)]
    lazy = next((step.batch.type_name for run in accepted for step in run.batches if step.batch is not None), "")
    if lazy in _NOT_BEGUN:
        return skipped(f"read() gave {_a(lazy)}, and has not begun to run by that: see read_returns_list_of_dicts.")
    findings = [
        Finding(
            place=run.plan.call,
            expected="a batch or None, as from the other ways to call it",
            received=f"it raised {step.raised}",
            fix="Declare it as read(self, n=None), let a decorator pass the argument on, and choose a size where n is None.",
            source=location(run, step),
            detail=step.raised.frames if step.raised is not None else (),
        )
        for run, step in refused
        if accepted or (step.raised is not None and step.raised.type_name == "TypeError")
    ]
    if findings:
        return failed(*findings)
    if len(accepted) < len(runs):
        broken = next(run for run in runs if run not in accepted)
        return skipped(f"{broken.plan.call} gave nothing to judge, because {what_happened(broken)}.")
    return passed(", ".join(run.plan.call for run in runs))


# What a function with a `yield` gives, before it looks at its arguments.
_NOT_BEGUN: Final = ("generator", "async_generator")


def _refusal(run: Observation, *, others_are_smooth: bool) -> Step | None:
    """The call by which a run shows that it was called in the wrong way.

    It is the last one, if every call raised. It is the first one, if a mistake in the code showed there and nowhere else:
    a generator that it ends looks like EOF afterwards.
    """
    if not run.reads:
        return None
    first = run.reads[0]
    if others_are_smooth and first.raised is not None and first.raised.defect:
        return first
    return run.reads[-1] if all(step.raised is not None for step in run.reads) else None


def _read_returns_list_of_dicts(run: Observation, without_n: Observation) -> Verdict:
    verdict = no_reading(run)
    if verdict is not None:
        return verdict
    findings = [
        Finding(
            place=step.name,
            expected="a list of dicts, or None at the end",
            received=f"it raised {step.raised}",
            fix="Mend what the lines above show. The platform calls read() again after an exception, and what the source "
            "had already taken in hand by then is lost.",
            source=location(run, step),
            detail=step.raised.frames,
        )
        for step in run.reads
        if step.raised is not None and step.raised.defect and run.reached_eof and not _hint_refused(step, without_n)
    ]
    for step in run.batches:
        batch = step.batch
        if batch is None:
            continue
        if not batch.is_list:
            findings.append(
                Finding(
                    place=step.name,
                    expected="a list of dicts, or None at the end",
                    received=_a(batch.type_name),
                    fix=_LIST_FIXES.get(batch.type_name, "Return a list of dicts."),
                    source=location(run),
                )
            )
        elif batch.odd_items:
            index, name = batch.odd_items[0]
            more = f", the first of {batch.odd_count:,} such items" if batch.odd_count > 1 else ""
            findings.append(
                Finding(
                    place=f"{step.name}, item {index}",
                    expected="a dict: one record, with its columns as keys",
                    received=f"{_a(name)}{more}",
                    fix='Make each item a dict, such as {"id": 1}: dict(row) for a database row, vars(obj) for an object.',
                    source=location(run),
                )
            )
    if not findings and not run.batches and run.reached_eof:
        return skipped(f"The source gave None at once, no batch: {provide(run)}.")
    raised = [step for step in run.reads if step.raised is not None and not step.raised.defect]
    notes = (
        (f"{count(len(raised), 'read')} raised ({raised[0].raised}) and went on when called again.",) if raised else ()
    )
    looked_at = f"{count(len(run.batches), 'batch', 'batches')}, {count(run.records, 'record')}"
    return settle(run, findings, looked_at, *(notes if run.reached_eof else ()))


def _hint_refused(step: Step, without_n: Observation) -> bool:
    """Whether the first call was refused for its argument: the business of read_accepts_optional_n."""
    return step.number == 1 and any(first.number == 1 and first.raised is None for first in without_n.reads)


_LIST_FIXES: Final = {
    "tuple": "Return a list: list(...) around the tuple does it.",
    "dict": "Return a list, also of a single record: [record].",
    "generator": "Return a list: list(itertools.islice(rows, n)) takes the next n of a generator that is kept on self.",
    "str": "Parse the text, and return a list of dicts.",
    "bytes": "Parse the bytes, or wrap them: return [self.raw(tag, data, metadata)].",
    "bool": "Return None at the end, and a list before it; an empty list is [].",
    "DataFrame": 'Return a list of dicts: frame.to_dict("records").',
}


def _a(type_name: str) -> str:
    if type_name == "NoneType":
        return "None"
    return f"an {type_name}" if type_name[:1].lower() in "aeio" else f"a {type_name}"


def _read_ends_with_none(run: Observation) -> Verdict:
    verdict = no_reading(run)
    if verdict is not None:
        return verdict
    if run.reached_eof:
        return passed(f"EOF at read {len(run.reads):,}, after {count(run.records, 'record')}")
    if run.end is End.ENDLESS:
        received = f"{count(len(run.reads), 'read')} without it; {_last_batches(run)}"
        fix = (
            "Keep on self what is left to read, and return None once nothing is. If there is that much to read, "
            "allow more: --panoply-max-reads=N, or provide params with less data."
        )
    else:
        received = f"{what_happened(run)}, so EOF never came"
        fix = _BROKEN[run.end]
    last = run.reads[-1] if run.reads else None
    raising = next((step for step in reversed(run.reads) if step.raised is not None), None)
    return failed(
        Finding(
            place=run.unfinished.name if run.unfinished is not None else (last.name if last is not None else "reading"),
            expected="None, once everything has been read",
            received=received,
            fix=fix,
            source=run.stuck_at or location(run, raising),
            detail=run.stack or (raising.raised.frames if raising is not None and raising.raised is not None else ()),
        )
    )


_BROKEN: Final = {
    End.HUNG: "Give every wait an end; read_terminates says more.",
    End.DIED: "Raise an exception where the source cannot go on, rather than end the process.",
    End.GAVE_UP: "Mend what the lines above show. The platform calls a read() that raised again, three times at most.",
}


def _last_batches(run: Observation) -> str:
    """What the end of an endless run looks like."""
    lengths = [step.batch.length for step in run.reads if step.batch is not None]
    kind = next(step.batch.type_name for step in reversed(run.reads) if step.batch is not None)
    same = 0
    while same < len(lengths) and lengths[-1 - same] == lengths[-1]:
        same += 1
    if lengths[-1] is None:
        return f"the last one gave {_a(kind)}"
    what = f"empty {kind}s" if lengths[-1] == 0 else f"{kind}s of {count(lengths[-1], 'item')}"
    return f"the last {same:,} gave {what}" if same > 1 else f"the last one gave an {what.removesuffix('s')}"


def _read_stays_at_eof(run: Observation) -> Verdict:
    verdict = no_reading(run)
    if verdict is not None:
        return verdict
    if not run.reached_eof:
        return skipped(f"EOF never came, because {what_happened(run)}: see read_ends_with_none.")
    beyond = [step for step in run.of("read") if step.after_eof]
    findings = [
        Finding(
            place=step.name,
            expected="None again",
            received=f"it raised {step.raised}" if step.raised is not None else _given(step),
            fix="Remember on self that the end was reached, and return None from then on.",
            source=location(run, step),
            detail=step.raised.frames if step.raised is not None else (),
        )
        for step in beyond
        if step.raised is not None or (step.batch is not None and not step.batch.is_none)
    ]
    if run.unfinished is not None and run.unfinished.after_eof:
        findings.append(
            Finding(
                place=run.unfinished.name,
                expected="None again",
                received=what_happened(run),
                fix="Remember on self that the end was reached, and return None without asking the far end.",
                source=run.stuck_at or location(run),
                detail=run.stack,
            )
        )
    if findings:
        return failed(*grouped(findings))
    return passed(f"{count(len(beyond), 'call')} after EOF")


def _given(step: Step) -> str:
    batch = step.batch
    if batch is None or batch.length is None:
        return _a(batch.type_name) if batch is not None else "nothing"
    return f"{_a(batch.type_name)} of {count(batch.length, 'item')}"


def _read_terminates(*runs: Observation) -> Verdict:
    findings = [
        Finding(
            place=run.unfinished.name if run.unfinished is not None else run.plan.about,
            expected=f"an answer within {run.limit:g} seconds" if run.end is End.HUNG else "an answer",
            received=what_happened(run),
            fix=_UNENDING if run.end is End.HUNG else _DEADLY,
            source=run.stuck_at
            or (location(run) if run.unfinished is not None and run.unfinished.kind == "read" else ""),
            detail=run.stack,
        )
        for run in runs
        if run.end in (End.HUNG, End.DIED)
    ]
    if findings:
        return failed(findings[0])
    calls = sum(len(run.steps) for run in runs)
    return passed(count(calls, "call"))


_UNENDING: Final = (
    "Give every wait an end: a timeout for each network call, a limit for each loop that polls. "
    "If one call really takes that long, allow it: --panoply-read-timeout=SECONDS."
)
_DEADLY: Final = (
    "Raise an exception where the source cannot go on; never end the process (os._exit, os.kill, os.abort)."
)


def _records_are_json(run: Observation) -> Verdict:
    verdict = no_reading(run)
    if verdict is not None:
        return verdict
    if not run.records and broke_off(run) is None:
        return skipped(f"There was no record to look at: {provide(run)}.")
    findings = [
        Finding(
            place=f"{step.name}, record {problem.index}: {problem.place}",
            expected="what JSON can say: text, finite numbers, booleans, None, lists, dicts (and dates, decimals, UUIDs)",
            received=_received_and_fix(problem.reason)[0],
            fix=f"{_received_and_fix(problem.reason)[1]} {count(step.batch.problem_count, 'record')} of this batch "
            f"{'has' if step.batch.problem_count == 1 else 'have'} such a value.",
            source=location(run),
        )
        for step in run.batches
        if step.batch is not None
        for problem in step.batch.problems
    ]
    return settle(run, findings, count(run.records, "record"))


def _received_and_fix(reason: str) -> tuple[str, str]:
    """What is wrong with a value, and what to do about it, which most reasons say behind a colon."""
    what, _, advice = reason.removesuffix(".").partition(": ")
    if not advice or advice.startswith("it raised"):
        return reason, "Convert the value before the record is returned."
    return what, f"{advice[0].upper()}{advice[1:]}."


def _records_fit_a_message(run: Observation) -> Verdict:
    verdict = no_reading(run)
    if verdict is not None:
        return verdict
    if not run.records and broke_off(run) is None:
        return skipped(f"There was no record to look at: {provide(run)}.")
    findings = [
        Finding(
            place=f"{step.name}, record {index}",
            expected=f"at most {LARGEST_RECORD:,} bytes as JSON: what one message can carry",
            received=f"{size:,} bytes; {count(step.batch.too_large_count, 'record')} of this batch "
            f"{'is' if step.batch.too_large_count == 1 else 'are'} too large",
            fix="Leave out or cut what is large (bodies of mails, pictures, logs), or make a record of each part.",
            source=location(run),
        )
        for step in run.batches
        if step.batch is not None
        for index, size in step.batch.too_large
    ]
    return settle(run, findings, count(run.records, "record"))


# With fewer records in all, or so many in a batch, nobody waits for the round trips.
_MANY_RECORDS: Final = 100
_FEW_IN_A_BATCH: Final = 10


def _batches_are_large(run: Observation) -> Verdict:
    verdict = no_reading(run)
    if verdict is not None:
        return verdict
    # An empty batch is none that could be larger: many sources give one between two tables.
    sizes = [step.batch.records for step in run.batches if step.batch is not None and step.batch.records]
    if broke_off(run) is None and run.records < _MANY_RECORDS:
        return skipped(
            f"{count(run.records, 'record')} in all, and it takes {_MANY_RECORDS} to tell whether batches are small: provide "
            "params with which there is more to read."
        )
    findings = []
    if run.records >= _MANY_RECORDS and (median := statistics.median(sizes)) < _FEW_IN_A_BATCH:
        findings.append(
            Finding(
                place=f"{count(len(sizes), 'batch', 'batches')} at n = {HINT}",
                expected="batches as close to n as the data allows",
                received=f"a median of {median:g} in a batch, {count(run.records, 'record')} in all",
                fix="Collect what the far end gives until there are about n records (or it has no more at hand), then return "
                "them; ask it for larger pages.",
                source=location(run),
            )
        )
    return settle(run, findings, f"{count(len(sizes), 'batch', 'batches')}, {count(run.records, 'record')}")


CHECKS: Final = (
    Check(
        name="read_accepts_optional_n",
        level="MUST",
        rule="read(), read(None) and read(n) are all accepted.",
        why="n is a hint of how many records are wanted; the platform gives one, people at a prompt do not.",
        plans=FIRST_READS,
        judge=_read_accepts_optional_n,
    ),
    Check(
        name="read_returns_list_of_dicts",
        level="MUST",
        rule="Each call gives a list of dicts, or None.",
        why="A dict is a row and a list is a batch; anything else the platform cannot tell from a mistake.",
        plans=(CLEAN, FIRST_READS[0]),
        judge=_read_returns_list_of_dicts,
    ),
    Check(
        name="read_ends_with_none",
        level="MUST",
        rule="When everything has been read, read() gives None.",
        why="None is how the platform knows that the collection is complete; without it, it reads for ever.",
        plans=(CLEAN,),
        judge=_read_ends_with_none,
    ),
    Check(
        name="read_stays_at_eof",
        level="MUST",
        rule="After None, every further read() gives None.",
        why="The platform may ask once more after EOF; a source that starts over delivers its records twice.",
        plans=(CLEAN,),
        judge=_read_stays_at_eof,
    ),
    Check(
        name="read_terminates",
        level="MUST",
        rule="Each call into the source returns within the time limit.",
        why="A call that hangs holds up the collection, and nobody learns why.",
        plans=(CLEAN, EMPTY_OPTIONS, UNREAD, *FIRST_READS),
        judge=_read_terminates,
    ),
    Check(
        name="records_are_json",
        level="MUST",
        rule="Each record can be sent as JSON: text keys, no NaN or Infinity, valid Unicode, no cycles.",
        why="Records travel to Panoply as JSON; one that cannot is lost, or stops the collection.",
        plans=(CLEAN,),
        judge=_records_are_json,
    ),
    Check(
        name="records_fit_a_message",
        level="MUST",
        rule="No single record is larger than one queue message can carry.",
        why="One message is all that a record can travel in; a larger one never arrives.",
        plans=(CLEAN,),
        judge=_records_fit_a_message,
    ),
    Check(
        name="batches_are_independent",
        level="MUST",
        rule="A batch once returned does not change during later reads, and is not the same list again.",
        why="The platform may still be sending a batch while it reads the next one.",
        plans=(CLEAN,),
        inquire=batches_are_independent,
    ),
    Check(
        name="read_treats_n_as_a_hint",
        level="MUST",
        rule="Any sequence of n gives the same records: none lost, none twice.",
        why="The platform chooses n, and may change it from call to call; the data must not depend on it.",
        inquire=read_treats_n_as_a_hint,
    ),
    Check(
        name="read_survives_a_fault",
        level="MUST",
        rule="When the connection fails at any point, calling read() again goes on: no record is lost.",
        why="Connections fail every day. The platform calls read() again on the same object, three times at most.",
        sensors=("lookup", "connect"),
        inquire=read_survives_a_fault,
    ),
    Check(
        name="read_repeats_nothing_after_a_fault",
        level="SHOULD",
        rule="When the connection fails at any point, calling read() again goes on: no record comes twice.",
        why="Without a primary key, each record that comes twice is a row too many.",
        sensors=("lookup", "connect"),
        inquire=read_repeats_nothing_after_a_fault,
    ),
    Check(
        name="faults_are_reported",
        level="MUST",
        rule="When the connection fails and stays down, the source raises in the end.",
        why="A failure that looks like the end of the data is a table with holes, and nobody knows.",
        sensors=("lookup", "connect"),
        inquire=faults_are_reported,
    ),
    Check(
        name="network_calls_time_out",
        level="SHOULD",
        rule="Every network operation has a time limit.",
        why="A far end that falls silent would hold up the collection for ever.",
        sensors=("lookup", "connect"),
        inquire=network_calls_time_out,
    ),
    Check(
        name="batches_are_large",
        level="SHOULD",
        rule="Batches are as close to n as the data allows, not one record at a time.",
        why="Each batch costs a round trip; one record at a time makes a collection slow.",
        plans=(CLEAN,),
        judge=_batches_are_large,
    ),
)
