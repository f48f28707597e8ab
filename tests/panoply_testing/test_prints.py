"""`_prints`: equal records have equal fingerprints, others have others."""

from __future__ import annotations

import datetime as dt
import decimal
import uuid

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from panoply_testing._prints import Columns, fingerprint

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
records = st.dictionaries(st.text(), values, max_size=6)
COLUMNS = st.text(min_size=1).filter(lambda name: not name.startswith("__"))


@given(records, st.randoms())
def test_the_order_of_columns_does_not_count(record, random):
    items = list(record.items())
    random.shuffle(items)
    assert fingerprint(dict(items)) == fingerprint(record)


@given(records, COLUMNS, values, values)
def test_another_value_makes_another_record(record, column, one, other):
    assume(repr(one) != repr(other))
    assume(one != other)
    assert fingerprint({**record, column: one}) != fingerprint({**record, column: other})


@given(records, COLUMNS, values)
def test_one_more_column_makes_another_record(record, column, value):
    assume(column not in record)
    assert fingerprint({**record, column: value}) != fingerprint(record)


@given(records, st.text(), values)
def test_columns_of_the_platform_do_not_count(record, name, value):
    assert fingerprint({**record, f"__{name}": value}) == fingerprint(
        {key: each for key, each in record.items() if key != f"__{name}"}
    )


@given(records, COLUMNS, values)
def test_columns_that_are_to_be_ignored_do_not_count(record, column, value):
    rest = {key: each for key, each in record.items() if key != column}
    assert fingerprint({**record, column: value}, (column,)) == fingerprint(rest)


def test_the_time_stamp_of_a_raw_message_does_not_count():
    raw = {"type": "raw", "tag": "t", "raw": "YQ==", "metadata": {"timestamp": 1, "page": 2}}
    later = {**raw, "metadata": {"timestamp": 9, "page": 2}}
    other = {**raw, "metadata": {"timestamp": 1, "page": 3}}
    assert fingerprint(raw) == fingerprint(later) != fingerprint(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (dt.datetime(2024, 5, 31, tzinfo=dt.UTC), dt.datetime(2024, 6, 1, tzinfo=dt.UTC)),
        (decimal.Decimal("1.10"), decimal.Decimal("1.11")),
        (uuid.UUID(int=1), uuid.UUID(int=2)),
        ({1, 2}, {1, 3}),
    ],
)
def test_values_that_only_the_sdk_can_write_are_told_apart(one, other):
    assert fingerprint({"at": one}) == fingerprint({"at": one})
    assert fingerprint({"at": one}) != fingerprint({"at": other})


class Mute:
    def __repr__(self):
        raise RuntimeError("no")


@pytest.mark.parametrize("odd", [Mute(), object, b"bytes", float("nan"), "\ud800"])
def test_what_cannot_travel_has_a_fingerprint_as_well(odd):
    assert fingerprint({"odd": odd}) == fingerprint({"odd": odd})


def test_what_is_no_record_has_one_too():
    assert fingerprint([1]) != fingerprint([2])


@given(st.lists(records, max_size=5), st.randoms())
def test_sums_of_columns_do_not_depend_on_the_order_of_records(rows, random):
    def sums(of):
        columns = Columns()
        for row in of:
            columns.add(row)
        return columns.sums()

    other = list(rows)
    random.shuffle(other)
    assert sums(rows) == sums(other)


def test_sums_of_columns_tell_which_column_differs():
    one, other = Columns(), Columns()
    one.add({"id": 1, "at": 5})
    other.add({"id": 1, "at": 6})
    a, b = dict(one.sums()), dict(other.sums())
    assert a["id"] == b["id"]
    assert a["at"] != b["at"]
