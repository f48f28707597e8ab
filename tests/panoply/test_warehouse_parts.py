"""The parts of the warehouse that only think: names, types, keys."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panoply._warehouse_keys import KeyRule, generated, key_of
from panoply._warehouse_names import free, named, quoted, spelled
from panoply._warehouse_types import Kind, exact, moment, seen, utc_text, wider

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@pytest.mark.parametrize(
    ("name", "spelling"),
    [
        ("Users", "users"),
        ("sales figures", "sales figures"),
        ("  a-b ", "a-b"),
        ('say "hi"', "say _hi_"),
        ("a\0b\nc", "a_b_c"),
        ("", "_"),
        (" ", "_"),
        ("SELECT", "select"),
        ("\u00c9t\u00e9", "\u00e9t\u00e9"),
    ],
)
def test_a_name_is_spelled_as_the_platform_does(name, spelling):
    assert spelled(name) == spelling


@given(NAMES)
def test_every_name_can_be_a_name_and_is_spelled_the_same_twice(name):
    spelling = spelled(name)

    assert 0 < len(spelling.encode()) <= 127
    assert spelling == spelling.strip() or spelling == "_"
    assert '"' not in spelling
    assert spelling.isprintable()
    assert quoted(spelling) == f'"{spelling}"'


def test_long_names_that_begin_alike_stay_apart():
    one, other = spelled("\u00e9" * 100 + "a"), spelled("\u00e9" * 100 + "b")

    assert one != other
    assert len(one.encode()) <= 127
    assert free(one, {one}) not in (one, other)


@given(
    st.lists(NAMES | st.sampled_from(["a", "A", "a_2", "id", "ID"]), unique=True), st.permutations(["a", "A", "a_2"])
)
def test_no_two_keys_of_a_row_share_a_column_and_who_is_spelled_right_keeps_his_name(keys, more):
    keys = list(dict.fromkeys([*keys, *more]))
    columns = named(keys, {"id"})

    assert list(columns) == keys
    assert len(set(columns.values())) == len(keys)
    assert "id" not in columns.values()
    assert all(columns[key] == key for key in keys if spelled(key) == key and key != "id")


KINDS = st.sampled_from([None, *Kind])


@given(KINDS, KINDS, KINDS)
def test_types_widen_to_the_same_in_whatever_order_values_come(one, two, three):
    assert wider(one, two) == wider(two, one)
    assert wider(one, one) == one
    # INTEGER, DOUBLE and BIGINT end as TEXT in any order.
    assert wider(wider(one, two), three) == wider(one, wider(two, three))


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ([None, None], None),
        ([], None),
        ([True, None], Kind.BOOLEAN),
        ([True, 1], Kind.TEXT),
        ([1, None, -(2**53)], Kind.INTEGER),
        ([1, 2**53 + 1], Kind.BIGINT),
        ([2**63], Kind.TEXT),
        ([1, 0.5], Kind.DOUBLE),
        ([2**53 + 1, 0.5], Kind.TEXT),
        ([1, "1"], Kind.TEXT),
        (["2024-02-29", None], Kind.DATE),
        (["2024-02-30"], Kind.TEXT),
        (["2024-02-29", "2024-02-29T00:00Z"], Kind.TIMESTAMP),
        ([date(2024, 1, 2)], Kind.DATE),
        ([date(2024, 1, 2), datetime(2024, 1, 2, tzinfo=UTC)], Kind.TIMESTAMP),
        (["2024-01-02T03:04:05", "soon"], Kind.TEXT),
        (["2024-01-02", 1], Kind.TEXT),
        ([""], Kind.TEXT),
    ],
)
def test_a_column_gets_the_narrowest_type_that_holds_it(column, kind):
    assert seen(column)[0] is kind


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2024-01-02", "2024-01-02T00:00:00"),
        ("2024-01-02 03:04", "2024-01-02T03:04:00"),
        ("2024-01-02T03:04:05.5Z", "2024-01-02T03:04:05.500000"),
        ("2024-01-02T03:04:05.123456+05:30", "2024-01-01T21:34:05.123456"),
        ("2024-01-02T03:04:05-0100", "2024-01-02T04:04:05"),
        ("0001-01-01T00:00:00+00:01", None),
        ("9999-12-31T23:59:59-00:01", None),
        ("2024-01-02T24:00:00Z", None),
        ("2024-01-02T23:59:60Z", None),
        ("2024-01-02T03:04:05.1234567Z", None),
        ("2024-01-02T03:04:05 Z", None),
        ("2024-W01-2", None),
        ("20240102", None),
        ("\u0662024-01-02", None),
        ("1432399705", None),
    ],
)
def test_what_is_a_time_and_what_is_none(text, found):
    at = moment(text)
    assert (None if at is None else at.isoformat()) == found


@given(st.datetimes())
def test_a_moment_is_written_so_that_it_reads_the_same(at):
    assert moment(utc_text(at)) == at
    assert utc_text(at).endswith("Z")


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_decimal_stays_exact(number):
    found = exact(number)

    assert Decimal(str(found) if isinstance(found, float) else found) == number


@pytest.mark.parametrize("pattern", [None, "", "account", 5, [], "{"])
def test_a_pattern_that_names_no_column_in_brackets_is_none(pattern):
    rule = KeyRule(pattern)

    assert rule.key((3, 4), rule.sources(("account", "Id"))) == 4


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text() | st.booleans())
def test_keys_are_integers_of_64_bits_or_text(value):
    key = key_of(value)

    assert key is None or type(key) in (int, str)
    assert (key is None) == (value == "" and isinstance(value, str))
    if isinstance(key, int):
        assert -(2**63) <= key < 2**63


def test_generated_keys_differ():
    assert len({generated() for _ in range(1000)}) == 1000


TIMES = st.one_of(
    st.dates().map(str),
    st.datetimes().map(lambda at: at.isoformat()),
    st.datetimes().map(lambda at: f"{at.isoformat(' ')}Z"),
    st.sampled_from(
        ["2024-02-30", "0000-01-01", "2024-01-02\n2024-01-03", "2024-01-02T03:04\n", "2024-13-01", "2024-01-02T24:00"]
    ),
)


@given(st.lists(TIMES, min_size=1, max_size=4))
def test_a_column_of_times_is_what_its_values_are_one_by_one(column):
    kinds = [Kind.TEXT if moment(each) is None else Kind.DATE if len(each) == 10 else Kind.TIMESTAMP for each in column]

    together = kinds[0]
    for kind in kinds:
        together = wider(together, kind)
    assert seen(column)[0] is together
