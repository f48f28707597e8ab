"""Rules about what an instance, a batch and the caller's params share with each other: nothing that matters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panoply_testing.checks._compare import Baseline, baseline_of, examples, in_several_batches, with_hints
from panoply_testing.checks._runs import broke_off, count, location, no_reading, settle, what_happened
from panoply_testing.findings import Finding, Verdict, failed, passed, skipped
from panoply_testing.plans import Plan, Second

if TYPE_CHECKING:
    from panoply_testing.checks import Context
    from panoply_testing.observation import Observation

__all__ = ["batches_are_independent", "instances_are_independent", "source_is_reusable"]

_SHARED = (
    "Keep everything that changes on self, and make it in __init__: no list or dict as a class attribute, a default argument "
    "or a module's global, no cached generator."
)


def instances_are_independent(context: Context) -> Verdict:
    """Two instances in one process: the younger one read between batches of the older one, and before it."""
    base = baseline_of(context)
    if isinstance(base, Verdict):
        return base
    findings: list[Finding] = []
    # Who has given everything in one batch has nothing left that the other could spoil.
    model = in_several_batches(context, base)
    for second, how in (
        (Second.INTERLEAVED, "two instances read by turns"),
        (Second.READ_FIRST, "two instances, the younger one read first"),
    ):
        most = base.most_reads + len(model.reads)
        run = context.ask(base.plan(Plan(about=how, second=second, hints=model.plan.hints, most_reads=most)))
        findings += _difference(context, base, run, how + with_hints(run), (1, 2), _SHARED)
        if findings:
            break
    if findings:
        return failed(*findings[:2], notes=base.notes)
    return passed(f"4 instances of {count(base.prints.total(), 'record')} each", *base.notes)


def source_is_reusable(context: Context) -> Verdict:
    """A second instance from the very same params, and what became of these."""
    base = baseline_of(context)
    if isinstance(base, Verdict):
        return base
    about = "a second instance, made from the same params after the first"
    run = context.ask(base.plan(Plan(about=about, second=Second.REUSED, most_reads=base.most_reads)))
    findings: list[Finding] = []
    copied = next((step for step in run.of("construct") if step.copied), None)
    if copied is not None:
        findings.append(
            Finding(
                place="after Stream(source, options)",
                expected="stream.source is the very dict that was passed: the platform saves it after the run",
                received="another dict",
                fix="Pass source on as it came: super().__init__(source, options). Copy what you change, not the whole.",
                source=location(run),
            )
        )
    findings += [
        Finding(
            place=f"after the run, {change.partition(': ')[0]}",
            expected="what the user chose, unchanged: it is saved, and used for the next run",
            received=change.partition(": ")[2],
            fix="Read it with source.get(...) rather than pop() or del, and work on copies of its lists and dicts. New tokens "
            'are announced with self.fire("source-change", {...}).',
            source=location(run),
        )
        for change in run.changes
    ]
    findings += _difference(context, base, run, "the second instance, made from the same params", (2,), _USED_UP)
    if findings:
        return failed(*findings[:3], notes=base.notes)
    return passed(f"a second instance gave the same {count(base.prints.total(), 'record')}", *base.notes)


_USED_UP = "Leave source and options as they are: keep on self how far the source has come."


def _difference(  # noqa: PLR0913, PLR0917 - what is compared, and what to say of it
    context: Context, base: Baseline, run: Observation, how: str, instances: tuple[int, ...], fix: str
) -> list[Finding]:
    findings = []
    for instance in instances:
        steps = [step for step in run.of("read") if step.instance == instance]
        name = f"{how}: instance {instance}"
        raised = next((step for step in run.steps if step.instance == instance and step.raised is not None), None)
        at_eof = any(step.batch is not None and step.batch.is_none for step in steps)
        if not at_eof:
            findings.append(
                Finding(
                    place=name,
                    expected=f"the same {count(base.prints.total(), 'record')} as in a run of its own, then None",
                    received=f"{raised.name} raised {raised.raised}" if raised is not None else what_happened(run),
                    fix=fix,
                    source=location(run, raised) if raised is not None else run.stuck_at or location(run),
                    detail=raised.raised.frames if raised is not None and raised.raised is not None else run.stack,
                )
            )
            continue
        got = run.prints(instance)
        missing, surplus = base.missing(got), base.surplus(got)
        if missing or surplus:
            shown = examples(context, base.clean, missing) if missing else examples(context, run, surplus)
            parts = [f"{count(missing.total(), 'record is', 'records are')} missing"] if missing else []
            parts += [f"{surplus.total():,} are others, or came too often"] if surplus else []
            findings.append(
                Finding(
                    place=name,
                    expected=f"the same {count(base.prints.total(), 'record')} as in a run of its own",
                    received=f"{count(got.total(), 'record')}: {' and '.join(parts)}"
                    + (f", first of all {shown}" if shown else ""),
                    fix=fix,
                    source=location(run),
                )
            )
    return findings[:1]


def batches_are_independent(context: Context, run: Observation) -> Verdict:
    """What later reads did to the batches of earlier ones."""
    verdict = no_reading(run)
    if verdict is not None:
        return verdict
    findings = _changed_later(run)
    base = None if findings else baseline_of(context)
    if isinstance(base, Baseline):
        run = in_several_batches(context, base)
        findings = _changed_later(run)
    batches = [step for step in run.batches if step.batch is not None and step.batch.is_list]
    if not findings and len(batches) < 2 and broke_off(run) is None:
        return skipped(
            f"There was {count(len(batches), 'batch', 'batches')}, and it takes two to see whether a later read changes an "
            "earlier one: provide params with which there is more to read."
        )
    return settle(run, findings, count(len(batches), "batch", "batches"))


def _changed_later(run: Observation) -> list[Finding]:
    findings = []
    for step in run.reads:
        batch = step.batch
        if batch is None:
            continue
        if batch.same_as and batch.length:
            findings.append(
                Finding(
                    place=f"{step.name}{with_hints(run)}",
                    expected="a list of its own for each batch",
                    received=f"the same list object as from read {batch.same_as}",
                    fix="Make a new list in each read(), rather than clear and fill one that is kept on self.",
                    source=location(run),
                )
            )
        findings += [
            Finding(
                place=f"read {changed}{with_hints(run)}",
                expected="a batch that stays as it was when it was returned",
                received=f"by the end of {step.name} it had changed",
                fix="Give back records that nothing else holds: a new dict for each row, and a new list for each batch.",
                source=location(run),
            )
            for changed in batch.changed
        ]
    return findings
