"""Judges where credentials come to."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from panoply_testing.review._code_libraries import MASKS, PASSES, sink_of
from panoply_testing.review.model import Finding

if TYPE_CHECKING:
    from panoply_testing.review._code_reading import Reading
    from panoply_testing.review._code_values import Label, Trace
    from panoply_testing.review._code_world import Arguments, Leak

__all__ = ["End", "Way", "judge_flow", "ways_of"]

_WHERE: Final = {
    "log": "is logged",
    "logging": "is logged",
    "print": "is printed",
    "warning": "is in a warning",
    "progress": "is in a progress message",
    "raise": "is in an exception",
    "request": "is in a request, and in the exception that the library raises where it fails",
    "file": "is written to a file",
    "process": "is among the arguments of a process",
    "state": "is in a state or an event",
}

_FIX: Final = {
    "request": "Send it in a header, or catch the library's exception and raise one of your own `from None`.",
    "process": "Hand it over in the environment of the process, or by its standard input.",
    "file": "Keep it in memory; where a library wants a file, use the tempfile module and delete it.",
    "raise": "Say what went wrong without the value; a name and a length are enough.",
}

_LOGGING_CLASS: Final = re.compile(r"logging\.(?:handlers\.)?\w*(?:Filter|Formatter|Handler|Adapter)")
_MOST_NAMED: Final = 3


def judge_flow(reading: Reading) -> list[Finding]:
    """A finding for each place where a credential gets out."""
    unheard = _logs_go_nowhere(reading)
    return [
        _finding(leak)
        for leak in sorted(
            reading.notes.leaks.values(), key=lambda leak: (leak.path, leak.line, leak.column, leak.kind)
        )
        if not (unheard and leak.kind == "logging")
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """What a credential is handed to, outside of the package: a library's function, or where others see it; and how it got there."""

    what: str
    path: str
    line: int
    function: str
    steps: Trace
    is_leak: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One credential, and all that it is handed to."""

    credential: str
    ends: tuple[End, ...]


def ways_of(reading: Reading) -> tuple[Way, ...]:
    """Where each credential goes, as far as reading tells: to libraries, which send it, and to where others see it."""
    found: dict[Label, dict[tuple[str, str, int], End]] = {}
    for leak in reading.notes.leaks.values():
        for label, steps in leak.traces.items():
            end = End(
                what=_WHERE[leak.kind],
                path=leak.path,
                line=leak.line,
                function=leak.function,
                steps=steps,
                is_leak=True,
            )
            found.setdefault(label, {})[end.what, end.path, end.line] = end
    for calls in reading.notes.calls.values():
        for call in calls:
            if _hands_on(call.name):
                continue
            for label, steps in _taints(call.arguments).items():
                end = End(what=call.name, path=call.path, line=call.line, function=call.function, steps=steps)
                found.setdefault(label, {}).setdefault((end.what, end.path, end.line), end)
    return tuple(
        Way(
            credential=label.words,
            ends=tuple(sorted(ends.values(), key=lambda end: (not end.is_leak, end.path, end.line, end.what))),
        )
        for label, ends in sorted(found.items(), key=lambda item: (item[0].kind, item[0].name))
    )


def _hands_on(name: str) -> bool:
    """Whether a function only makes another value of it, or looks at it: then it is followed further."""
    return bool(
        "." not in name
        or PASSES.fullmatch(name)
        or MASKS.search(name.rpartition(".")[2])
        or sink_of(name)
        or name.startswith(("str.", "bytes.", "dict.", "list.", "builtins."))
    )


def _taints(arguments: Arguments) -> dict[Label, Trace]:
    found: dict[Label, Trace] = {}
    for value in arguments.all():
        for label, trace in value.all_taints().items():
            found.setdefault(label, trace)
    return found


def _finding(leak: Leak) -> Finding:
    labels = sorted(leak.traces, key=lambda label: (label.kind, label.name))
    names = [label.words for label in labels[:_MOST_NAMED]]
    more = len(labels) - len(names)
    what = " and ".join((", ".join(names[:-1]), names[-1]) if names[1:] else names) + (
        f" and {more} more" if more else ""
    )
    where = _WHERE[leak.kind]
    if len(labels) > 1:
        where = where.replace("is ", "are ", 1)
    at = leak.function or "the module"
    return Finding(
        rule="credentials_stay_inside",
        found=f"The {what} {where}, in {at}.",
        path=leak.path,
        line=leak.line,
        column=leak.column,
        fix=_FIX.get(leak.kind, ""),
        flow=leak.traces[labels[0]],
        key=f"{leak.function}:{leak.kind}:{','.join(f'{label.kind} {label.name}' for label in labels)}",
    )


def _logs_go_nowhere(reading: Reading) -> bool:
    """Whether a filter or a handler of the package's own masks what is logged, or nobody hears it."""
    world = reading.world
    for class_id, known in world.classes.items():
        if any(_LOGGING_CLASS.fullmatch(base) for base in world.external_bases(class_id)) and _masks(known.node):
            return True
    texts = [file.text for file in reading.code.files]
    return any("NullHandler(" in text and re.search(r"\.propagate\s*=\s*False", text) for text in texts)


def _masks(node: ast.ClassDef) -> bool:
    calls = [each.func for each in ast.walk(node) if isinstance(each, ast.Call)]
    names = [
        each.attr if isinstance(each, ast.Attribute) else each.id if isinstance(each, ast.Name) else ""
        for each in calls
    ]
    return any(name in ("replace", "sub", "subn") or re.search("mask|redact|hide|scrub", name) for name in names)
