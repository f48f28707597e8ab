"""Rules about credentials: none of them in anything that the source lets out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from panoply_testing.checks import Check
from panoply_testing.checks._runs import broke_off, count, location, no_reading
from panoply_testing.checks.faults import failing_runs
from panoply_testing.findings import Finding, Verdict, failed, passed, skipped
from panoply_testing.plans import BAD_PARAMS, CLEAN, EMPTY_OPTIONS, FIRST_READS, UNREAD, VALUES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from panoply_testing.checks import Context
    from panoply_testing.observation import Leak, LeakKind, Observation, Step

__all__ = ["CHECKS"]

_NO_CREDENTIALS: Final = (
    "No credentials among the params and options, so there is nothing to look for. Provide them (--panoply-params=FILE, "
    "or the fixture panoply_params), made up if need be; a param counts if its type in CONFIG is password, oauth or "
    "hidden, or if its name says so. Others can be named in the fixture panoply_secrets: {name: value}."
)

# What to do about a leak, what there was nothing of where nothing was looked through, and what it is counted in.
_FIXES: Final[dict[LeakKind, str]] = {
    "log": "Leave it out of what is logged: name the resource or the page, not the request's headers, URL or params.",
    "progress": "Leave it out of the message: say what is being read, not how it is asked for.",
    "error": "Raise an exception with words of your own instead: panoply.PanoplyException('Acme did not answer') from None. Many "
    "libraries put the URL, with its query, into their messages: send credentials in a header.",
    "state": "Keep credentials out of the state: the next run gets them from source anyway. New tokens are announced with "
    'self.fire("source-change", {...}).',
    "record": "Leave the column out, or keep the part of the value that is no secret.",
    "process": "Any user of the machine can read a process's arguments: hand a secret over in an environment variable, on stdin, "
    "or in a file that only this user can read.",
    "repr": "Give the class a __repr__ that shows no params, or leave out the fields: field(repr=False) in a dataclass.",
}
_NOTHING: Final[dict[LeakKind, tuple[str, str]]] = {
    "log": ("piece", "The source logged and printed nothing, so there was nothing to look through."),
    "progress": ("message", "progress() was never called, so there was nothing to look through."),
    "error": (
        "text",
        (
            "No exception left the source, so there was nothing to look through: let it speak to a far end that can be made to "
            "fail, or provide params that are refused (the fixture panoply_bad_params)."
        ),
    ),
    "state": ("state or event", "The source reports no state and fires no events of its own."),
    "record": (
        "piece of records",
        "There were no records to look through: provide params with which there is something to read.",
    ),
    "process": ("process", "The source started no process."),
    "repr": ("repr", "The source could not be constructed."),
}
_TEXTS: Final = {
    "log": "pieces of text",
    "record": "pieces of records",
    "state": "states and events",
    "process": "arguments",
}


# What leaves the source by its read(): where a line of its own is not known, that is where to look.
_GIVEN: Final = ("progress", "state", "record")

# What a source leaves in files is a log by another name.
_ALSO: Final[dict[LeakKind, tuple[LeakKind, ...]]] = {"log": ("log", "file")}


def _hide(kind: LeakKind, context: Context, clean: Observation, *others: Observation) -> Verdict:
    """No credential in anything of one kind, in any run."""
    runs = (clean, *others, *_further(kind, context, clean))
    leaks = _leaks(kind, runs)
    notes = tuple(f"Not looked for: {reason}." for reason in clean.not_searched)
    if leaks:
        return failed(*(_finding(kind, run, step, leak) for run, step, leak in leaks), notes=notes)
    if clean.module is None:
        return no_reading(clean) or skipped("The module could not be imported.")
    if not clean.secrets:
        return skipped(f"{_NO_CREDENTIALS}{''.join(f' {note}' for note in notes)}")
    kinds = _ALSO.get(kind, (kind,))
    searched = sum(step.searches(each) for run in runs for step in run.steps for each in kinds)
    reason = broke_off(clean)
    if reason is not None and kind != "error":
        return skipped(f"The run broke off, because {reason}. No credential was let out up to there.")
    if not searched:
        return skipped(_NOTHING[kind][1])
    text = count(searched, _NOTHING[kind][0], _TEXTS.get(kind, ""))
    return passed(f"{text}, {count(len(clean.secrets), 'credential')}, {count(len(runs), 'run')}", *notes)


def _further(kind: LeakKind, context: Context, clean: Observation) -> Iterator[Observation]:
    """Where things go wrong, more is said than in a run that goes well; records and repr are the same in any run."""
    if kind in ("record", "repr") or broke_off(clean) is not None:
        return
    if context.bad_params:
        yield context.ask(BAD_PARAMS)
    yield from failing_runs(context)


def _leaks(kind: LeakKind, runs: Iterable[Observation]) -> list[tuple[Observation, Step, Leak]]:
    """The first place of each, by what leaks and where."""
    found: dict[tuple[str, ...], tuple[Observation, Step, Leak]] = {}
    for run in runs:
        for step in (*run.steps, *([run.unfinished] if run.unfinished is not None else [])):
            for leak in step.leaks:
                # The same line lets out the same thing in many runs, often in more than one way.
                key = (leak.secret, leak.where or leak.channel)
                if leak.kind in _ALSO.get(kind, (kind,)):
                    found.setdefault(key if kind == "error" else (*key, leak.channel, leak.encoding), (run, step, leak))
    return list(found.values())[:5]


def _finding(kind: LeakKind, run: Observation, step: Step, leak: Leak) -> Finding:
    when = f", {run.plan.about}" if not run.plan.is_plain or run.plan.bad_params else ""
    return Finding(
        place=f"{step.name}, {leak.at or f'through {leak.channel}'}{when}",
        expected="no credential, in any encoding",
        received=f"{leak.secret}, {leak.encoding}: {leak.excerpt}",
        fix=_FIXES[kind],
        replay=f"--panoply-fault={run.plan.fault}" if run.plan.fault else "",
        source=leak.where or (location(run) if step.kind == "read" and kind in _GIVEN else ""),
    )


_PLANS: Final = (CLEAN, EMPTY_OPTIONS, UNREAD, *FIRST_READS, VALUES)

CHECKS: Final = (
    Check(
        name="logs_hide_credentials",
        level="MUST",
        rule="Nothing logged or printed holds a credential, in any encoding.",
        why="Logs are kept for long, and read by many; a credential in them is given away.",
        plans=_PLANS,
        sensors=("stdout", "stderr", "log", "warnings", "file"),
        inquire=partial(_hide, "log"),
    ),
    Check(
        name="progress_hides_credentials",
        level="MUST",
        rule="No progress message holds a credential.",
        why="The message is shown to whoever looks at the collection, and kept.",
        plans=_PLANS,
        sensors=("progress_message",),
        inquire=partial(_hide, "progress"),
    ),
    Check(
        name="errors_hide_credentials",
        level="MUST",
        rule="No exception that leaves the source holds a credential: message, args, notes, cause and context.",
        why="The platform logs what a source raises, and shows it to the user; it ends up in tickets and mails.",
        plans=_PLANS,
        sensors=("exception",),
        inquire=partial(_hide, "error"),
    ),
    Check(
        name="state_hides_credentials",
        level="MUST",
        rule="No state, and no event but source-change, holds a credential.",
        why="States are stored as they are; source-change exists to carry credentials, and is kept apart.",
        plans=_PLANS,
        sensors=("state",),
        inquire=partial(_hide, "state"),
    ),
    Check(
        name="records_hide_credentials",
        level="MUST",
        rule="No record holds a credential.",
        why="Records become rows in a warehouse that all of a company can read.",
        plans=_PLANS,
        sensors=("record",),
        inquire=partial(_hide, "record"),
    ),
    Check(
        name="processes_hide_credentials",
        level="MUST",
        rule="No argument of a process that the source starts holds a credential.",
        why="Any user of the machine can read the arguments of its processes.",
        plans=_PLANS,
        sensors=("argument_of_a_program",),
        inquire=partial(_hide, "process"),
    ),
    Check(
        name="repr_hides_credentials",
        level="SHOULD",
        rule="repr() of the source object holds no credential.",
        why="It ends up in tracebacks, logs and error trackers, without anybody having asked for it.",
        plans=_PLANS,
        sensors=("repr",),
        inquire=partial(_hide, "repr"),
    ),
)
