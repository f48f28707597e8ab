"""Rules about making an instance of the source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from panoply_testing.checks import Check
from panoply_testing.checks._runs import no_reading, what_happened
from panoply_testing.checks.bad_params import constructor_rejects_bad_params
from panoply_testing.checks.independence import instances_are_independent, source_is_reusable
from panoply_testing.findings import Finding, Verdict, failed, passed
from panoply_testing.plans import CLEAN, EMPTY_OPTIONS

if TYPE_CHECKING:
    from panoply_testing.observation import Observation, Raised, Step

__all__ = ["CHECKS"]

_SUPER = "Begin __init__ with super().__init__(source, options), and hand both over as they came."


def _constructor_takes_source_and_options(run: Observation, with_empty_options: Observation) -> Verdict:
    if run.module is None or not run.module.stream_is_data_source:
        verdict = no_reading(run)
        assert verdict is not None  # noqa: S101 - there is no module, or no such class
        return verdict
    findings = _of_one_run(run, "Stream(source, options)")
    if not findings:
        # What fails with any options has been said already.
        findings = _of_one_run(with_empty_options, "Stream(source, {})")
    return failed(*findings) if findings else passed("constructed with the options at hand and with empty ones")


def _of_one_run(run: Observation, call: str) -> list[Finding]:
    step = next(run.of("construct"), None)
    if step is None:
        return [
            Finding(
                place=call,
                expected="an instance of the source",
                received=what_happened(run),
                fix="Let the constructor only keep what it needs, and leave connecting and fetching to the first read().",
                source=run.stuck_at,
                detail=run.stack,
            )
        ]
    if step.raised is not None:
        return [
            Finding(
                place=call,
                expected="an instance of the source",
                received=f"it raised {step.raised}",
                fix=_fix(step.raised, empty_options=run.plan.empty_options),
                source=step.raised.where,
                detail=step.raised.frames,
            )
        ]
    return _of_attributes(step, call)


def _fix(raised: Raised, *, empty_options: bool) -> str:
    missing = raised.type_name == "KeyError"
    if empty_options or (missing and any("options[" in frame for frame in raised.frames[:1])):
        return "Options are hints that may be missing: read them with options.get(...)."
    if raised.type_name == "TypeError" and "abstract" in raised.message:
        return "Define the methods that the message names: their base class only declares them."
    if raised.type_name == "TypeError" and not raised.frames:
        return "Give the constructor these parameters, in this order: def __init__(self, source, options)."
    if missing:
        return (
            "If the run needs this param, provide it: --panoply-params=FILE, or a fixture panoply_params in conftest.py. "
            "If users may leave it out, read it with source.get(...)."
        )
    return "Mend what the lines above show, or provide params with which it works (--panoply-params=FILE)."


def _of_attributes(step: Step, call: str) -> list[Finding]:
    return [
        Finding(
            place=f"after {call}",
            expected=".source and .options hold what the constructor got",
            received=difference,
            fix=_SUPER,
        )
        for difference in step.attributes
    ]


CHECKS: Final = (
    Check(
        name="constructor_takes_source_and_options",
        level="MUST",
        rule="Stream(source, options) works, also with empty options, and sets .source and .options.",
        why="That call is how the platform makes every source; log() and saving the source rely on the two attributes.",
        plans=(CLEAN, EMPTY_OPTIONS),
        judge=_constructor_takes_source_and_options,
    ),
    Check(
        name="instances_are_independent",
        level="MUST",
        rule="Two instances built from equal params give the same records, in either order and interleaved.",
        why="The platform runs many collections in one process; what they share, they spoil for each other.",
        inquire=instances_are_independent,
    ),
    Check(
        name="source_is_reusable",
        level="MUST",
        rule="A second instance built from the same dict, after the first has finished, gives the same records.",
        why="The platform keeps the dict, saves it, and collects with it again; what was taken out is gone for good.",
        inquire=source_is_reusable,
    ),
    Check(
        name="constructor_rejects_bad_params",
        level="SHOULD",
        rule="With a required param missing, or one of a wrong type, the constructor or the first read() raises, and names it.",
        why="Who filled in the form can mend what they are told of; a KeyError, a hang or an empty table tells them nothing.",
        inquire=constructor_rejects_bad_params,
    ),
)
