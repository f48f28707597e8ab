"""`_batches`: what is found out about a batch, without keeping it."""

from __future__ import annotations

import itertools
from array import array

import pytest

from panoply_testing._batches import HELD, HELD_RECORDS, Batches
from panoply_testing._prints import fingerprint
from panoply_testing.observation import LARGEST_RECORD, PRINT
from panoply_testing.plans import CLEAN, Plan

COMPARED = Plan(about="to be compared", resume_after=1)


@pytest.fixture
def searched():
    return []


@pytest.fixture
def make(searched):
    def make(plan=CLEAN):
        return Batches(
            plan,
            search=searched.append,
            search_records=lambda text, _: searched.append(text),
            describe=lambda row: f"<{row.get('id')}>",
            numbers=itertools.count(),
        )

    return make


def test_each_record_leaves_its_fingerprint_in_order(make):
    batch = make().look([{"id": 1}, {"data": [{"id": 2}, {"id": 3}], "metadata": {"resource_id": "a"}}], 1)
    assert array(PRINT, batch.prints).tolist() == [fingerprint({"id": number}) for number in (1, 2, 3)]
    assert batch.records == 3
    assert batch.length == 2


def test_what_is_no_list_is_named_and_not_consumed(make):
    rows = iter([{"id": 1}])
    assert make().look(rows, 1).type_name == "list_iterator"
    assert next(rows) == {"id": 1}


def test_a_batch_that_the_next_read_changes_is_noticed_once(make):
    batches, rows = make(), [{"id": 1}]
    batches.look(rows, 1)
    rows.append({"id": 2})
    assert batches.look([{"id": 3}], 2).changed == (1,)
    assert batches.look([{"id": 4}], 3).changed == ()
    assert batches.look(None, 4).changed == ()


def test_a_record_that_is_changed_much_later_is_noticed_at_the_end(make):
    batches, first = make(), {"id": 1}
    batches.look([first], 1)
    for number in range(2, 6):
        batches.look([{"id": number}], number)
    first["name"] = "late"
    assert batches.look(None, 6).changed == (1,)


def test_the_same_list_again_is_noticed(make):
    batches, rows = make(), [{"id": 1}]
    batches.look(rows, 1)
    assert batches.look([{"id": 2}], 2).same_as == 0
    assert batches.look(rows, 3).same_as == 1


def test_equal_batches_are_not_the_same(make):
    batches = make()
    batches.look([{"id": 1}], 1)
    assert batches.look([{"id": 1}], 2).same_as == 0


def test_what_is_held_on_to_stays_bounded(make):
    batches = make()
    for number in range(1, 3 * HELD):
        batches.look([{"id": number}], number)
        assert len(batches._held) <= HELD
    large = [{"id": 0}] * HELD_RECORDS
    for number in range(3):
        batches.look(list(large), 100 + number)
        assert sum(len(held) for _, held, _ in batches._held) <= HELD_RECORDS + len(large)


@pytest.mark.parametrize(("extra", "count"), [(0, 0), (1, 1)])
def test_a_record_is_too_large_from_the_first_byte_beyond_a_message(make, extra, count):
    empty = len(b'{"__table":"table","text":""}\n')
    batch = make().look([{"id": 1}, {"text": "x" * (LARGEST_RECORD - empty + extra)}], 1)
    assert batch.too_large_count == count
    assert batch.too_large == (((1, LARGEST_RECORD + 1),) if count else ())


def test_records_have_to_carry_a_state_that_this_read_reported(make):
    rows = [
        {"__state": "a"},
        {"__state": "b"},
        {},
        {"__state": 3},
        {"data": [{"__state": "a"}, {}], "metadata": {"resource_id": "x"}},
    ]
    batch = make().look(rows, 1, frozenset({"a"}))
    assert batch.stateless_count == 4
    assert [index for index, _ in batch.stateless] == [1, 2, 3, 4]
    assert make().look(rows, 1).stateless_count == 0


def test_all_that_is_sent_is_searched(make, searched):
    make().look([{"name": f"row {number}"} for number in range(1200)], 1)
    assert "".join(searched).count("row ") == 1200


class Speaks:
    def __repr__(self):
        return "what it holds"


class Fails:
    def __repr__(self):
        raise RuntimeError


@pytest.mark.parametrize(
    "record", [{"x": float("nan"), "y": "what it holds"}, {"x": b"what it holds"}, {"x": Speaks()}, "what it holds"]
)
def test_what_cannot_be_sent_is_searched_as_it_prints(make, searched, record):
    make().look([{"id": 1}, record, {"id": 2}], 1)
    assert "what it holds" in "".join(searched)


def test_what_cannot_even_be_printed_is_left_alone(make, searched):
    make().look([{"x": Fails()}], 1)
    assert searched == ["RuntimeError\n"]


def test_a_run_that_is_only_compared_is_not_searched_and_not_encoded(make, searched):
    batch = make(COMPARED).look([{"id": float("nan")}, "no record"], 1)
    assert searched == []
    assert batch.problem_count == 0
    assert len(batch.prints) == 8


def test_records_are_shown_by_their_numbers_in_the_run(make):
    batches = make(Plan(about="show", show=(1, 3)))
    batches.look([{"id": "a"}, {"id": "b"}], 1)
    batches.look([{"id": "c"}, {"id": "d"}], 2)
    assert [(each.number, each.read, each.index, each.text) for each in batches.shown] == [
        (1, 1, 1, "<b>"),
        (3, 2, 1, "<d>"),
    ]


class OverLines:
    def __repr__(self):
        return "one\ntwo"


def test_each_line_that_is_searched_has_the_number_of_its_record():
    heard = []
    group = {"data": [{"id": 1}, {"id": 2}], "metadata": {"resource_id": "a"}}
    looking = Batches(
        CLEAN,
        search=len,
        search_records=lambda text, numbers: heard.append((text.splitlines(), numbers)),
        describe=repr,
        numbers=itertools.count(),
    )
    looking.look([group, {"x": OverLines()}, "no record", {"id": 3}], 1)
    ((lines, numbers),) = heard
    assert numbers == [0, 0, 1, 2, 3]
    assert len(lines) == 5
    assert "one\\ntwo" in lines[2]
