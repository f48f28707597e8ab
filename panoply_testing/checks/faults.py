"""Rules about a network that fails: what the source does while it is down, and once it works again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from panoply_testing.checks._compare import Baseline, baseline_of, examples
from panoply_testing.checks._points import outages, points_in, recoveries, silences
from panoply_testing.checks._runs import count, grouped, location, no_reading, what_happened
from panoply_testing.faults import PROXY_FAULTS_AT
from panoply_testing.findings import Finding, Verdict, failed, passed, skipped
from panoply_testing.observation import End, Observation
from panoply_testing.plans import CLEAN, Plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from panoply_testing.checks import Context
    from panoply_testing.checks._points import Point
    from panoply_testing.faults import Fault, Hit
    from panoply_testing.observation import Step

__all__ = [
    "failing_runs",
    "faults_are_reported",
    "network_calls_time_out",
    "read_repeats_nothing_after_a_fault",
    "read_survives_a_fault",
]

# After so many runs that break a rule in different ways, further ones teach nothing.
ENOUGH: Final = 3

# Points of a run from which on half as many of them are tried: each costs the time of a whole run.
LONG: Final = 400

# Far ends that fall silent towards a native driver: each may cost as long as a read() may take.
NATIVE_SILENCES: Final = 2


_WORDS: Final = {
    "unknown-host": "the name was not found",
    "refused": "the connection was refused",
    "reset": "the connection was reset",
    "timed-out": "it timed out",
    "closed-early": "the far end closed the connection",
    "answered-half": "the far end closed the connection in the middle of its answer",
    "silent": "the far end fell silent",
    "http-429": "the answer was 429 Too Many Requests, Retry-After: 120",
    "http-500": "the answer was 500 Internal Server Error",
    "http-503": "the answer was 503 Service Unavailable",
    "http-not-json": "the answer was a web page, not JSON",
}

_SPELLS: Final = {
    "once": "once",
    "until-raised": "from there on, until read() raised",
    "for-good": "from there on, for good",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Runs:
    """The runs in which a fault was met, and what they were chosen from."""

    base: Baseline
    points: int
    runs: tuple[Observation, ...]
    notes: tuple[str, ...] = ()

    @property
    def met(self) -> str:
        """How many, of how many."""
        return f"{count(len(self.runs), 'fault')} injected, of {self.points:,} that could be"


def _runs(context: Context, *, lasting: bool) -> _Runs | Verdict:
    """The runs with a fault in them: such as pass, or such as last."""
    base = baseline_of(context)
    if isinstance(base, Verdict):
        return base
    through = _through_a_proxy(context, base)
    # What Python does, and what a native driver does, which only a proxy sees; the numbers of the one mean nothing to the other.
    kinds: list[tuple[tuple[str, ...], tuple[Point, ...]]] = [((), points_in(base.clean))]
    if isinstance(through, Observation):
        kinds.append((base.clean.unseen, points_in(through, PROXY_FAULTS_AT)))
    kinds = [(proxied, points) for proxied, points in kinds if points]
    if not kinds:
        return skipped(_nothing_to_inject(base.clean, through))
    if context.fault is not None:
        if (context.fault.spell == "for-good") is not lasting:
            return skipped(f"Only {context.fault} is injected (--panoply-fault).")
        plans = [_plan(base, context.fault, proxied) for proxied, _ in kinds]
    else:
        long = sum(len(points) for _, points in kinds) > LONG
        most = context.most_faults // 2 if long else context.most_faults
        choose, most = (outages, most // 2) if lasting else (recoveries, most)
        plans = [
            _plan(base, fault, proxied)
            for proxied, points in kinds
            for fault in choose(points, most // len(kinds), context.seed)
        ]
    runs, stuck = [], 0
    for plan in plans:
        run = context.ask(plan)
        if run.hits:
            runs.append(run)
        # Each of them costs the whole time limit; more of them teach nothing.
        stuck += run.end is End.HUNG and not run.reason
        if stuck >= ENOUGH:
            break
    if not runs:
        return skipped(
            f"No fault was reached: in other runs, the source did not do again what it did in the first one ({len(plans)} tried)."
        )
    return _Runs(
        base=base,
        points=sum(len(points) for _, points in kinds),
        runs=tuple(runs),
        notes=_of_native_drivers(base.clean, through),
    )


def _plan(base: Baseline, fault: Fault, proxied: tuple[str, ...] = ()) -> Plan:
    about = f"with a fault{' behind a proxy' if proxied else ''}: {fault}"
    return base.plan(Plan(about=about, fault=fault, most_reads=base.most_reads, proxied=proxied))


def _through_a_proxy(context: Context, base: Baseline) -> Observation | str:
    """A clean run in which native drivers reach their far ends through a proxy, or why there is none.

    Empty: there are no native drivers.
    """
    clean = base.clean
    if not clean.unseen or clean.reroute:
        return clean.reroute
    run = context.ask(base.plan(replace(CLEAN, about="a run through a proxy", proxied=clean.unseen)))
    changed = f"With {' and '.join(run.rerouted or clean.rerouted)} pointing to a proxy of the kit's on this machine"
    if not run.reached_eof:
        return (
            f"{changed}, {what_happened(run)}. If the driver compares the far end's certificate with its name, let a param say "
            "that it need not, and set it for the tests."
        )
    if run.prints() != base.prints:
        return f"{changed}, the source gives other records. Let all its connections follow from these params."
    if not any(step.operations for step in run.reads):
        return f"{changed}, it did not connect there: let it take the host and the port from these params."
    return run


def _nothing_to_inject(clean: Observation, why: Observation | str = "") -> str:
    if clean.unseen:
        reason = why if isinstance(why, str) and why else "Nothing passed there during read()."
        return (
            f"The source's connections ({', '.join(clean.unseen[:3])}) are made outside of Python, by a native driver: faults "
            f"are injected there by a proxy of the kit's, to which the params have to lead. {reason}"
        )
    processes = (
        " What the processes do that it starts is out of reach."
        if any(step.searches("process") for step in clean.steps)
        else ""
    )
    return (
        f"The source did nothing on the network during read(), so nothing can fail there.{processes} Provide params with which "
        "it speaks to a far end, such as a local server (the fixture panoply_params)."
    )


def _of_native_drivers(clean: Observation, through: Observation | str) -> tuple[str, ...]:
    """What a reader should know of connections outside of Python."""
    reached = {operation.host for operation in through.operations} if isinstance(through, Observation) else set[str]()
    left = [address for address in clean.unseen if address not in reached]
    notes = []
    if isinstance(through, Observation):
        by = " and ".join(through.rerouted)
        notes.append(f"Reached through a proxy, by changing {by}: {', '.join(sorted(reached)[:3])}.")
    if left:
        notes.append(
            f"Not reached, being outside of Python: {', '.join(left[:3])}. {through if isinstance(through, str) else ''}".strip()
        )
    return tuple(notes)


def failing_runs(context: Context) -> Iterator[Observation]:
    """All runs in which something failed, for those who look at what the source lets out then."""
    for lasting in (False, True):
        runs = _runs(context, lasting=lasting)
        if isinstance(runs, _Runs):
            yield from runs.runs


def read_survives_a_fault(context: Context) -> Verdict:
    """After a fault that has passed, calling `read()` again gives all the records there are."""
    runs = _runs(context, lasting=False)
    if isinstance(runs, Verdict):
        return runs
    findings = []
    for run in runs.runs:
        finding = _of_recovery(context, runs.base, run)
        if finding is not None:
            findings.append(finding)
        if len(findings) >= ENOUGH:
            break
    if findings:
        return failed(*grouped(findings), notes=_notes(context, runs))
    return passed(runs.met, *_notes(context, runs))


def _of_recovery(context: Context, base: Baseline, run: Observation) -> Finding | None:
    hit, place = run.hits[0], _place(run)
    raised = [step for step in run.reads if step.raised is not None]
    expected = f"read() called again goes on, to all {count(base.prints.total(), 'record')}"
    if run.reached_eof:
        missing = base.missing(run.prints())
        if not missing:
            return None
        said = f"after read {raised[0].number} had raised {raised[0].raised}" if raised else "and no read() raised"
        return Finding(
            place=place,
            expected=expected,
            received=f"{missing.total():,} are missing, {said}; first of all {examples(context, base.clean, missing)}",
            fix="Move on (the page, the cursor, the buffer) only once what was fetched is complete, and let the exception out of "
            "read(): the next call then asks for the same again. A generator that raised is over: keep the position on self."
            + _replay(run),
            source=_line(run, hit),
        )
    last = raised[-1] if raised else None
    if run.end is End.HUNG and run.plan.fault is not None and run.plan.fault.spell == "until-raised" and not raised:
        return None  # it never raised, so that the fault never passed: faults_are_reported says so
    if last is not None and last.raised is not None and not last.raised.retryable:
        received = (
            f"{last.name} raised {last.raised}, with retryable = False: the platform gives up, and what is left is lost"
        )
        fix = "Keep retryable = False for what will fail in the same way again, such as refused credentials." + _replay(
            run
        )
    else:
        received = what_happened(run)
        fix = (
            "Let read() work again after it has raised: make a new connection, and a new generator, where the old one is broken."
            + _replay(run)
        )
    return Finding(
        place=place,
        expected=expected,
        received=received,
        fix=fix,
        source=_line(run, hit),
        detail=last.raised.frames if last is not None and last.raised is not None else run.stack,
    )


def read_repeats_nothing_after_a_fault(context: Context) -> Verdict:
    """After a fault that has passed, no record comes a second time."""
    runs = _runs(context, lasting=False)
    if isinstance(runs, Verdict):
        return runs
    findings = []
    for run in runs.runs:
        surplus = runs.base.surplus(run.prints())
        if surplus:
            known = any(each in runs.base.prints for each in surplus)
            findings.append(
                Finding(
                    place=_place(run),
                    expected="each record once",
                    received=f"{count(surplus.total(), 'record')} {'came twice' if known else 'that a clean run does not give'}, "
                    f"first of all {examples(context, run, surplus)}",
                    fix="Fetch and parse first, then add to what is kept on self, all at once; after a fault go on where the last "
                    "complete batch ended." + _replay(run),
                    source=_line(run, run.hits[0]),
                )
            )
        if len(findings) >= ENOUGH:
            break
    if findings:
        return failed(*grouped(findings), notes=_notes(context, runs))
    return passed(runs.met, *_notes(context, runs))


def faults_are_reported(context: Context) -> Verdict:
    """While the connection is down, no `read()` says None or gives an empty batch, and in the end one raises."""
    runs = _runs(context, lasting=True)
    if isinstance(runs, Verdict):
        return runs
    findings = []
    for run in runs.runs:
        finding = _of_outage(run)
        if finding is not None:
            findings.append(finding)
        if len(findings) >= ENOUGH:
            break
    if findings:
        return failed(*grouped(findings), notes=_notes(context, runs))
    return passed(runs.met, *_notes(context, runs))


def _of_outage(run: Observation) -> Finding | None:
    taken = next((step for step in run.reads if _takes_it_for_data(step)), None)
    if taken is None and any(step.raised is not None for step in run.reads) and run.end is not End.HUNG:
        return None
    if taken is not None and taken.batch is not None:
        received = (
            "None, as if everything had been read"
            if taken.batch.is_none
            else "an empty batch, as if there were no data"
        )
        said = next((step for step in run.reads if step.raised is not None), None)
        if said is not None:
            received += f", after {said.name} had raised {said.raised}"
    else:
        received = what_happened(run)
    return Finding(
        place=f"{taken.name if taken is not None else 'reading'}, {_place(run)}",
        expected="an exception from read(), in the end: then the platform tries again, and tells the user",
        received=received,
        fix="Let the failure out of read() as an exception. Catch only what you can mend, try again a few times at most, then "
        "raise; look at the status of an answer before its content (raise_for_status)." + _replay(run),
        source=_line(run, run.hits[0]),
        detail=run.stack,
    )


def _takes_it_for_data(step: Step) -> bool:
    batch = step.batch
    return batch is not None and (batch.is_none or (step.hits > 0 and batch.length == 0))


def network_calls_time_out(context: Context) -> Verdict:
    """Every operation on the network has a time limit."""
    clean = context.ask(CLEAN)
    verdict = no_reading(clean)
    if verdict is not None:
        return verdict
    # The system limits how long a name is looked up, and a program cannot.
    operations = [each for each in clean.operations if each.kind != "lookup"]
    base = baseline_of(context) if clean.unseen else None
    through = _through_a_proxy(context, base) if isinstance(base, Baseline) else ""
    native = [each for step in through.reads for each in step.operations] if isinstance(through, Observation) else []
    if not operations and not native:
        return skipped(_nothing_to_inject(clean, through))
    endless = [each for each in operations if each.blocking and each.limit is None]
    findings = [
        Finding(
            place=str(each),
            expected="a time limit",
            received="none: if the far end falls silent, this waits for ever",
            fix=_LIMIT,
            source=each.where or location(clean),
        )
        for each in endless
    ]
    # Whether asyncio waits with a limit, or a driver, shows only where there is something to wait for.
    waits = [each for each in operations if not each.blocking]
    plans = [
        *(_plan_of_silence(fault, clean) for fault in silences(waits, max(2, context.most_faults // 6), context.seed)),
        # A driver's limit is waited for.
        *(
            replace(_plan_of_silence(fault, clean), proxied=clean.unseen)
            for fault in silences(native, NATIVE_SILENCES, context.seed)
        ),
    ]
    tried = 0
    if not findings:
        for plan in plans:
            run = context.ask(plan)
            tried += bool(run.hits)
            if run.hits and run.end is End.HUNG:
                findings.append(
                    Finding(
                        place=str(run.hits[0].operation),
                        expected="a time limit",
                        received=f"none: {run.reason or what_happened(run)}",
                        fix=_LIMIT + _replay(run),
                        source=_line(run, run.hits[0]),
                        detail=run.stack,
                    )
                )
                break
    if findings:
        return failed(*grouped(findings))
    if plans and not tried:
        return skipped("In other runs, the source did not do again on the network what it did in the first one.")
    return passed(
        f"{count(len(operations) + len(native), 'operation')}"
        + (f", {tried} of them met a silent far end" if tried else "")
    )


_LIMIT: Final = (
    "Give every call a time limit: requests.get(url, timeout=30) or one for the session's adapter, urlopen(url, timeout=30), "
    "socket.create_connection(address, timeout=30), aiohttp.ClientTimeout(total=60), asyncio.timeout(30) around the rest."
)


def _plan_of_silence(fault: Fault, clean: Observation) -> Plan:
    return Plan(about=f"with a fault: {fault}", fault=fault, most_reads=3 * len(clean.reads) + 50)


def _place(run: Observation) -> str:
    hit = run.hits[0]
    spell = _SPELLS[run.plan.fault.spell] if run.plan.fault is not None else ""
    return f"{hit.operation}, where {_WORDS[hit.kind]}, {spell}"


def _line(run: Observation, hit: Hit) -> str:
    return hit.operation.where or run.stuck_at or location(run)


def _replay(run: Observation) -> str:
    return f" To repeat just this: add --panoply-fault={run.plan.fault} to the command below."


def _notes(context: Context, runs: _Runs) -> tuple[str, ...]:
    chosen = (
        (f"Chosen with --panoply-seed={context.seed}: {runs.met}.",)
        if context.fault is None and len(runs.runs) < runs.points
        else ()
    )
    return (*chosen, *runs.notes, *runs.base.notes)
