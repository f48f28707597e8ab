"""The plan of faults: each meets those that it was planned for, in order, as often as it was asked to."""

from __future__ import annotations

import pytest

from panoply_testing._sqs_faults import Fault, Plan


def kinds(plan, *protocols):
    met = [plan.meet(protocol) for protocol in protocols]
    return [each and each.fault.kind for each in met]


def test_faults_come_in_the_order_in_which_they_were_planned():
    plan = Plan()
    plan.add(Fault(kind="reset"), 2)
    plan.add(Fault(kind="hang"), 0)
    plan.add(Fault(kind="throttle"), 1)
    assert kinds(plan, *["json"] * 4) == ["reset", "reset", "throttle", None]


def test_a_fault_for_one_protocol_lets_the_other_pass():
    plan = Plan()
    plan.add(Fault(kind="refuse", protocol="json"), None)
    plan.add(Fault(kind="reset"), 1)
    assert kinds(plan, "json", "query", "query", "json", "json") == ["refuse", "reset", None, "refuse", "refuse"]


def test_healing_ends_what_was_planned_and_what_hangs_and_nothing_later():
    plan = Plan()
    plan.add(Fault(kind="hang"), None)
    met = plan.meet("json")
    assert not met.healed.is_set()
    plan.heal()
    assert met.healed.is_set()
    assert plan.meet("json") is None
    plan.add(Fault(kind="hang"), 1)
    assert not plan.meet("json").healed.is_set()


@pytest.mark.parametrize(("times", "error"), [(-1, ValueError), (1.5, TypeError), (True, TypeError), ("2", TypeError)])
def test_a_number_of_times_that_makes_no_sense_is_refused_at_the_call(times, error):
    with pytest.raises(error, match="times is"):
        Plan().add(Fault(kind="hang"), times)
