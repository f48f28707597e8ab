"""What a source may not do to its process, judged from the traces that it left: by its import, and after `close()`."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from panoply_testing.checks._runs import count
from panoply_testing.findings import Finding, Verdict, failed, passed, skipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from panoply_testing.footprints import Trace, TraceKind

__all__ = ["all_released", "imports_quietly"]

# More findings than these help nobody at a time: the first ones are mended first.
_MOST: Final = 5

# For each kind of trace: what is expected of an import, and what to do.
_AT_IMPORT: Final[Mapping[TraceKind, tuple[str, str]]] = MappingProxyType(
    {
        "output": (
            "not a word on stdout or stderr",
            "Leave it out. What is worth telling is told by self.log() in read(), once somebody listens.",
        ),
        "network": (
            "no connection, no datagram and no look-up of a name, not even a failed one",
            "Do it in read(), when it is first needed: modules are also imported where there is no network, to show a form.",
        ),
        "file written": (
            "no file or folder made, changed or removed",
            "Do it in read(), in a tempfile.TemporaryDirectory() that close() cleans up.",
        ),
        "thread": ("no thread started", "Start it in read(), when it is first needed, and end it in close()."),
        "process": ("no process started", "Start it in read(), when it is first needed, and wait for its end there."),
        "logging": (
            "logging set up as it was",
            (
                "Leave it out: what is logged where is decided by who runs the source, for all of the process. Your own "
                "logger, logging.getLogger(__name__), may have a level, a filter and a NullHandler."
            ),
        ),
        "hook": (
            "hooks, streams, builtins and the functions of other modules as they were",
            (
                "Leave it out: it changes the whole process. Catch what is to be caught, or pass what is to be used, where it "
                "is needed: json.dumps(..., default=...), for example."
            ),
        ),
        "signal": (
            "the handlers of signals as they were",
            "Leave it out: signals are for the program that runs the source. It calls close() at the end.",
        ),
        "warning filters": (
            "the warning filters as they were",
            "Put `with warnings.catch_warnings():` around the call that warns, and set the filter in there.",
        ),
        "environment": (
            "the environment variables as they were",
            "Pass the value to what needs it (an argument; subprocess.run(..., env={**os.environ, ...})).",
        ),
        "working folder": (
            "the working folder as it was",
            "Use whole paths instead: Path(__file__).parent / 'queries.sql', for a file that comes with the source.",
        ),
        "setting": (
            "settings of the whole process as they were",
            "Set it where it is used: a timeout for each connection, a format for each value.",
        ),
    }
)

# What a library does at its own import is worth knowing where it costs something each time.
_WORTH_KNOWING: Final[frozenset[TraceKind]] = frozenset({"output", "network", "thread", "process"})

# For each kind of trace: what is expected after close(), and what to do.
_AFTER_CLOSE: Final[Mapping[TraceKind, tuple[str, str]]] = MappingProxyType(
    {
        "thread": (
            "no thread of the source's any more",
            (
                "Let close() tell it to end (an Event, a None in its queue), then join() it; an executor: shutdown(). That it "
                "is a daemon does not end it."
            ),
        ),
        "task": (
            "no task of the source's any more",
            "Let close() cancel() it, then await it; or make it in an asyncio.TaskGroup, which waits for its tasks.",
        ),
        "process": (
            "no child process any more",
            "Let close() terminate() it, then wait() for it; a pool: terminate() and join().",
        ),
        "socket": (
            "no open socket of the source's any more",
            "Let close() close what holds it: the session, the client, the connection and its cursors, the event loop.",
        ),
        "file handle": (
            "no open file of the source's any more",
            "Open it by `with open(...)`, or let close() close it, also where reading it broke off half-way.",
        ),
        "temporary file": (
            "nothing of the source's left in the temporary and the working folder",
            "Make it in a tempfile.TemporaryDirectory() and let close() call its cleanup(); or let close() remove it.",
        ),
    }
)


def imports_quietly(traces: Iterable[Trace], *, seen: bool = True) -> Verdict:
    """Whether importing the module changed nothing but what is in it.

    Args:
        traces: what the import did.
        seen: whether the module was imported while it was watched.
    """
    if not seen:
        return skipped(
            "The module had been imported before it could be watched, by a conftest.py or a test of the project. Import it in "
            "the tests that use it, inside the functions, or ask for this check by its id, so that no test is imported: "
            "pytest --panoply-source=MODULE MODULE::module_imports_quietly"
        )
    traces = list(traces)
    findings = [
        Finding(
            place="importing the module",
            expected=_AT_IMPORT[trace.kind][0],
            received=f"it {trace.what}",
            fix=_AT_IMPORT[trace.kind][1],
            source=trace.where,
        )
        for trace in traces
        if not trace.by and trace.kind in _AT_IMPORT
    ]
    notes = tuple(
        dict.fromkeys(
            f"While {trace.by} was imported, it {trace.what}: that library's own doing, and not counted."
            for trace in traces
            if trace.by and trace.by != "Python" and trace.kind in _WORTH_KNOWING
        )
    )
    if findings:
        return failed(*_first_of_each(findings), notes=notes)
    return passed("1 import", *notes)


def all_released(runs: Iterable[tuple[str, Iterable[Trace]]]) -> Verdict:
    """Whether nothing is left after `close()`.

    Args:
        runs: for each run that was closed: when that was ("after EOF", "in mid-read"), and what was left.
    """
    findings: dict[tuple[str, str, str], Finding] = {}
    notes: dict[str, None] = {}
    closed = 0
    for when, traces in runs:
        closed += 1
        for trace in traces:
            if trace.kind not in _AFTER_CLOSE:
                continue
            if trace.by:
                if trace.by != "Python":
                    notes[f"After close(), {trace.what} is left of {trace.by}, which had it from its import on."] = None
                continue
            expected, fix = _AFTER_CLOSE[trace.kind]
            finding = Finding(
                place=f"after close(), {when}",
                expected=expected,
                received=f"{trace.what} is left",
                fix=fix,
                source=trace.where,
            )
            # The same in another run, or the second of many, says nothing new.
            findings.setdefault((trace.kind, trace.where, "" if trace.where else trace.what), finding)
    if findings:
        return failed(*_first_of_each(list(findings.values())), notes=tuple(notes))
    return passed(f"{count(closed, 'run')} that ended with close()", *notes)


def _first_of_each(findings: list[Finding]) -> list[Finding]:
    """One of each kind before a second one of any; no more than help."""
    seen: dict[str, int] = {}
    ranked = []
    for position, finding in enumerate(findings):
        rank = seen[finding.expected] = seen.get(finding.expected, -1) + 1
        ranked.append((rank, position, finding))
    return [finding for _, _, finding in sorted(ranked, key=lambda each: each[:2])][:_MOST]
