"""`checks._points` and `checks._spread`: where faults are injected, and which of many are chosen."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panoply_testing.checks._points import last_silences, outages, points_in, recoveries, silences, why_missed
from panoply_testing.checks._spread import spread
from panoply_testing.faults import HTTP_FAULTS, Fault, Operation
from panoply_testing.observation import Batch, End, Observation, Step
from panoply_testing.plans import CLEAN


def operation(number, kind="receive", **more):
    return Operation(number=number, kind=kind, host="acme:80", **more)


def run_with(*operations, kind="read", after_eof=0):
    step = Step(
        kind=kind,
        call="read(1000)",
        number=1,
        seconds=0.0,
        after_eof=after_eof,
        operations=operations,
        batch=Batch(type_name="list"),
    )
    return Observation(plan=CLEAN, end=End.COMPLETE, steps=(step,))


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("reset@9", "a clean run does nothing there that can fail; its operations on the network have numbers up to 2"),
        ("reset@1", "at operation 1 (lookup acme:80) it can be unknown-host"),
        ("refused@2", "this time, the source did not do again what it did in a clean run"),
    ],
)
def test_a_fault_that_was_asked_for_and_met_nothing_is_told_why(fault, said):
    points = points_in(run_with(operation(1, "lookup"), operation(2, "connect")))
    assert why_missed(Fault.parse(fault), points) == said


def kinds(*operations):
    return [(point.operation.number, point.kind) for point in points_in(run_with(*operations))]


def test_each_operation_has_the_faults_of_its_kind():
    assert kinds(operation(1, "lookup"), operation(2, "connect")) == [
        (1, "unknown-host"),
        (2, "refused"),
        (2, "timed-out"),
    ]


def test_an_http_request_can_be_answered_with_a_failure():
    plain = [kind for _, kind in kinds(operation(1, "send"))]
    asked = [kind for _, kind in kinds(operation(1, "send", request="GET /items", answers_json=True))]
    assert asked == plain + list(HTTP_FAULTS)


def test_a_web_page_is_only_put_in_the_place_of_json():
    assert (1, "http-not-json") not in kinds(operation(1, "send", request="GET /items.csv"))


def test_half_of_an_answer_that_looks_whole_is_not_tried():
    assert [kind for _, kind in kinds(operation(1, ends_by_closing=True))] == ["reset", "timed-out"]


@pytest.mark.parametrize("where", [{"kind": "construct"}, {"after_eof": 1}])
def test_only_reads_before_eof_are_disturbed(where):
    assert points_in(run_with(operation(1), **where)) == ()


def test_few_points_are_all_tried():
    points = points_in(run_with(operation(1), operation(2)))
    assert len(recoveries(points, 100, 0)) == len(points) == 8


def test_of_many_points_each_kind_is_tried_and_the_last_place_too():
    many = [operation(number, where="a.py:1") for number in range(1, 200)] + [operation(200, where="a.py:9")]
    chosen = outages(points_in(run_with(*many)), 16, 0)
    assert len(chosen) == 16
    assert {fault.kind for fault in chosen if fault.at == 200} == {
        "reset",
        "timed-out",
        "closed-early",
        "answered-half",
    }
    assert 199 in {fault.at for fault in chosen}
    assert {fault.spell for fault in chosen} == {"for-good"}


def looked_up(numbers, most, seed, where=lambda number: "a.py:1"):
    """Where look-ups of a name are to fail: each has one way to."""
    points = points_in(run_with(*(operation(number, "lookup", where=where(number)) for number in numbers)))
    assert len(points) == len(numbers)
    return [fault.at for fault in outages(points, most, seed)]


def test_of_one_kind_the_middle_comes_first_then_the_end_then_the_start():
    chosen = {most: [looked_up(range(1, 9), most, seed) for seed in range(60)] for most in (1, 2, 3, 4)}
    assert {each for (each,) in chosen[1]} == set(range(2, 8))
    assert {each[-1] for each in chosen[2]} == {each[-1] for each in chosen[3]} == {8}
    assert {each[0] for each in chosen[2]} == set(range(2, 8))
    assert {each[0] for each in chosen[3]} == {1}
    assert {len(set(each)) for each in chosen[4]} == {4}
    assert looked_up((1, 2), 1, 0) == looked_up((1, 2, 3), 1, 0) == [2]


@pytest.mark.parametrize("few", [2, 3, 8])
def test_of_a_kind_with_few_points_none_is_left_out_or_taken_twice(few):
    every = range(1, 2 * few + 3)
    chosen = looked_up(every, len(every) - 1, 0, where=lambda number: f"a.py:{number <= few}")
    assert set(range(1, few + 1)) < set(chosen)
    assert len(set(chosen)) == len(every) - 1


def test_which_of_too_many_kinds_are_tried_is_left_to_the_seed():
    chosen = [looked_up(range(1, 9), 2, seed, where="a.py:{}".format) for seed in range(60)]
    assert {each for pair in chosen for each in pair} == set(range(1, 9))


@given(st.integers(1, 300), st.integers(1, 60), st.integers())
def test_the_same_seed_chooses_the_same_and_never_too_many(number, most, seed):
    points = points_in(run_with(*(operation(each, where=f"a.py:{each % 7}") for each in range(1, number + 1))))
    chosen = recoveries(points, most, seed)
    assert chosen == recoveries(points, most, seed)
    assert len(chosen) == min(most, len(points))
    assert len({(fault.kind, fault.at) for fault in chosen}) == len(chosen)


def test_silence_is_tried_where_somebody_waits():
    chosen = silences([operation(1, "lookup"), operation(2, "connect"), operation(3, "send"), operation(4)], 9, 0)
    assert chosen == (Fault(kind="silent", at=2), Fault(kind="silent", at=4))


def test_the_silence_of_a_driver_is_tried_where_the_login_is_over():
    login = [operation(1, "connect"), operation(2, "send"), operation(3), operation(4, "send"), operation(5)]
    query = [operation(6, "send"), operation(7), operation(8, "send")]
    assert last_silences([*login, *query]) == (Fault(kind="silent", at=1), Fault(kind="silent", at=7))
    assert last_silences([operation(1, "send")]) == ()


@given(st.lists(st.integers(), max_size=200), st.integers(1, 50), st.integers())
def test_a_spread_keeps_the_ends_and_the_order(items, most, seed):
    positions = list(range(len(items)))
    chosen = spread(positions, most, seed)
    assert chosen == sorted(set(chosen))
    assert len(chosen) == min(most, len(items))
    if items:
        assert chosen[0] == 0
    if items and most > 1:
        assert chosen[-1] == len(items) - 1


def test_a_spread_reaches_each_stretch():
    chosen = spread(range(1000), 12, 5)
    assert max(b - a for a, b in itertools.pairwise(chosen)) < 220


@given(
    st.sampled_from(["reset", "http-429", "silent"]), st.integers(1, 10**6), st.sampled_from(["once", "until-raised"])
)
def test_a_fault_reads_back_what_it_prints(kind, at, spell):
    fault = Fault(kind=kind, at=at, spell=spell)
    assert Fault.parse(str(fault)) == fault


def test_a_spread_of_few_is_its_ends_and_of_more_whatever_is_between():
    assert [spread(range(9), most, seed=0) for most in (0, 1, 2)] == [[], [0], [0, 8]]
    assert spread([], 0, seed=0) == []
    of_three = [spread(range(6), 3, seed) for seed in range(50)]
    assert {len(set(each)) for each in of_three} == {3}
    assert set().union(*of_three) == set(range(6))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("boom@3", "there is no fault 'boom'"),
        ("reset", "names no operation"),
        ("reset@0", "names no operation"),
        ("reset@x:once", "names no operation"),
        ("reset@3:often", "there is no 'often'"),
    ],
)
def test_a_text_that_is_no_fault_is_refused_with_what_one_looks_like(text, says):
    with pytest.raises(ValueError, match=says):
        Fault.parse(text)
