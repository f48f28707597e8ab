"""What checks say of observations that hardly a source would give: where a bound lies, and which of two reasons counts."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from dataclasses import replace

import pytest

from panoply_testing._breakages import Breakage
from panoply_testing._config_facts import ParamFacts
from panoply_testing.checks import Context
from panoply_testing.checks._compare import baseline_of, in_several_batches
from panoply_testing.checks._footprints import all_released, imports_quietly
from panoply_testing.checks.bad_credentials import bad_credentials_are_not_retried, bad_credentials_fail_clearly
from panoply_testing.checks.faults import (
    faults_are_reported,
    network_calls_time_out,
    read_repeats_nothing_after_a_fault,
    read_survives_a_fault,
)
from panoply_testing.checks.hints import read_treats_n_as_a_hint
from panoply_testing.checks.independence import (
    instances_are_independent,
    source_is_reusable,
)
from panoply_testing.checks.state import state_resumes
from panoply_testing.contract import CONTRACT
from panoply_testing.faults import Fault, Hit, Operation
from panoply_testing.footprints import Trace
from panoply_testing.observation import (
    PRINT,
    Batch,
    End,
    Leak,
    ModuleFacts,
    Observation,
    Progress,
    Raised,
    StateFacts,
    Step,
)
from panoply_testing.plans import CLEAN, FIRST_READS, Second

MODULE = ModuleFacts(
    name="acme",
    stream="a class",
    stream_is_class=True,
    stream_is_data_source=True,
    overrides_read=True,
    config_findings=(),
    read_at="acme.py:9 in read",
)
REFUSED = Raised(type_name="Refused", message="Acme refused the token", where="acme.py:12 in read", retryable=False)


def step(kind="read", number=1, **facts):
    return Step(kind=kind, call=f"{kind}()", number=number, seconds=0.0, **facts)


def read(number=1, rows=1, **facts):
    return step(number=number, batch=Batch(type_name="list", is_list=True, length=rows, records=rows), **facts)


EOF = step(number=9, batch=Batch(type_name="NoneType", is_none=True))


def seen(*steps, **facts):
    return Observation(**{"plan": CLEAN, "end": End.COMPLETE, "module": MODULE, "steps": steps, **facts})


def judged(check, run, **more):
    return check(Context(ask=lambda plan: replace(run, plan=plan), **more))


def refusal(*steps, check=bad_credentials_fail_clearly, **facts):
    return judged(check, seen(*steps, **{"end": End.GAVE_UP, **facts}), bad_params=True)


def outcome(verdict):
    return "skipped" if verdict.skip is not None else "failed" if verdict.findings else "passed"


@pytest.mark.parametrize(
    ("before", "itself", "after", "says"),
    [
        (300.0, 300.0, 0.0, "passed"),
        (300.0, 301.0, 0.0, "failed"),
        (601.0, 0.0, 0.0, "failed"),
        (0.0, 601.0, 0.0, "failed"),
        (0.0, 0.0, 900.0, "passed"),
    ],
)
def test_a_refusal_may_take_ten_minutes_of_the_source_s_time(before, itself, after, says):
    verdict = refusal(
        step("construct", waited=before), step(raised=REFUSED, waited=itself), step("close", waited=after)
    )
    assert outcome(verdict) == says
    assert not verdict.findings or "10 minutes of waiting" in verdict.findings[0].received


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ("refused by Acme", "passed"),
        ("401 refused", "passed"),
        ("refused", "failed"),
        ("401 40 1 no", "failed"),
        ("user_name 401", "passed"),
        ("a b_c 1de", "failed"),
        ("  ", "failed"),
    ],
)
def test_a_refusal_has_words_of_its_own(message, says):
    assert outcome(refusal(step(raised=replace(REFUSED, message=message)))) == says


@pytest.mark.parametrize("defect", ["KeyError", "TypeError", "SystemExit"])
def test_a_mistake_in_the_code_is_no_refusal_however_many_words_it_has(defect):
    assert outcome(refusal(step(raised=replace(REFUSED, type_name=defect)))) == "failed"


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"end": End.ENDLESS}, "100 reads passed"),
        ({"end": End.HUNG, "unfinished": step(number=3), "limit": 9.0}, "read 3 did not return within 9 seconds"),
    ],
)
def test_a_refusal_after_which_the_source_goes_on_for_ever_is_none(facts, says):
    steps = [step(raised=REFUSED), *(read(number, rows=0) for number in range(2, 101))]
    verdict = refusal(*steps, **facts)
    assert "Acme refused the token, and then " in verdict.findings[0].received
    assert says in verdict.findings[0].received


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ((step(raised=REFUSED), read(2, rows=3)), "it gave 3 records, as if these params were good"),
        ((step(raised=REFUSED), EOF), "an empty success: None, and no exception"),
        ((step("close", raised=REFUSED),), "the first close() raised Refused"),
    ],
)
def test_a_success_after_a_refusal_is_what_counts(steps, says):
    verdict = refusal(*steps)
    assert says in verdict.findings[0].received
    assert refusal(*steps, check=bad_credentials_are_not_retried).skip.startswith("No exception left the source")


def test_a_refusal_that_will_be_one_again_says_so():
    assert outcome(refusal(step(raised=REFUSED), check=bad_credentials_are_not_retried)) == "passed"
    again = replace(REFUSED, retryable=True)
    assert outcome(refusal(step(raised=again), check=bad_credentials_are_not_retried)) == "failed"


@pytest.mark.parametrize("check", [bad_credentials_fail_clearly, bad_credentials_are_not_retried])
@pytest.mark.parametrize("bad_params", [False, True])
def test_a_module_that_cannot_be_imported_is_skipped_as_such(check, bad_params):
    run = seen(step("import", raised=REFUSED), module=None, end=End.GAVE_UP)
    assert judged(check, run, bad_params=bad_params).skip.startswith("The module could not be imported")


@pytest.mark.parametrize("check", [bad_credentials_fail_clearly, bad_credentials_are_not_retried])
def test_without_params_that_are_refused_nothing_is_judged(check):
    run = seen(step(raised=REFUSED))
    assert judged(check, run).skip.startswith("There are no params that the far end refuses")


class Pages:
    """A source that fetches a page with one record in each read; a fault changes its run as `under` says."""

    def __init__(self, pages, under=lambda run: run, **facts):
        self.asked = []
        self.under = under
        fetched = (Operation(number=number, kind="receive", host="api:80") for number in range(1, pages + 1))
        self.steps = [
            replace(read(number), operations=(operation,), batch=replace(read().batch, prints=prints_of(number)))
            for number, operation in enumerate(fetched, 1)
        ]
        self.facts = facts

    def ask(self, plan):
        self.asked.append(plan)
        run = seen(*self.steps, EOF, plan=plan, **self.facts)
        if plan.fault is None:
            return run
        met = tuple(
            Hit(kind=plan.fault.kind, operation=each) for each in run.operations if each.number == plan.fault.at
        )
        return self.under(replace(run, hits=met))

    @property
    def faults(self):
        return [plan.fault for plan in self.asked if plan.fault is not None]


def prints_of(*records):
    return array(PRINT, records).tobytes()


RECOVERY = (read_survives_a_fault, read_repeats_nothing_after_a_fault)


@pytest.mark.parametrize("check", [*RECOVERY, faults_are_reported])
@pytest.mark.parametrize("spell", ["once", "until-raised", "for-good"])
def test_a_single_fault_is_injected_where_it_is_of_the_rule_s_kind(check, spell):
    fault, source = Fault(kind="reset", at=2, spell=spell), Pages(3)
    verdict = check(Context(ask=source.ask, fault=fault))
    if (spell == "for-good") is (check is faults_are_reported):
        assert source.faults == [fault]
        assert verdict.skip is None
    else:
        assert source.faults == []
        assert verdict.skip == f"Only reset@2:{spell} is injected (--panoply-fault)."


@pytest.mark.parametrize(("pages", "passing", "lasting"), [(100, 48, 24), (101, 24, 12)])
def test_of_a_long_run_half_as_many_points_are_tried(pages, passing, lasting):
    for check, most in ((read_survives_a_fault, passing), (faults_are_reported, lasting)):
        source = Pages(pages)
        check(Context(ask=source.ask))
        assert len(source.faults) == most


@pytest.mark.parametrize("reason", ["", "no time limit"])
def test_after_three_runs_that_hang_no_more_are_made(reason):
    source = Pages(2, lambda run: replace(run, end=End.HUNG, reason=reason, steps=run.steps[:1]))
    faults_are_reported(Context(ask=source.ask))
    assert len(source.faults) == 3


def test_where_one_spell_hangs_the_others_are_tried_all_the_same():
    source = Pages(12, lambda run: run if run.plan.fault.spell == "once" else replace(run, end=End.HUNG))
    read_survives_a_fault(Context(ask=source.ask))
    assert Counter(fault.spell for fault in source.faults) == {"once": 24, "until-raised": 3}


def test_where_no_fault_is_met_nothing_is_judged():
    source = Pages(2, lambda run: replace(run, hits=()))
    verdict = read_survives_a_fault(Context(ask=source.ask))
    assert verdict.skip.startswith("No fault was reached")
    assert verdict.skip.endswith("(8 tried).")


def test_which_points_were_chosen_is_noted_where_not_all_were():
    assert read_survives_a_fault(Context(ask=Pages(12).ask)).notes == ()
    notes = read_survives_a_fault(Context(ask=Pages(13).ask, seed=5)).notes
    assert notes == ("Chosen with --panoply-seed=5: 48 faults injected, of 52 that could be.",)
    fault = Fault(kind="reset", at=2)
    assert read_survives_a_fault(Context(ask=Pages(13).ask, fault=fault)).notes == ()


HUNG = {"end": End.HUNG, "unfinished": step(number=2), "limit": 9.0}


@pytest.mark.parametrize(
    ("spell", "steps", "how", "says"),
    [
        ("until-raised", (), HUNG, "passed"),
        ("once", (), HUNG, "failed"),
        ("until-raised", (step(raised=REFUSED),), HUNG, "failed"),
        ("until-raised", (), {"end": End.ENDLESS}, "failed"),
    ],
)
def test_a_source_that_never_raises_is_not_blamed_for_the_fault_that_waits_for_that(spell, steps, how, says):
    source = Pages(2, lambda run: replace(run, steps=steps, **how))
    verdict = read_survives_a_fault(Context(ask=source.ask, fault=Fault(kind="reset", at=1, spell=spell)))
    assert outcome(verdict) == says


def down(*steps, **how):
    """What a check says of a source that goes on like this once the connection is down."""
    source = Pages(2, lambda run: replace(run, steps=(run.steps[0], *steps), **{"end": End.GAVE_UP, **how}))
    return faults_are_reported(Context(ask=source.ask, fault=Fault(kind="reset", at=2, spell="for-good")))


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ((step(number=2, raised=REFUSED, hits=1),), "passed"),
        ((read(2, hits=1), step(number=3, raised=REFUSED, hits=1)), "passed"),
        ((read(2, rows=0, hits=1), step(number=3, raised=REFUSED)), "failed"),
        ((step(number=2, raised=REFUSED, hits=1), read(3, rows=0)), "passed"),
        ((step(number=2, raised=REFUSED, hits=1), EOF), "failed"),
        ((read(2, hits=1),), "failed"),
    ],
)
def test_while_the_connection_is_down_only_an_exception_will_do(steps, says):
    assert outcome(down(*steps)) == says


def test_a_source_that_hangs_after_it_has_raised_never_tells_the_user():
    assert outcome(down(step(number=2, raised=REFUSED, hits=1), **HUNG)) == "failed"


def silent(under=lambda run: run, **facts):
    """What is said of a source that waits twice for a far end, which may fall silent; and which faults are tried."""
    source = Pages(2, under)
    source.steps = [
        replace(each, operations=tuple(replace(operation, **facts) for operation in each.operations))
        for each in source.steps
    ]
    return network_calls_time_out(Context(ask=source.ask)), source.faults


def test_a_call_without_a_time_limit_is_told_without_waiting_for_it():
    verdict, faults = silent()
    assert [finding.expected for finding in verdict.findings] == ["a time limit"]
    assert faults == []


def test_a_call_with_a_time_limit_is_believed():
    verdict, faults = silent(limit=30.0)
    assert (verdict.findings, verdict.looked_at, faults) == ((), "2 operations", [])


def test_what_waits_elsewhere_is_made_to_wait():
    verdict, faults = silent(blocking=False)
    assert (verdict.findings, verdict.looked_at) == ((), "2 operations, 2 of them met a silent far end")
    assert [str(fault) for fault in faults] == ["silent@1:once", "silent@2:once"]


def test_what_waits_for_ever_is_found_and_no_other_is_tried():
    verdict, faults = silent(lambda run: replace(run, **HUNG), blocking=False)
    assert verdict.findings[0].received == "none: read 2 did not return within 9 seconds"
    assert [fault.at for fault in faults] == [1]


@pytest.mark.parametrize("how", [{}, HUNG])
def test_a_far_end_that_nobody_asks_again_is_not_silent(how):
    verdict, _ = silent(lambda run: replace(run, hits=(), **how), blocking=False)
    assert verdict.skip.startswith("In other runs, the source did not do again")


class Rows:
    """A source with so many records, which loses them all where `breaks` says so of the hints it is read with."""

    def __init__(self, rows, breaks=lambda hints: False, **facts):
        self.asked, self.breaks, self.rows, self.facts = [], breaks, rows, facts

    def ask(self, plan):
        self.asked.append(plan)
        broken = plan.hints != CLEAN.hints and self.breaks(plan.hints)
        rows = 0 if broken else self.rows
        batch = replace(read(rows=rows).batch, prints=prints_of(*range(rows)))
        return seen(replace(read(), batch=batch), EOF, plan=plan, **self.facts)

    def judged(self, **more):
        return read_treats_n_as_a_hint(Context(ask=self.ask, **more))

    @property
    def hints(self):
        return [plan.hints for plan in self.asked if plan.about.startswith("read with")]


def test_all_the_records_and_no_end_are_not_the_same():
    source = Rows(5)

    def ask(plan):
        run = source.ask(plan)
        return run if plan.hints == CLEAN.hints else replace(run, steps=run.steps[:-1], end=End.ENDLESS)

    assert "1 read passed without EOF" in read_treats_n_as_a_hint(Context(ask=ask)).findings[0].received


def test_only_the_hints_that_the_user_asks_for_are_tried():
    source = Rows(5)
    assert source.judged(hints=(3, None, None)).looked_at == "1 sequence of hints, 5 records each"
    assert source.hints == [(3, None)]
    assert outcome(Rows(5, lambda hints: None in hints).judged(hints=(3, None))) == "failed"


@pytest.mark.parametrize(("rows", "first"), [(2000, (1,)), (2001, (1,) * 200 + (1000,))])
def test_many_records_are_not_all_read_one_by_one(rows, first):
    source = Rows(rows)
    source.judged(most_hints=3)
    assert source.hints[0] == first
    assert source.hints[1:5] == [(None,), (1, 1000), (10**9,), (7, None, 2, 1000)]
    assert ({hints[-1] for hints in source.hints[5:]} == {1000}) is (rows > 2000)


@pytest.mark.parametrize(
    ("breaks", "smallest"),
    [
        (lambda hints: 1 in hints, r"1"),
        (lambda hints: len(set(hints)) > 1, r"[^,]+,[^,]+"),
        (lambda hints: hints[0] == 4 or 10**9 in hints, r"1000000000"),
        # Only one that is drawn finds this.
        (lambda hints: hints[0] == 2, r"2"),
        (lambda hints: None in hints and len(hints) > 1, r"[^,]+,[^,]+"),
    ],
)
def test_a_sequence_that_fails_is_made_small(breaks, smallest):
    source = Rows(20, breaks)
    verdict = source.judged()
    assert re.fullmatch(f"--panoply-hints={smallest}", verdict.findings[0].replay)
    # No sequence is run twice, and none that ends in repeats.
    assert len(source.hints) == len(set(source.hints)) <= 65
    assert not [hints for hints in source.hints if len(hints) > 1 and hints[-1] == hints[-2]]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ((), r"0 records; 2 records are missing, first of all .*"),
        ((0, 0, 1), r"3 records; 1 came too often, first of all .*"),
        ((0, 0), r"2 records; 1 record is missing, first of all .*; 1 came too often, first of all .*"),
    ],
)
def test_what_other_hints_lose_or_repeat_is_counted(rows, says):
    def ask(plan):
        prints = (0, 1) if plan.hints == CLEAN.hints else rows
        batch = replace(read(rows=len(prints)).batch, prints=prints_of(*prints))
        return seen(replace(read(), batch=batch), EOF, plan=plan)

    (finding,) = read_treats_n_as_a_hint(Context(ask=ask)).findings
    assert re.fullmatch(says, finding.received)


def test_hypothesis_tries_as_many_sequences_as_it_may():
    few, many = Rows(20), Rows(20)
    few.judged(most_hints=2)
    many.judged(most_hints=30)
    assert len(few.hints) <= 7
    assert 20 < len(many.hints) <= 35


class Shifting:
    """A source whose runs from start to end differ: what they give is told for one run after the other."""

    def __init__(self, *runs, still=None):
        self.asked, self.runs, self.still = {}, list(runs), still

    def ask(self, plan):
        if plan not in self.asked:
            self.asked[plan] = self.still if plan.ignoring and self.still else self.runs.pop(0)
        prints, columns = self.asked[plan]
        batch = replace(read(rows=len(prints)).batch, prints=prints_of(*prints))
        return seen(replace(read(), batch=batch), EOF, plan=plan, columns=columns)


def columns(**sums):
    return tuple(sums.items())


def test_columns_that_differ_from_run_to_run_are_left_out_and_named():
    source = Shifting(
        ((1, 2), ()),
        ((3, 4), columns(id=7, at=1, run=1)),
        ((5, 6), columns(id=7, at=2, run=2)),
        still=((8, 9), ()),
    )
    base = baseline_of(Context(ask=source.ask))
    assert base.ignoring == ("at", "run")
    assert base.prints == {8: 1, 9: 1}
    assert base.notes == ("Not compared, since two clean runs already differ there: at, run.",)
    assert [plan.ignoring for plan in source.asked] == [(), (), (), ("at", "run"), ("at", "run")]


def test_where_two_runs_are_the_same_nothing_is_left_out():
    base = baseline_of(Context(ask=Shifting(((1, 2), ()), ((2, 1), ())).ask))
    assert (base.prints, base.ignoring, base.notes) == ({1: 1, 2: 1}, (), ())


@pytest.mark.parametrize(
    ("runs", "still", "says"),
    [
        ((((1, 2), ()), ((1, 2, 3), ())), None, "Two clean runs gave 2 records and 3 records"),
        ((((1, 2), ()), ((3, 4), columns(id=7)), ((5, 6), columns(id=7))), None, "no columns of their own"),
        ((((), ()),), None, "There were no records to compare"),
    ],
)
def test_what_differs_otherwise_cannot_be_compared(runs, still, says):
    assert says in baseline_of(Context(ask=Shifting(*runs, still=still).ask)).skip


def test_what_differs_in_spite_of_the_columns_left_out_cannot_be_compared():
    given = [((1, 2), ()), ((3, 4), columns(id=7, at=1)), ((5, 6), columns(id=7, at=2)), ((8, 9), ()), ((8, 7), ())]
    assert "no columns of their own" in baseline_of(Context(ask=Shifting(*given).ask)).skip


@pytest.mark.parametrize(
    ("run", "says"),
    [
        (seen(module=None, end=End.DIED), "The module could not be imported"),
        (seen(read(), end=End.GAVE_UP), "because the source gave up"),
        (seen(read(), end=End.ENDLESS), "because EOF never came"),
    ],
)
def test_a_run_that_is_not_whole_is_nothing_to_compare_with(run, says):
    assert says in baseline_of(Context(ask=lambda plan: run)).skip


def cutting(*sizes, under=lambda run: run):
    """What makes the runs of a source with batches of these sizes that otherwise obeys n; and what it is read with then."""
    total, asked = sum(sizes), []

    def ask(plan):
        hint = plan.hints[-1]
        given = sizes if hint == CLEAN.hints[-1] else [min(hint, total - start) for start in range(0, total, hint)]
        ends = [sum(given[:number]) for number in range(1, len(given) + 1)]
        reads = (
            replace(
                read(number, rows=rows), batch=replace(read(rows=rows).batch, prints=prints_of(*range(end - rows, end)))
            )
            for number, (rows, end) in enumerate(zip(given, ends, strict=True), 1)
        )
        run = seen(*reads, EOF, plan=plan)
        if given is sizes:
            return run
        asked.append(hint)
        return under(run)

    return ask, asked


def cut(*sizes, under=lambda run: run):
    """What is taken for a run of it in several batches, and what it is read with for that."""
    ask, asked = cutting(*sizes, under=under)
    context = Context(ask=ask)
    run = in_several_batches(context, baseline_of(context))
    return [step.batch.records for step in run.batches], asked


@pytest.mark.parametrize(
    ("sizes", "batches", "asked"),
    [
        ([12], [3, 3, 3, 3], [3]),
        ([4, 4], [2, 2, 2, 2], [2]),
        ([6, 0, 0, 6], [3, 3, 3, 3], [3]),
        ([3], [1, 1, 1], [1]),
        ([2], [2], []),
        ([4, 4, 4], [4, 4, 4], []),
    ],
)
def test_few_batches_are_cut_into_more_where_there_are_records_enough(sizes, batches, asked):
    assert cut(*sizes) == (batches, asked)


@pytest.mark.parametrize(
    "under",
    [
        lambda run: replace(run, steps=run.steps[1:]),
        lambda run: replace(run, steps=run.steps[:-1]),
        lambda run: replace(
            run, steps=(replace(run.steps[0], batch=replace(read(rows=12).batch, prints=prints_of(*range(12)))), EOF)
        ),
    ],
    ids=["other records", "no end", "no more batches"],
)
def test_where_less_at_a_time_changes_more_than_that_or_nothing_it_is_not_looked_at(under):
    assert cut(12, under=under) == ([12], [3])


def test_two_instances_of_the_same_records_are_no_surplus():
    base = baseline_of(Context(ask=Shifting(((1, 1, 2), ()), ((1, 1, 2), ())).ask))
    assert base.missing(Counter({1: 1, 2: 1})) == {1: 1}
    assert base.surplus(Counter({1: 3, 2: 1})) == {1: 1}


def left(kind="socket", what="a socket", where="", by=""):
    return Trace(kind=kind, what=what, where=where, by=by)


def test_what_a_library_keeps_is_noted_and_what_python_keeps_is_not():
    traces = (
        left(what="a socket", by="acme_sdk"),
        left(what="a pipe", by="Python"),
        left(kind="output", what="a word"),
        left(what="a file"),
    )
    verdict = all_released([("after EOF", traces)])
    assert [finding.received for finding in verdict.findings] == ["a file is left"]
    assert verdict.notes == ("After close(), a socket is left of acme_sdk, which had it from its import on.",)


def test_of_one_line_one_thing_is_told_and_without_a_line_each():
    here = [left(what="the thread 'a'", where="x.py:1"), left(what="the thread 'b'", where="x.py:1")]
    nowhere = [left(what="the thread 'c'"), left(what="the thread 'd'"), left(what="the thread 'd'")]
    verdict = all_released([("after EOF", [*here, *nowhere])])
    assert [finding.received[12] for finding in verdict.findings] == ["a", "c", "d"]


def test_each_kind_is_told_before_a_second_one_of_any_and_five_at_most():
    many = [left(kind="socket", what=f"socket {number}") for number in range(6)]
    verdict = all_released(
        [("after EOF", [*many, left(kind="thread", what="a thread"), left(kind="task", what="a task")])]
    )
    assert [finding.received for finding in verdict.findings] == [
        f"{what} is left" for what in ("socket 0", "a thread", "a task", "socket 1", "socket 2")
    ]


def test_what_a_library_does_at_its_import_is_noted_where_it_costs_something():
    traces = (
        left(kind="network", what="connects to a", by="acme_sdk"),
        left(kind="hook", what="sets a hook", by="acme_sdk"),
        left(kind="network", what="connects to b", by="Python"),
        left(kind="socket", what="opens a socket"),
    )
    verdict = imports_quietly(traces)
    assert verdict.findings == ()
    assert verdict.notes == (
        "While acme_sdk was imported, it connects to a: that library's own doing, and not counted.",
    )
    assert [
        finding.received for finding in imports_quietly([*traces, left(kind="output", what="prints")]).findings
    ] == ["it prints"]


RULES = {check.name: check for check in CONTRACT}


@pytest.mark.parametrize("spell", ["once", "until-raised", "for-good"])
def test_a_credential_is_found_in_whatever_run_it_is_let_out(spell):
    leak = Leak(kind="log", channel="logging", secret="param token", encoding="as is", excerpt="tk***q8")

    def under(run):
        last = replace(run.steps[-2], leaks=(leak,) if run.plan.fault.spell == spell else ())
        return replace(run, steps=(*run.steps[:-2], last, run.steps[-1]))

    source = Pages(2, under, secrets=("param token",))
    verdict = RULES["logs_hide_credentials"].verdict(Context(ask=source.ask))
    assert "with a fault: " in verdict.findings[0].place
    assert re.fullmatch(rf"--panoply-fault=reset@\d:{spell}", verdict.findings[0].replay)
    assert RULES["errors_hide_credentials"].verdict(Context(ask=source.ask)).findings == ()


IMPORTED = {"module_imports_quietly", "config_is_valid"}
CONSTRUCTED = {*IMPORTED, "stream_is_data_source", "constructor_takes_source_and_options"}


@pytest.mark.parametrize(
    ("run", "passed", "failed"),
    [
        (
            seen(step("import", raised=REFUSED), module=None, end=End.GAVE_UP),
            {"read_terminates"},
            {"stream_is_data_source"},
        ),
        (
            seen(module=replace(MODULE, stream=None, stream_is_data_source=False, overrides_read=False)),
            {*IMPORTED, "read_terminates"},
            {"stream_is_data_source"},
        ),
        (
            seen(step("construct", raised=REFUSED), end=End.GAVE_UP),
            {*IMPORTED, "stream_is_data_source", "read_terminates"},
            {"constructor_takes_source_and_options"},
        ),
        (
            seen(step("construct"), EOF, step("close"), step("close", 2), step("end")),
            {
                *CONSTRUCTED,
                "read_accepts_optional_n",
                "read_ends_with_none",
                "read_stays_at_eof",
                "read_terminates",
                "close_is_idempotent",
                "close_releases_everything",
            },
            {"log_is_used"},
        ),
        (
            seen(step("construct"), read(progress_count=1), end=End.DIED, unfinished=step(number=2)),
            {*CONSTRUCTED, "read_accepts_optional_n"},
            {"read_ends_with_none", "read_terminates", "log_is_used"},
        ),
        (
            seen(step("construct"), *(read(each, rows=0, progress_count=1) for each in (1, 2, 3)), end=End.ENDLESS),
            {
                *CONSTRUCTED,
                "read_accepts_optional_n",
                "read_returns_list_of_dicts",
                "read_terminates",
                "batches_are_independent",
                "progress_on_every_read",
                "progress_moves_forward",
            },
            {"read_ends_with_none", "log_is_used"},
        ),
    ],
    ids=["not imported", "no stream", "not constructed", "no records", "died", "empty lists for ever"],
)
def test_what_was_not_seen_is_skipped_rather_than_passed(run, passed, failed):
    found = {check.name: outcome(judged(check.verdict, run)) for check in CONTRACT}
    assert {name for name, how in found.items() if how == "passed"} == passed
    assert {name for name, how in found.items() if how == "failed"} == failed


def resumed(*steps, asked=None, **how):
    """What is said of a source of three batches that goes on like this from any state."""
    states = [
        replace(each, states=(StateFacts(number=each.number, state_id=str(each.number)),)) for each in Pages(3).steps
    ]

    def ask(plan):
        if plan.resume_after is None:
            return seen(*states, EOF, plan=plan)
        if asked is not None:
            asked.append(plan.resume_after)
        first = states[: plan.resume_after]
        return seen(*first, *(replace(each, instance=2) for each in steps), plan=plan, **how)

    return state_resumes(Context(ask=ask))


def test_a_new_instance_goes_on_from_the_state_after_each_batch():
    asked = []
    verdict = resumed(*Pages(3).steps[1:], EOF, asked=asked)
    assert (outcome(verdict), asked) == ("passed", [1, 2, 3])
    assert verdict.looked_at == "3 new instances, one after each of the batches"


@pytest.mark.parametrize(
    ("steps", "how", "says"),
    [
        ((EOF,), {}, "2 of 3 records are missing"),
        ((*Pages(3).steps, step(number=4, raised=REFUSED)), {"end": End.GAVE_UP}, "read 4 raised Refused"),
        (Pages(3).steps, {"end": End.ENDLESS}, "passed without EOF"),
        ((step("construct", raised=REFUSED),), {"end": End.GAVE_UP}, "the constructor raised Refused"),
    ],
)
def test_a_new_instance_that_does_not_come_to_the_end_with_all_records_is_found(steps, how, says):
    verdict = resumed(*steps, **how)
    assert verdict.findings[0].place == "a new instance with the state after batch 1"
    assert says in verdict.findings[0].received


def both(check, change=lambda run: run, only=None):
    """What is said of a source whose two instances give three records each, but for what `change` makes of that run."""

    def ask(plan):
        pages = Pages(3)
        if plan.second is None:
            return pages.ask(plan)
        first, second = [*pages.steps, EOF], [replace(each, instance=2) for each in (*pages.steps, EOF)]
        run = seen(step("construct"), *first, *second, plan=plan)
        return change(run) if only in {None, plan.second} else run

    return check(Context(ask=ask))


def without(instance, *numbers):
    return lambda run: replace(
        run, steps=tuple(each for each in run.steps if each.instance != instance or each.number not in numbers)
    )


@pytest.mark.parametrize("only", [Second.INTERLEAVED, Second.READ_FIRST])
@pytest.mark.parametrize("instance", [1, 2])
@pytest.mark.parametrize(
    ("numbers", "says"),
    [((2,), "2 records: 1 record is missing"), ((9,), "the source gave up")],
)
def test_each_instance_of_two_has_to_give_all_records_in_either_order(only, instance, numbers, says):
    verdict = both(instances_are_independent, without(instance, *numbers), only)
    assert verdict.findings[0].place.endswith(f"instance {instance}")
    assert says in verdict.findings[0].received


def test_two_instances_that_give_the_same_are_independent_and_their_params_reusable():
    assert outcome(both(instances_are_independent)) == "passed"
    assert outcome(both(source_is_reusable)) == "passed"


def test_a_record_too_many_in_one_instance_is_found():
    def more(run):
        again = replace(run.steps[-2], number=4)
        return replace(run, steps=(*run.steps[:-1], again, run.steps[-1]))

    assert "came too often" in both(instances_are_independent, more).findings[0].received


def test_a_copy_of_the_params_is_told_even_where_nothing_else_is_wrong():
    verdict = both(source_is_reusable, lambda run: replace(run, steps=(step("construct", copied=True), *run.steps[1:])))
    assert [finding.received for finding in verdict.findings] == ["another dict"]


def test_the_same_list_again_is_told_even_where_it_holds_other_records():
    first, second = read(1), read(2)
    again = replace(second, batch=replace(second.batch, same_as=1))
    verdict = judged(RULES["batches_are_independent"].verdict, seen(step("construct"), first, again, EOF))
    assert [finding.received for finding in verdict.findings] == ["the same list object as from read 1"]
    empty = replace(again, batch=replace(again.batch, length=0, records=0))
    assert (
        outcome(judged(RULES["batches_are_independent"].verdict, seen(step("construct"), first, empty, EOF)))
        == "passed"
    )


@pytest.mark.parametrize(("batches", "says"), [(0, "skipped"), (1, "skipped"), (2, "passed")])
def test_it_takes_two_batches_to_see_whether_one_changes_the_other(batches, says):
    reads = (read(number) for number in range(1, batches + 1))
    assert outcome(judged(RULES["batches_are_independent"].verdict, seen(step("construct"), *reads, EOF))) == says


@pytest.mark.parametrize(("closed", "says"), [(True, "failed"), (False, "passed")])
def test_what_is_left_after_a_fault_alone_is_found(closed, says):
    end = (step("end"),) if closed else ()
    source = Pages(2, lambda run: replace(run, left=(left(),), steps=(*run.steps, *end)))

    def ask(plan):
        run = source.ask(plan)
        return run if plan.fault is not None else replace(run, steps=(*run.steps, step("end")))

    verdict = RULES["close_releases_everything"].verdict(Context(ask=ask))
    assert outcome(verdict) == says
    assert not verdict.findings or "after a fault (" in verdict.findings[0].place


def test_what_could_not_be_watched_is_not_said_to_be_released():
    run = seen(step("construct"), read(), EOF, step("end"), unwatched="OSError")
    assert judged(RULES["close_releases_everything"].verdict, run).skip.startswith("Not all could be watched")
    leaking = replace(run, left=(left(),))
    assert outcome(judged(RULES["close_releases_everything"].verdict, leaking)) == "failed"


@pytest.mark.parametrize(
    ("sizes", "says"),
    [
        ([1] * 100, "failed"),
        ([9] * 12, "failed"),
        ([10] * 10, "passed"),
        ([9] * 11, "skipped"),
        ([50, 0, 0, 0, 50], "passed"),
    ],
)
def test_batches_are_small_below_ten_records_where_there_are_a_hundred(sizes, says):
    reads = (read(number, rows=rows) for number, rows in enumerate(sizes, 1))
    assert outcome(judged(RULES["batches_are_large"].verdict, seen(step("construct"), *reads, EOF))) == says


@pytest.mark.parametrize(("kind", "says"), [("TypeError", "failed"), ("OSError", "skipped")])
def test_where_no_call_gives_a_batch_only_a_wrong_call_is_blamed_on_n(kind, says):
    run = seen(step("construct"), step(raised=replace(REFUSED, type_name=kind)), end=End.GAVE_UP)
    assert outcome(judged(RULES["read_accepts_optional_n"].verdict, run)) == says


def test_what_comes_after_a_read_that_raised_is_looked_at_as_well():
    failed = step(number=1, raised=REFUSED)
    other = replace(read(2), batch=replace(read(2).batch, type_name="tuple", is_list=False))
    run = seen(step("construct"), failed, other, EOF)
    assert [each.received for each in judged(RULES["read_returns_list_of_dicts"].verdict, run).findings] == ["a tuple"]
    again = replace(read(3), batch=replace(read(3).batch, same_as=2))
    told = judged(RULES["batches_are_independent"].verdict, seen(step("construct"), failed, read(2), again, EOF))
    assert outcome(told) == "failed"


def broken(under, params, *clean, **more):
    """What is said of a source whose run is as `under` says where a param is broken, and which ones are."""
    asked = []
    module = replace(MODULE, params=params)

    def ask(plan):
        if plan.broken is None:
            return seen(*(clean or (step("construct"), *Pages(2).steps, EOF)), plan=plan, module=module)
        asked.append(str(plan.broken))
        return replace(under(plan.broken), plan=plan, module=module)

    return RULES["constructor_rejects_bad_params"].verdict(Context(ask=ask, **more)), asked


def refusing(breakage, message="Enter the {}, please"):
    raised = replace(REFUSED, message=message.format(breakage.param))
    return seen(step("construct", raised=raised), end=End.GAVE_UP)


def ignoring(_):
    return seen(step("construct"), *Pages(2).steps, EOF)


def nothing(_):
    return seen(step("construct"), EOF)


TWO = (ParamFacts(name="token", ways=("missing",)), ParamFacts(name="port", ways=("missing", "not-a-number")))


def test_each_way_to_break_a_param_is_tried():
    verdict, asked = broken(refusing, TWO)
    assert asked == ["token:missing", "port:missing", "port:not-a-number"]
    assert (outcome(verdict), verdict.looked_at, verdict.notes) == ("passed", "3 broken params", ())


def test_a_param_that_makes_no_difference_is_noted_and_the_others_are_judged():
    verdict, asked = broken(lambda each: ignoring(each) if each.param == "token" else refusing(each), TWO)
    assert (len(asked), verdict.looked_at) == (3, "2 broken params")
    assert "broken like this (token:missing), it gave the same records" in verdict.notes[0]
    verdict, asked = broken(ignoring, TWO)
    assert len(asked) == 3
    assert verdict.skip.startswith("Not judged")


def test_what_could_not_be_judged_is_noted_with_what_to_do_about_it():
    verdict, _ = broken(refusing, (*TWO, ParamFacts(name="key", is_lacking=True)))
    assert verdict.notes == ("Not judged, as the params at hand have no value for it: key.",)
    verdict, _ = broken(nothing, TWO, step("construct"), EOF)
    assert "it gave no records, either. Provide params with which there is something to read" in verdict.skip


def test_one_mistake_that_shows_in_several_ways_is_told_once_and_each_param_by_itself():
    verdict, _ = broken(nothing, TWO)
    assert [finding.place for finding in verdict.findings] == [
        "reading, without the param 'token'",
        "reading, without the param 'port' (likewise not-a-number)",
    ]


def test_after_five_params_that_are_not_looked_at_no_more_are_broken():
    many = tuple(ParamFacts(name=f"p{number}", ways=("missing",)) for number in range(7))
    verdict, asked = broken(nothing, many)
    assert (len(verdict.findings), len(asked)) == (5, 5)


@pytest.mark.parametrize(("reason", "tried"), [("", 1), ("no time limit", 3)])
def test_after_one_that_cost_the_whole_time_limit_no_more_are_broken(reason, tried):
    verdict, asked = broken(lambda _: seen(step("construct"), **HUNG, reason=reason), TWO)
    assert (outcome(verdict), len(asked)) == ("failed", tried)


def test_a_single_param_is_broken_where_that_is_asked_for_and_can_be():
    verdict, asked = broken(refusing, TWO, broken=Breakage(param="port", how="missing"))
    assert (outcome(verdict), asked) == ("passed", ["port:missing"])
    verdict, asked = broken(refusing, TWO, broken=Breakage(param="port", how="none"))
    assert verdict.skip.startswith("port:none is none of the ways")
    assert asked == []


@pytest.mark.parametrize(
    ("clean", "end", "says"),
    [
        ((step("construct"), read()), End.GAVE_UP, "because the source gave up"),
        ((step("construct"), read()), End.ENDLESS, "because EOF never came"),
        ((step("construct", raised=REFUSED),), End.GAVE_UP, "could not be constructed"),
    ],
)
def test_without_a_whole_run_no_param_is_broken(clean, end, says):
    def ask(plan):
        return seen(*clean, end=end, plan=plan, module=replace(MODULE, params=TWO))

    assert says in RULES["constructor_rejects_bad_params"].verdict(Context(ask=ask)).skip


def other(*records):
    """A run to the end with these records."""
    reads = (replace(read(), batch=replace(read(rows=1).batch, prints=prints_of(each))) for each in records)
    return lambda _: seen(step("construct"), *reads, EOF)


@pytest.mark.parametrize(
    ("how", "under", "says"),
    [
        ("missing", other(7, 8), "failed"),
        ("no-such-choice", other(7, 8), "skipped"),
        ("no-such-choice", other(), "failed"),
        ("no-such-choice", other(2, 1), "skipped"),
        ("missing", lambda _: seen(step("construct"), *Pages(2).steps, end=End.ENDLESS), "failed"),
    ],
)
def test_what_the_far_end_gives_for_another_choice_is_for_it_to_say(how, under, says):
    verdict, _ = broken(under, (ParamFacts(name="kind", ways=(how,)),))
    assert outcome(verdict) == says


@pytest.mark.parametrize(("without", "says"), [((0, 0), "skipped"), ((0, 1), "failed")])
def test_columns_that_differ_in_any_case_are_no_difference_that_a_param_makes(without, says):
    def ask(plan):
        # When it was read is part of each record, and no two runs are of the same time.
        clean, stamp = (0, 0), sum(map(ord, plan.about))
        prints = [each if plan.ignoring else 10 * stamp + each for each in (without if plan.broken else clean)]
        batch = replace(read(rows=2).batch, prints=prints_of(*prints))
        facts = {"module": replace(MODULE, params=TWO[:1]), "columns": columns(id=1, at=stamp)}
        return seen(step("construct"), replace(read(), batch=batch), EOF, plan=plan, **facts)

    assert outcome(RULES["constructor_rejects_bad_params"].verdict(Context(ask=ask))) == says


def test_where_clean_runs_differ_nobody_can_tell_what_a_param_changes():
    def ask(plan):
        given = Pages(2 if plan == CLEAN else 3 if plan.by_column else 4).steps
        return seen(step("construct"), *given, EOF, plan=plan, module=replace(MODULE, params=TWO))

    assert RULES["constructor_rejects_bad_params"].verdict(Context(ask=ask)).skip.startswith("Not judged")


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        # Before it looked at the param, it raised what it raises in any case.
        ((step(raised=replace(REFUSED, message="busy")), step(number=2, raised=REFUSED)), "Refused: Acme refused"),
        ((step(raised=replace(REFUSED, message="busy")), EOF), "Refused: busy; and when read() was called again, None"),
        ((step(raised=REFUSED), EOF), "Refused: Acme refused the token; and when read() was called again, None"),
        ((step("close", raised=REFUSED),), "the first close() raised Refused"),
    ],
)
def test_what_comes_with_good_params_as_well_says_nothing_of_a_broken_one(steps, says):
    clean = (step("construct"), step(raised=replace(REFUSED, message="busy")), *Pages(2).steps, EOF)
    end = End.COMPLETE if steps[-1] is EOF else End.GAVE_UP
    verdict, _ = broken(
        lambda _: seen(step("construct"), *steps, end=end), (ParamFacts(name="port", ways=("missing",)),), *clean
    )
    assert says in verdict.findings[0].received


def reporting(rows, number=1):
    """A read that reports a state."""
    return replace(read(number, rows=rows), states=(StateFacts(number=number, state_id=str(number)),))


@pytest.mark.parametrize(
    ("steps", "whole", "broken_off"),
    [
        ((read(),), "The source reports no state", "The run broke off"),
        ((reporting(0), read(2)), "State was reported only in reads without records", "The run broke off"),
    ],
)
def test_that_there_is_no_state_is_only_said_of_a_whole_run(steps, whole, broken_off):
    check = RULES["records_carry_state"].verdict
    assert judged(check, seen(step("construct"), *steps, EOF)).skip.startswith(whole)
    assert judged(check, seen(step("construct"), *steps, end=End.GAVE_UP)).skip.startswith(broken_off)


def test_a_source_without_state_has_none_that_could_be_unique_or_be_gone_on_from():
    whole, half = seen(step("construct"), read(), EOF), seen(step("construct"), read(), end=End.GAVE_UP)
    for name, otherwise in (("state_ids_are_unique", "The run broke off"), ("state_resumes", "There is no whole run")):
        assert judged(RULES[name].verdict, whole).skip.startswith("The source reports no state")
        assert judged(RULES[name].verdict, half).skip.startswith(otherwise)


def test_only_the_records_of_a_batch_with_state_have_to_carry_it():
    run = seen(step("construct"), read(1, rows=3), reporting(2, number=2), reporting(0, number=3), EOF)
    assert judged(RULES["records_carry_state"].verdict, run).looked_at == "2 records"
    lost = replace(run.steps[2], batch=replace(run.steps[2].batch, stateless=((0, "nothing"),), stateless_count=1))
    run = replace(run, steps=(*run.steps[:2], lost, *run.steps[3:]))
    assert [each.place for each in judged(RULES["records_carry_state"].verdict, run).findings] == ["read 2, record 0"]


def test_batches_are_compared_where_all_comes_in_one_as_well():
    def under(run):
        first, second, *others = run.steps
        return replace(run, steps=(first, replace(second, batch=replace(second.batch, same_as=1)), *others))

    ask, _ = cutting(12, under=under)
    (finding,) = RULES["batches_are_independent"].verdict(Context(ask=ask)).findings
    assert finding.place == "read 2, read with n = 3"


def test_batches_that_are_no_lists_are_none_to_compare_and_half_a_run_proves_nothing():
    check = RULES["batches_are_independent"].verdict
    first, second = (replace(read(each), batch=replace(read().batch, is_list=False)) for each in (1, 2))
    assert judged(check, seen(step("construct"), first, second, EOF)).skip.startswith("There was 0 batches")
    half = seen(step("construct"), read(), end=End.GAVE_UP)
    assert judged(check, half).skip.startswith("The run broke off")


def test_a_batch_that_has_changed_since_is_told_by_its_number():
    later = replace(read(3), batch=replace(read(3).batch, changed=(1,)))
    verdict = judged(RULES["batches_are_independent"].verdict, seen(step("construct"), read(1), read(2), later, EOF))
    assert [each.place for each in verdict.findings] == ["read 1"]


@pytest.mark.parametrize(
    "name",
    [
        *("batches_are_independent", "batches_are_large", "read_returns_list_of_dicts"),
        *("records_are_json", "records_fit_a_message"),
        *("progress_on_every_read", "progress_moves_forward", "progress_ends_complete", "state_ids_are_unique"),
    ],
)
def test_what_half_a_run_has_nothing_of_might_still_have_come(name):
    run = seen(step("construct"), step(raised=REFUSED), end=End.GAVE_UP)
    assert judged(RULES[name].verdict, run).skip.startswith("The run broke off, because read 1 raised Refused")


def told(loaded, total, rows=1):
    """A read that calls progress() once."""
    call = Progress(
        number=1, loaded=loaded, total=total, loaded_type="int", total_type="int", msg_type="str", has_msg=True
    )
    return replace(read(rows=rows), progress=(call,), progress_count=1, last_progress=call)


@pytest.mark.parametrize(
    ("loaded", "total", "says"),
    [(0, 0, "passed"), (0, 1, "passed"), (2, 1, "failed"), (-1, 1, "failed"), (None, 1, "failed"), (1, None, "failed")],
)
def test_progress_is_a_part_of_a_whole_which_may_be_nothing(loaded, total, says):
    run = seen(step("construct"), told(loaded, total), EOF)
    assert outcome(judged(RULES["progress_counts_are_integers"].verdict, run)) == says


@pytest.mark.parametrize(("calls", "says"), [(0, "skipped"), (1, "skipped"), (2, "passed")])
def test_it_takes_two_calls_of_progress_to_go_back(calls, says):
    run = seen(step("construct"), read(progress_count=calls), EOF)
    assert outcome(judged(RULES["progress_moves_forward"].verdict, run)) == says


@pytest.mark.parametrize(
    ("steps", "end", "says"),
    [
        ((told(1, 1), EOF), End.COMPLETE, "passed"),
        ((told(1, 2), EOF), End.COMPLETE, "failed"),
        ((told(None, None), EOF), End.COMPLETE, "failed"),
        ((told(1, 2), told(2, 2), EOF), End.COMPLETE, "passed"),
        # Nothing is wrong with what was not finished, or had nothing to tell.
        ((told(1, 2),), End.GAVE_UP, "skipped"),
        ((told(1, 2),), End.ENDLESS, "skipped"),
        ((told(0, 2, rows=0), EOF), End.COMPLETE, "skipped"),
        ((read(), EOF), End.COMPLETE, "skipped"),
    ],
)
def test_progress_ends_complete_where_all_is_read(steps, end, says):
    run = seen(step("construct"), *steps, end=end)
    assert outcome(judged(RULES["progress_ends_complete"].verdict, run)) == says


DEFECT = step(raised=replace(REFUSED, type_name="AttributeError", defect=True))
FAILURE = step(raised=REFUSED)
LAZY = step(batch=Batch(type_name="generator"))


@pytest.mark.parametrize(
    ("runs", "says"),
    [
        ([(read(),), (read(),), (read(),)], "passed"),
        # A mistake that shows in one way to call it alone comes from that; also where it looks like the end afterwards.
        ([(read(),), (read(),), (DEFECT, EOF)], "failed"),
        ([(read(),), (DEFECT, read(2)), (read(),)], "failed"),
        ([(read(),), (read(),), (FAILURE, EOF)], "passed"),
        ([(DEFECT, read(2))] * 3, "passed"),
        ([(read(),), (read(),), (FAILURE, replace(FAILURE, number=2))], "failed"),
        ([(LAZY,)] * 3, "skipped"),
    ],
)
def test_only_what_shows_in_one_way_to_call_read_is_blamed_on_n(runs, says):
    seen_runs = [seen(step("construct"), *steps, plan=plan) for plan, steps in zip(FIRST_READS, runs, strict=True)]
    assert outcome(RULES["read_accepts_optional_n"].judge(*seen_runs)) == says


@pytest.mark.parametrize(
    ("without_n", "says"), [((read(),), "skipped"), ((DEFECT,), "failed"), ((DEFECT, read(2)), "failed")]
)
def test_a_mistake_before_the_end_counts_unless_n_is_to_blame_for_it(without_n, says):
    judge = RULES["read_returns_list_of_dicts"].judge
    assert outcome(judge(seen(step("construct"), DEFECT, EOF), seen(*without_n))) == says
    assert outcome(judge(seen(step("construct"), read(), EOF), seen(*without_n))) == "passed"


@pytest.mark.parametrize(
    ("sizes", "closed"),
    [
        # With so few batches and records, the first read is all that can be broken off.
        ([1, 1, 1], []),
        ([1, 1], []),
        ([1] * 4, [2]),
        ([1] * 6, [3]),
        # Given in one batch, they are read in four; and a single record may be the middle of a batch.
        ([12], [1, 2]),
        ([3], [1, 1]),
        ([2, 1], [1, 1]),
    ],
)
def test_a_source_is_closed_after_its_first_batch_after_one_record_and_after_half_of_them(sizes, closed):
    make, _ = cutting(*sizes)
    asked = []

    def ask(plan):
        if plan.reads and plan not in FIRST_READS:
            asked.append(plan.reads)
        return make(replace(plan, reads=None))

    RULES["close_releases_everything"].verdict(Context(ask=lambda plan: with_end(ask(plan))))
    assert asked == closed


def with_end(run):
    return replace(run, steps=(*run.steps, step("end")))


LETS_OUT = {
    "log": "logs_hide",
    "progress": "progress_hides",
    "error": "errors_hide",
    "state": "state_hides",
    "record": "records_hide",
    "process": "processes_hide",
    "repr": "repr_hides",
}


@pytest.mark.parametrize(("kind", "name"), LETS_OUT.items())
def test_no_credential_is_let_out_only_where_there_was_one_to_look_for_and_something_to_look_through(kind, name):
    check = RULES[f"{name}_credentials"].verdict
    run = seen(step("construct"), read(searched=((kind, 2),)), EOF, secrets=("param token",))
    assert outcome(judged(check, run)) == "passed"
    assert judged(check, replace(run, secrets=())).skip.startswith("No credentials among the params")
    assert outcome(judged(check, replace(run, steps=(step("construct"), read(), EOF)))) == "skipped"
    lost = judged(check, replace(run, module=None, end=End.GAVE_UP))
    assert lost.skip.startswith("The module could not be imported")
    half = judged(check, replace(run, steps=run.steps[:2], end=End.GAVE_UP))
    assert outcome(half) == ("passed" if kind == "error" else "skipped")
    leak = Leak(kind=kind, channel="somewhere", secret="param token", encoding="as is", excerpt="tk***q8")
    for place in (
        {"steps": (step("construct"), replace(read(), leaks=(leak,)), EOF)},
        {"unfinished": step(leaks=(leak,))},
    ):
        assert outcome(judged(check, replace(run, **place))) == "failed"


@pytest.mark.parametrize("given", [True, False])
def test_params_that_are_refused_are_tried_where_there_are_some(given):
    source = Pages(1, secrets=("param token",))
    RULES["logs_hide_credentials"].verdict(Context(ask=source.ask, bad_params=given))
    assert any(plan.bad_params for plan in source.asked) is given


@pytest.mark.parametrize(
    ("saw", "traces", "anew", "says"),
    [
        (True, (), None, "passed"),
        (True, (left(kind="output", what="prints"),), None, "failed"),
        # Where it had been imported before, an interpreter of its own imports it; if that goes wrong, nobody knows.
        (False, (), (), "passed"),
        (False, (), (left(kind="output", what="prints"),), "failed"),
        (False, (), "not imported", "skipped"),
    ],
)
def test_a_module_that_was_imported_before_is_imported_anew(saw, traces, anew, says):
    asked = []

    def ask(plan):
        if not plan.anew:
            return seen(step("construct"), EOF, plan=plan, saw_import=saw, imported=traces)
        asked.append(plan)
        return seen(plan=plan, imported=anew) if anew != "not imported" else seen(plan=plan, module=None)

    assert outcome(RULES["module_imports_quietly"].verdict(Context(ask=ask))) == says
    assert bool(asked) is not saw


def test_an_import_that_could_not_be_watched_is_not_said_to_be_quiet():
    run = seen(step("construct"), EOF, unwatched="OSError")
    check = RULES["module_imports_quietly"].verdict
    assert judged(check, run).skip.startswith("Not all could be watched")
    assert outcome(judged(check, replace(run, imported=(left(kind="output", what="prints"),)))) == "failed"


def test_a_record_that_comes_again_after_a_fault_is_found():
    source = Pages(2, lambda run: replace(run, steps=(run.steps[0], *run.steps)))
    verdict = read_repeats_nothing_after_a_fault(Context(ask=source.ask))
    assert {finding.received.partition(",")[0] for finding in verdict.findings} == {"1 record came twice"}
    assert outcome(read_repeats_nothing_after_a_fault(Context(ask=Pages(2).ask))) == "passed"


@pytest.mark.parametrize(
    ("rows", "end", "says"),
    [
        # Where a clean run has an empty batch, with as many records given, so may one with a fault; but not another.
        ((1, 0, 1), EOF, "passed"),
        ((1, 0, 0), None, "failed"),
        ((0, 1), None, "failed"),
        ((1,), EOF, "failed"),
    ],
)
def test_an_outage_at_the_good_bye_takes_nothing_away(rows, end, says):
    def reads(sizes, **facts):
        numbers = iter((1, 2))
        return [
            replace(
                read(number, rows=size, **facts),
                batch=replace(read(rows=size).batch, prints=prints_of(*(next(numbers) for _ in range(size)))),
            )
            for number, size in enumerate(sizes, 1)
        ]

    def under(run):
        return replace(run, steps=(*reads(rows, hits=1), *([end] if end else [step(number=9, raised=REFUSED)])))

    source = Pages(1, under)
    first, *others = reads((1, 0, 1))
    source.steps = [replace(first, operations=source.steps[0].operations), *others]
    assert outcome(faults_are_reported(Context(ask=source.ask))) == says


@pytest.mark.parametrize(("everywhere", "kinds"), [(True, 4), (False, 1)])
def test_faults_are_also_tried_where_less_is_read_at_a_time(everywhere, kinds):
    make, _ = cutting(12)
    faults = []

    def ask(plan):
        run = make(plan)
        working = run.steps[:-1] if everywhere else run.steps[:1]
        fetching = [
            replace(each, operations=(Operation(number=number, kind="receive", host="api:80"),))
            for number, each in enumerate(working, 1)
        ]
        run = replace(run, steps=(*fetching, *run.steps[len(fetching) :]))
        if plan.fault is None:
            return run
        faults.append((plan.hints, plan.fault.kind))
        return replace(run, hits=(Hit(kind=plan.fault.kind, operation=run.operations[0]),))

    assert outcome(read_survives_a_fault(Context(ask=ask))) == "passed"
    assert len({kind for hints, kind in faults if hints == CLEAN.hints}) == 4
    assert len({kind for hints, kind in faults if hints == (3,)}) == kinds
    faults.clear()
    assert outcome(faults_are_reported(Context(ask=lambda plan: replace(ask(plan), end=End.COMPLETE)))) == "passed"
    assert {hints for hints, _ in faults} == {CLEAN.hints}


def test_what_hangs_after_the_end_takes_nothing_from_what_was_read_before():
    run = seen(step("construct"), read(progress_count=1), EOF, **{**HUNG, "unfinished": step(number=10, after_eof=1)})
    assert outcome(judged(RULES["progress_on_every_read"].verdict, run)) == "passed"
    assert outcome(judged(RULES["read_stays_at_eof"].verdict, run)) == "failed"
