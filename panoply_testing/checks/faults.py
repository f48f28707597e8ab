"""Rules about a network that fails: what the source does while it is down, and once it works again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from panoply_testing.checks._compare import Baseline, baseline_of, examples, in_several_batches, with_hints
from panoply_testing.checks._points import last_silences, outages, points_in, recoveries, silences, why_missed
from panoply_testing.checks._runs import count, grouped, location, no_reading, what_happened
from panoply_testing.faults import PROXY_FAULTS_AT
from panoply_testing.findings import Finding, Verdict, failed, passed, skipped
from panoply_testing.observation import End, Observation
from panoply_testing.plans import CLEAN, Plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """A run without a fault, and where one could be put in another that goes the same way."""

    run: Observation
    points: tuple[Point, ...]


def _runs(context: Context, *, lasting: bool) -> _Runs | Verdict:
    """The runs with a fault in them: such as pass, or such as last."""
    base = baseline_of(context)
    if isinstance(base, Verdict):
        return base
    through = _through_a_proxy(context, base)
    kinds = [each for each in _kinds(context, base, through, lasting=lasting) if each.points]
    if not kinds:
        return skipped(_nothing_to_inject(base.clean, through))
    if context.fault is not None:
        if (context.fault.spell == "for-good") is not lasting:
            return skipped(f"Only {context.fault} is injected (--panoply-fault).")
        plans = [_plan(base, context.fault, kind) for kind in kinds]
    else:
        long = sum(len(kind.points) for kind in kinds) > LONG
        most = context.most_faults // 2 if long else context.most_faults
        choose, most = (outages, most // 2) if lasting else (recoveries, most)
        shares = [min(len(kind.points), most // len(kinds)) for kind in kinds]
        shares[0] += most - sum(shares)
        plans = [
            _plan(base, fault, kind)
            for kind, share in zip(kinds, shares, strict=True)
            for fault in choose(kind.points, share, context.seed)
        ]
    runs, hung = [], Counter[str]()
    for plan in plans:
        spell = plan.fault.spell if plan.fault is not None else ""
        # Each of them costs the whole time limit, or thousands of attempts; more of them teach nothing.
        if hung[spell] >= ENOUGH:
            continue
        run = context.ask(plan)
        if run.hits:
            runs.append(run)
        hung[spell] += run.end is End.HUNG
    if not runs:
        return skipped(_none_met(context, len(plans), [point for kind in kinds for point in kind.points]))
    return _Runs(
        base=base,
        points=sum(len(kind.points) for kind in kinds),
        runs=tuple(runs),
        notes=_of_native_drivers(base.clean, through),
    )


def _kinds(context: Context, base: Baseline, through: Observation | str, *, lasting: bool) -> list[_Kind]:
    """Runs with numbers of their own for what they do on the network."""
    kinds = [_Kind(run=base.clean, points=points_in(base.clean))]
    if isinstance(through, Observation):
        # What a native driver does, only a proxy sees.
        kinds.append(_Kind(run=through, points=points_in(through, PROXY_FAULTS_AT)))
    if not lasting:
        # What has been fetched and not been given yet, or given and fetched again, is only seen where a read() is not all.
        model = in_several_batches(context, base)
        points = points_in(model) if model is not base.clean else ()
        if _reads_at_work(model) <= _reads_at_work(base.clean):
            # All that is asked for is asked for in one read(); only half an answer shows as late as in another.
            points = tuple(point for point in points if point.kind == "answered-half")
        kinds.append(_Kind(run=model, points=points))
    return kinds


def _reads_at_work(run: Observation) -> int:
    return sum(bool(step.operations) for step in run.reads)


def _plan(base: Baseline, fault: Fault, kind: _Kind) -> Plan:
    proxied, hints = kind.run.plan.proxied, kind.run.plan.hints
    about = f"with a fault{' behind a proxy' if proxied else ''}: {fault}{with_hints(kind.run)}"
    most = base.most_reads + 2 * len(kind.run.reads)
    return base.plan(Plan(about=about, fault=fault, hints=hints, most_reads=most, proxied=proxied))


def _none_met(context: Context, tried: int, points: Sequence[Point]) -> str:
    if context.fault is not None:
        return f"{context.fault} (--panoply-fault) was not met: {why_missed(context.fault, points)}."
    return f"No fault was reached: in other runs, the source did not do again what it did in the first one ({tried} tried)."


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
            received=f"{count(missing.total(), 'record is', 'records are')} missing, {said}; first of all {examples(context, base.clean, missing)}",
            fix="Move on (the page, the cursor, the buffer) only once what was fetched is complete, and let the exception out of "
            "read(): the next call then asks for the same again. A generator that raised is over: keep the position on self.",
            source=_line(run, hit),
            replay=_replay(run),
        )
    last = raised[-1] if raised else None
    if last is not None and last.raised is not None and last.raised.of_token:
        # The token endpoint was asked three times; that this is the end is the SDK's doing.
        return None
    if run.end is End.HUNG and run.plan.fault is not None and run.plan.fault.spell == "until-raised" and not raised:
        return None  # it never raised, so that the fault never passed: faults_are_reported says so
    if last is not None and last.raised is not None and not last.raised.retryable:
        received = (
            f"{last.name} raised {last.raised}, with retryable = False: the platform gives up, and what is left is lost"
        )
        fix = "Keep retryable = False for what will fail in the same way again, such as refused credentials."
    else:
        received = what_happened(run)
        fix = "Let read() work again after it has raised: make a new connection, and a new generator, where the old one is broken."
    return Finding(
        place=place,
        expected=expected,
        received=received,
        fix=fix,
        source=_line(run, hit),
        detail=last.raised.frames if last is not None and last.raised is not None else run.stack,
        replay=_replay(run),
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
                    "complete batch ended.",
                    source=_line(run, run.hits[0]),
                    replay=_replay(run),
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
        finding = _of_outage(runs.base, run)
        if finding is not None:
            findings.append(finding)
        if len(findings) >= ENOUGH:
            break
    if findings:
        return failed(*grouped(findings), notes=_notes(context, runs))
    return passed(runs.met, *_notes(context, runs))


def _of_outage(base: Baseline, run: Observation) -> Finding | None:
    taken = next(_untrue(base, run), None)
    if taken is None and run.end is not End.HUNG and (run.reached_eof or any(step.raised for step in run.reads)):
        return None
    if taken is not None and taken.batch is not None:
        received = (
            f"None, as if everything had been read: {base.missing(run.prints()).total():,} of "
            f"{count(base.prints.total(), 'record')} are missing"
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
        "raise; look at the status of an answer before its content (raise_for_status).",
        source=_line(run, run.hits[0]),
        detail=run.stack,
        replay=_replay(run),
    )


def _untrue(base: Baseline, run: Observation) -> Iterator[Step]:
    """The reads of an outage that took it for the end, or for nothing being there.

    Not all that gave nothing did: a connection may fail while it is said good-bye to, once everything is here. Then None is
    true, and so is an empty batch where a clean run, with as many records given, has one as well.
    """
    true = _empty_batches(base.clean)
    seen: Counter[int] = Counter()
    given = 0
    for step in run.reads:
        batch = step.batch
        if batch is None:
            continue
        given += batch.records
        if batch.is_none:
            if base.missing(run.prints()):
                yield step
        elif batch.length == 0:
            seen[given] += 1
            if step.hits and seen[given] > true[given]:
                yield step


def _empty_batches(clean: Observation) -> Counter[int]:
    """How many empty batches there were, by the number of records given until then."""
    found: Counter[int] = Counter()
    given = 0
    for step in clean.batches:
        if step.batch is not None:
            given += step.batch.records
            found[given] += step.batch.length == 0
    return found


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
        *(replace(_plan_of_silence(fault, clean), proxied=clean.unseen) for fault in last_silences(native)),
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
                        fix=_LIMIT,
                        source=_line(run, run.hits[0]),
                        detail=run.stack,
                        replay=_replay(run),
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
    "socket.create_connection(address, timeout=30), aiohttp.ClientTimeout(total=60), asyncio.timeout(30) around the rest. For a "
    "database, both to connect and to wait for an answer: connect_timeout and read_timeout (PyMySQL), timeout (pg8000), "
    "timeout and command_timeout (asyncpg), connect_timeout and a wait callback with a limit (psycopg2)."
)


def _plan_of_silence(fault: Fault, clean: Observation) -> Plan:
    return Plan(about=f"with a fault: {fault}", fault=fault, most_reads=3 * len(clean.reads) + 50)


def _place(run: Observation) -> str:
    hit = run.hits[0]
    spell = _SPELLS[run.plan.fault.spell] if run.plan.fault is not None else ""
    return f"{hit.operation}, where {_WORDS[hit.kind]}, {spell}{with_hints(run)}"


def _line(run: Observation, hit: Hit) -> str:
    return hit.operation.where or run.stuck_at or location(run)


def _replay(run: Observation) -> str:
    return f"--panoply-fault={run.plan.fault}"


def _notes(context: Context, runs: _Runs) -> tuple[str, ...]:
    chosen = (
        (f"Chosen with --panoply-seed={context.seed}: {runs.met}.",)
        if context.fault is None and len(runs.runs) < runs.points
        else ()
    )
    return (*chosen, *runs.notes, *runs.base.notes)
