"""Which runs are asked for where a native driver is at work, told from observations alone."""

from __future__ import annotations

from array import array
from dataclasses import replace

import pytest

from panoply_testing.checks import Context
from panoply_testing.checks.faults import network_calls_time_out, read_survives_a_fault
from panoply_testing.faults import Hit, Operation
from panoply_testing.observation import PRINT, Batch, End, ModuleFacts, Observation, Step

MODULE = ModuleFacts(
    name="acme",
    stream="a class",
    stream_is_class=True,
    stream_is_data_source=True,
    overrides_read=True,
    config_findings=(),
)
FAR = "10.0.0.5:5432"


def operations(host, blocking, reads):
    """A request and its answer in each read."""
    return [
        tuple(
            Operation(number=2 * read + index, kind=kind, host=host, blocking=blocking, limit=9.0)
            for index, kind in enumerate(("send", "receive"), 1)
        )
        for read in range(reads)
    ]


class Source:
    """Reads a record in each call, by means of Python, of a native driver, or both; stands every fault."""

    def __init__(self, *, python=0, native=0, reroute="", prints=None, through=None):
        self.python, self.native, self.reroute = python, native, reroute
        self.prints, self.through = prints, through
        self.asked = []

    def ask(self, plan):
        self.asked.append(plan)
        reads = max(self.python, self.native)
        seen = operations(FAR, blocking=False, reads=self.native) if plan.proxied else None
        seen = seen or (operations("api:443", blocking=True, reads=self.python) if not plan.proxied else [])
        prints = self.prints if plan.proxied and self.prints else range(reads)
        steps = [
            Step(
                kind="read",
                call="read(1000)",
                number=number + 1,
                seconds=0.0,
                batch=Batch(type_name="list", is_list=True, length=1, records=1, prints=array(PRINT, [each]).tobytes()),
                operations=seen[number] if number < len(seen) else (),
            )
            for number, each in enumerate(prints)
        ]
        eof = Step(
            kind="read", call="read(1000)", number=99, seconds=0.0, batch=Batch(type_name="NoneType", is_none=True)
        )
        run = Observation(
            plan=plan,
            end=End.COMPLETE,
            module=MODULE,
            steps=(*steps, eof),
            unseen=(FAR,) if self.native and not plan.proxied else (),
            reroute=self.reroute,
            rerouted=("host", "port") if not self.reroute else (),
        )
        if plan.fault is not None:
            met = [each for each in run.operations if each.number == plan.fault.at]
            return replace(run, hits=tuple(Hit(kind=plan.fault.kind, operation=each) for each in met))
        return self.through(run) if plan.proxied and self.through else run

    @property
    def faults(self):
        return [plan for plan in self.asked if plan.fault is not None]


def test_where_python_and_a_driver_are_at_work_each_gets_half_of_the_faults():
    source = Source(python=30, native=30)
    verdict = read_survives_a_fault(Context(ask=source.ask, most_faults=20))
    assert verdict.findings == ()
    assert verdict.looked_at.startswith("20 faults injected")
    assert [bool(plan.proxied) for plan in source.faults] == [False] * 10 + [True] * 10


def test_where_only_a_driver_is_at_work_it_gets_all_of_them():
    source = Source(native=30)
    read_survives_a_fault(Context(ask=source.ask, most_faults=20))
    assert [plan.proxied for plan in source.faults] == [(FAR,)] * 20
    assert {plan.fault.kind for plan in source.faults} == {"reset", "closed-early", "answered-half"}


def test_where_there_is_no_driver_no_proxy_is_asked_for():
    source = Source(python=3)
    verdict = read_survives_a_fault(Context(ask=source.ask))
    assert source.faults
    assert not [plan for plan in source.asked if plan.proxied]
    assert verdict.notes == ()


def test_where_the_driver_cannot_be_reached_the_reason_is_noted():
    source = Source(python=3, native=3, reroute="No param names it. Give one.")
    verdict = read_survives_a_fault(Context(ask=source.ask))
    assert source.faults
    assert not [plan for plan in source.asked if plan.proxied]
    assert verdict.notes == (f"Not reached, being outside of Python: {FAR}. No param names it. Give one.",)


@pytest.mark.parametrize(
    ("through", "says"),
    [
        (lambda run: replace(run, steps=run.steps[:-1], end=End.HUNG, limit=9.0), "did not return within 9 seconds"),
        (lambda run: replace(run, steps=run.steps[1:]), "the source gives other records"),
        (
            lambda run: replace(run, steps=tuple(replace(s, operations=()) for s in run.steps)),
            "it did not connect there",
        ),
    ],
)
@pytest.mark.parametrize("check", [read_survives_a_fault, network_calls_time_out])
def test_where_the_proxy_changes_what_is_read_nothing_is_injected(check, through, says):
    source = Source(native=3, through=through)
    verdict = check(Context(ask=source.ask))
    assert verdict.skip.startswith(f"The source's connections ({FAR}) are made outside of Python, by a native driver")
    assert "With host and port pointing to a proxy of the kit's on this machine" in verdict.skip
    assert says in verdict.skip
    assert source.faults == []


def test_a_far_end_of_a_driver_falls_silent_at_its_last_answer():
    source = Source(native=30)
    verdict = network_calls_time_out(Context(ask=source.ask))
    assert verdict.findings == ()
    assert verdict.looked_at == "60 operations, 1 of them met a silent far end"
    assert [(plan.proxied, str(plan.fault)) for plan in source.faults] == [((FAR,), "silent@60:once")]
