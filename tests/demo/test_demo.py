"""The demonstration's verdict is found by comparing, record by record: a wrong queue does not pass for a right one."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from demo.__main__ import PACKAGE, DemoError, _compare

SERVED = {"countries": [{"id": 1}, {"id": 2}], "languages": [{"id": 1}]}
ARRIVED = [
    {"__table": f"{PACKAGE}_countries", "__state": "x", "id": 1},
    {"__table": f"{PACKAGE}_countries", "__state": "x", "id": 2},
    {"__table": f"{PACKAGE}_languages", "__state": "y", "id": 1},
]


def compare(served, arrived):
    return _compare(SimpleNamespace(records=served), SimpleNamespace(records=lambda: arrived))


def test_all_records_once_are_counted():
    assert compare(SERVED, ARRIVED) == 3


@pytest.mark.parametrize(
    ("arrived", "says"),
    [
        (ARRIVED[:2], "1 records did not arrive, and 0 arrived"),
        ([*ARRIVED, ARRIVED[0]], "0 records did not arrive, and 1 arrived"),
        ([*ARRIVED[:2], {**ARRIVED[2], "id": 9}], "1 records did not arrive, and 1 arrived"),
        ([*ARRIVED[:2], {**ARRIVED[2], "__table": f"{PACKAGE}_countries"}], "1 records did not arrive, and 1 arrived"),
        ([], "3 records did not arrive"),
    ],
    ids=["lost", "twice", "changed", "in another table", "nothing"],
)
def test_a_queue_that_differs_is_no_success(arrived, says):
    with pytest.raises(DemoError, match=says):
        compare(SERVED, arrived)


def test_nothing_to_read_proves_nothing():
    with pytest.raises(DemoError, match="nothing to read"):
        compare({"countries": []}, [])
