"""The rule about params that no far end need be asked about: a required one is missing, a number is no number.

What counts is what every source has to notice. So a source that gives the very same records as with good params is not
judged: it does not need that param, or the far end of the tests does not look at it. A list that is none, and a choice that
is not offered, must not pass for an empty success; what the exception says there is not judged, as no form gives that.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from panoply_testing._breakages import Breakage
from panoply_testing.checks._compare import Baseline, baseline_of
from panoply_testing.checks._messages import names, unclear
from panoply_testing.checks._runs import broke_off, count, location, no_reading, what_happened
from panoply_testing.findings import Finding, Verdict, failed, passed, skipped
from panoply_testing.observation import End
from panoply_testing.plans import CLEAN, Plan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from panoply_testing._config_facts import ParamFacts
    from panoply_testing.checks import Context
    from panoply_testing.observation import Observation, Step

__all__ = ["constructor_rejects_bad_params"]

# After so many broken params that the source takes in a wrong way, further ones teach nothing.
ENOUGH: Final = 5

_PROVIDE: Final = "--panoply-params=FILE, or the fixture panoply_params"


def constructor_rejects_bad_params(context: Context) -> Verdict:
    """Break one param after the other, and see that the source says which."""
    clean = context.ask(CLEAN)
    params = clean.module.params if clean.module is not None else None
    breakages = _breakages(context, clean, params or ())
    if isinstance(breakages, Verdict):
        return breakages
    assert params is not None  # noqa: S101 - something of them can be broken
    judged, ignored = 0, []
    # The first finding of each kind, and the ways in which the same happens.
    kinds: dict[tuple[str, str], tuple[Finding, list[Breakage]]] = {}
    for breakage in breakages:
        # With a page size of its own, a source may take a read for each record; one that goes on and on shows it soon.
        most_reads = 3 * len(clean.reads) + 2 * clean.records + 50
        run = context.ask(Plan(about=breakage.about, broken=breakage, most_reads=most_reads))
        if _makes_no_difference(context, run):
            ignored.append(breakage)
            continue
        judged += 1
        finding = _finding(clean, run, breakage, params)
        if finding is not None:
            kinds.setdefault((breakage.param, _kind(finding)), (finding, []))[1].append(breakage)
        # One that hangs costs its whole time limit.
        if len(kinds) >= ENOUGH or (run.end is End.HUNG and not run.reason):
            break
    notes = _notes(params, ignored, clean)
    if kinds:
        return failed(*(_with_others(finding, same[1:]) for finding, same in kinds.values()), notes=notes)
    return passed(count(judged, "broken param"), *notes) if judged else skipped(" ".join(notes))


def _kind(finding: Finding) -> str:
    """What is the same where one mistake shows in several ways: the line and the type of what it raised."""
    return f"{finding.received.partition(':')[0]} {finding.source}"


def _with_others(finding: Finding, others: list[Breakage]) -> Finding:
    if not others:
        return finding
    return replace(finding, place=f"{finding.place} (likewise {', '.join(each.how for each in others)})")


def _breakages(context: Context, clean: Observation, params: tuple[ParamFacts, ...]) -> list[Breakage] | Verdict:
    """What to break, or why there is nothing."""
    verdict = no_reading(clean)
    if verdict is not None:
        return verdict
    everything = [Breakage(param=param.name, how=way) for param in params for way in param.ways]
    if context.broken is not None and context.broken not in everything:
        known = f"there are {', '.join(map(str, everything))}" if everything else "there are none"
        return skipped(
            f"{context.broken} is none of the ways in which this source has to notice a broken param; {known} "
            "(--panoply-broken)."
        )
    if not everything:
        return skipped(_nothing_to_break(clean, params))
    if not clean.reached_eof:
        reason = broke_off(clean) or "EOF never came"
        return skipped(f"There is no whole run with the params as they are, because {reason}: see read_ends_with_none.")
    return [context.broken] if context.broken is not None else _some_of(everything, context.most_broken, context.seed)


def _nothing_to_break(clean: Observation, params: tuple[ParamFacts, ...]) -> str:
    if clean.module is None or clean.module.params is None:
        return "The module has no CONFIG that says which params there are: see config_is_valid."
    if not params:
        return "CONFIG declares no params, so none of them can be missing or wrong."
    lacking = [param.name for param in params if param.is_lacking]
    if lacking:
        return (
            f"The params at hand have no value for {', '.join(lacking)}, so it cannot be seen what the source does without it. "
            f"Provide one ({_PROVIDE})."
        )
    return (
        "No param is one that every source has to look at. If the source cannot do without one, let CONFIG say so by "
        f'"required": True, without a "default"; and provide values for params of type number, list and select ({_PROVIDE}).'
    )


def _some_of(everything: list[Breakage], most: int, seed: int) -> list[Breakage]:
    """At most so many of them, of each param as many as of any other, in their own order."""
    shuffled = random.Random(seed).sample(everything, len(everything))  # noqa: S311 - a sample, no secret
    rounds: Counter[str] = Counter()
    ranked = []
    for breakage in shuffled:
        ranked.append((rounds[breakage.param], breakage))
        rounds[breakage.param] += 1
    chosen = {breakage for _, breakage in sorted(ranked, key=lambda each: each[0])[:most]}
    return [breakage for breakage in everything if breakage in chosen]


def _makes_no_difference(context: Context, run: Observation) -> bool:
    """Whether it gave what it gives with good params: nothing shows that it needs this one."""
    if not run.reached_eof:
        return False
    clean = context.ask(CLEAN)
    if run.prints() == clean.prints():
        return True
    if not run.records:
        return False
    if run.plan.broken is not None and run.plan.broken.how == "no-such-choice":
        # Which choices there are, the far end knows; what it gives for others is for it to say.
        return True
    base = baseline_of(context)
    if not isinstance(base, Baseline):
        return True  # who can tell
    return bool(base.ignoring) and context.ask(base.plan(run.plan)).prints() == base.prints


def _finding(
    clean: Observation, run: Observation, breakage: Breakage, params: tuple[ParamFacts, ...]
) -> Finding | None:
    param = next(param for param in params if param.name == breakage.param)
    step = _raising(clean, run)
    if step is None or run.reached_eof:
        received = _without_an_error(run, step)
    else:
        received = _wrong_with(run, step, breakage, param, params)
    if not received:
        return None
    at = step or run.unfinished
    raised = step.raised if step is not None else None
    return Finding(
        place=f"{at.name if at is not None else 'reading'}, {breakage.about}",
        expected=f"an exception, from the constructor or the first read(), that says what is wrong with the param {param.name!r}",
        received=received,
        fix=_fix(breakage, param, run),
        replay=f"--panoply-broken={breakage}",
        source=run.stuck_at or location(run, step),
        detail=raised.frames if raised is not None else run.stack,
    )


def _raising(clean: Observation, run: Observation) -> Step | None:
    """The first call that raised something that does not come with good params as well."""
    usual = {str(step.raised) for step in clean.steps if step.raised is not None}
    raising = [step for step in run.steps if step.raised is not None and step.kind in ("construct", "read")]
    return next((step for step in raising if str(step.raised) not in usual), next(iter(raising), None))


def _without_an_error(run: Observation, step: Step | None) -> str:
    """What a run came to in which nothing was raised, or not for long."""
    if step is not None:
        came = count(run.records, "record") if run.records else "None, as if everything had been read"
        return f"{step.raised}; and when read() was called again, {came}"
    if run.records:
        return f"{count(run.records, 'record')}, others than with good params, as if nothing were wrong"
    return "an empty success: None, and no exception" if run.reached_eof else what_happened(run)


def _wrong_with(
    run: Observation, step: Step, breakage: Breakage, param: ParamFacts, params: Iterable[ParamFacts]
) -> str:
    """What is wrong with the exception that told of it; empty: nothing."""
    raised = step.raised
    assert raised is not None  # noqa: S101 - that is how the step was found
    leak = next((leak for each in run.steps for leak in each.leaks if leak.kind == "error"), None)
    if leak is not None:
        return f"it shows a credential, {leak.secret}, {leak.encoding}: {leak.excerpt}"
    if breakage.is_beyond_the_form and run.end is End.GAVE_UP:
        return ""  # nobody who fills in the form will ever see it: that it was noticed is enough
    fault = unclear(run, step)
    earlier = sum(each.batch.records for each in run.steps[: run.steps.index(step)] if each.batch is not None)
    if not fault and run.end is End.DIED:
        fault = f"{raised}, and then {what_happened(run)}"
    elif not fault and earlier:
        fault = f"{raised}, but only after {count(earlier, 'record')}"
    if fault:
        return fault
    quoted = None if param.is_credential else breakage.quoted
    if names(raised.message, param, params) or (quoted is not None and quoted in raised.message.casefold()):
        return ""
    return f"{raised} (which does not say what param it is about)"


def _fix(breakage: Breakage, param: ParamFacts, run: Observation) -> str:
    name, field = param.name, f"the field {param.title!r}" if param.title else f"the param {param.name!r}"
    if breakage.is_about_nothing:
        when, complaint = f'if not source.get("{name}")', f"Nothing was entered in {field}."
    elif breakage.how == "not-a-number":
        when, complaint = "where float() raises a ValueError", f"What was entered in {field} is no number."
    elif breakage.how == "no-such-choice":
        when, complaint = "where it is none of the values in CONFIG", f"What was chosen in {field} is not offered."
    else:
        when, complaint = f'if not isinstance(source["{name}"], list)', f"What was chosen in {field} is no list."
    text = f'Look at it before anything else: {when}, raise panoply.PanoplyException("{complaint}", retryable=False).'
    if run.reached_eof and any(step.raised is not None for step in run.reads):
        text += " Raise it in each further read() as well: a generator that raised is over."
    elif run.reached_eof and run.records and breakage.is_about_nothing:
        text += ' If the source can do without it, let CONFIG say so: no "required", or a "default".'
    return text


def _notes(params: Iterable[ParamFacts], ignored: list[Breakage], clean: Observation) -> tuple[str, ...]:
    notes = []
    if ignored:
        ways = ", ".join(map(str, ignored))
        if clean.records:
            same, advice = "the same records", "If it does need them, let the far end of the tests look at them."
        else:
            same, advice = "no records, either", f"Provide params with which there is something to read ({_PROVIDE})."
        notes.append(
            f"Not judged, as nothing shows that the source needs them: broken like this ({ways}), it gave {same}. {advice}"
        )
    lacking = [param.name for param in params if param.is_lacking]
    if lacking:
        notes.append(f"Not judged, as the params at hand have no value for it: {', '.join(lacking)}.")
    return tuple(notes)
