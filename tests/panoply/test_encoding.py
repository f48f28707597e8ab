from __future__ import annotations

import collections
import copy
import dataclasses
import enum
import json
import types
import typing
import uuid
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panoply._jsonable import converter, write
from panoply.encoding import decode_line, encode_record
from panoply.errors import RecordError


def refused(record, table="t", **options) -> RecordError:
    with pytest.raises(RecordError) as caught:
        encode_record(table, record, **options)
    return caught.value


def sent(record, **options):
    line = encode_record("t", record, **options)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    doc = json.loads(line)
    assert doc.pop("__table") == "t"
    return doc


class Colour(enum.Enum):
    RED = "red"
    BOTH = ("red", 1)


class Size(enum.IntEnum):
    BIG = 3


class Name(str):
    __slots__ = ()


class Count(int):
    def __repr__(self):
        return "not a number"


class Real(float):
    def __repr__(self):
        return "np.float64(1.5)"


class Bag(dict):
    pass


@dataclasses.dataclass
class Point:
    x: int
    _hidden: float


class Pair(typing.NamedTuple):
    a: int
    b: tuple[int, ...]


EVERY_KIND = {
    "text": 'quote " backslash \\ newline \n tab \t nul \0 del \x7f é 🎉 \u2028',
    "numbers": [0, -1, 2**53, 2**64, -(2**70), 1.5, 1e22, 5e-324, -0.0],
    "constants": [None, True, False],
    "empty": [{}, [], "", ()],
    "datetime": datetime(2024, 2, 29, 12, 30, 1, 5),  # noqa: DTZ001 - records hold such
    "aware": datetime(2024, 2, 29, tzinfo=timezone(timedelta(hours=5, minutes=30, seconds=15))),
    "date": date(1, 1, 1),
    "time": time(1, 2, 3, 4, tzinfo=UTC),
    "decimal": Decimal("1E+3"),
    "uuid": uuid.UUID(int=5),
    "enums": [Colour.RED, Colour.BOTH, Size.BIG],
    "dataclass": Point(1, 2.5),
    "tuples": [(1, 2), Pair(1, (2,))],
    "subclasses": [Name("n"), Count(7), Real(1.5), Bag(a=Bag()), collections.OrderedDict(b=1)],
    "mappings": [types.MappingProxyType({"a": 1}), collections.ChainMap({"a": 1}, {"b": 2})],
    "keys": {1: "int", 2.5: "float", None: "none", Size.BIG: "enum", Name("n"): "name"},
}

IN_JSON = EVERY_KIND | {
    "empty": [{}, [], "", []],
    "datetime": "2024-02-29T12:30:01.000005",
    "aware": "2024-02-29T00:00:00+05:30:15",
    "date": "0001-01-01",
    "time": "01:02:03.000004+00:00",
    "decimal": 1000.0,
    "uuid": "00000000-0000-0000-0000-000000000005",
    "enums": ["red", ["red", 1], 3],
    "dataclass": {"x": 1, "_hidden": 2.5},
    "tuples": [[1, 2], [1, [2]]],
    "subclasses": ["n", 7, 1.5, {"a": {}}, {"b": 1}],
    "mappings": [{"a": 1}, {"a": 1, "b": 2}],
    "keys": {"1": "int", "2.5": "float", "null": "none", "3": "enum", "n": "name"},
}


def test_a_line_is_one_object_with_its_table_first():
    assert encode_record("t", {"b": 1, "a": "x"}) == b'{"__table":"t","b":1,"a":"x"}\n'


def test_an_empty_record_is_a_record():
    assert encode_record("t", {}) == b'{"__table":"t"}\n'


def test_the_table_argument_wins_over_a_key_of_that_name():
    assert encode_record("t", {"a": 1, "__table": "other"}) == b'{"__table":"t","a":1}\n'
    assert encode_record("t", {"a": {"__table": "kept"}}) == b'{"__table":"t","a":{"__table":"kept"}}\n'


def test_the_record_stays_as_it_was():
    record = {"__table": "other", "a": [1, {"b": None}], "d": Decimal(1)}
    before = copy.deepcopy(record)
    encode_record("t", record)
    assert record == before
    assert list(record) == list(before)


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_every_kind_of_value_has_the_json_form_that_is_promised(kind):
    assert sent({"a": EVERY_KIND[kind]}) == {"a": IN_JSON[kind]}


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_the_careful_way_writes_the_same_bytes(kind):
    doc = {"__table": "t", "a": EVERY_KIND[kind]}
    assert write(doc, converter(None)) + b"\n" == encode_record("t", doc)


def test_a_decimal_keeps_all_its_digits():
    digits = "0.1000000000000000000000000000000000000000001"
    assert f":{digits}}}".encode() in encode_record("t", {"a": Decimal(digits)})
    assert f":{digits},".encode() in encode_record("t", {"a": Decimal(digits), 1: 1})


def test_an_integer_may_have_any_size():
    line = encode_record("t", {"a": 10**5000})
    assert line == b'{"__table":"t","a":1' + b"0" * 5000 + b"}\n"
    assert decode_line(line) == ("t", {"a": 10**5000})


@pytest.mark.parametrize(
    "bad", [float("nan"), float("inf"), float("-inf"), Real("nan"), Decimal("NaN"), Decimal("-Infinity")]
)
@pytest.mark.parametrize(
    ("wrap", "place"),
    [
        (lambda bad: bad, 'record["a"]'),
        (lambda bad: [None, {"b": (1, bad)}], 'record["a"][1]["b"][1]'),
        (lambda bad: {"x": None, "y": Point(1, bad)}, 'record["a"]["y"]["_hidden"]'),
        (lambda bad: {7: [bad]}, 'record["a"][7][0]'),
    ],
    ids=["at the top", "in lists", "in a dataclass", "under a number"],
)
def test_not_a_number_is_refused_wherever_it_is(bad, wrap, place):
    error = refused({"a": wrap(bad), "null": "null"})
    assert error.place == place
    assert "NaN or Infinity, which JSON does not have" in error.reason


def test_none_beside_finite_numbers_is_no_reason_to_refuse():
    record = {"a": None, "b": 1.5, "c": [None, 2.5, {"d": None, "null": "null"}], "e": (None,)}
    assert sent(record) == {**record, "e": [None]}


@pytest.mark.parametrize(
    ("record", "place"),
    [
        ({"a": "\ud800"}, 'record["a"]'),
        ({"a": {"\udfff": 1}}, r'record["a"]["\udfff"]'),
        ({"\ud800": 1}, r'record["\ud800"]'),
    ],
)
def test_half_a_surrogate_pair_is_refused_and_can_be_printed(record, place):
    error = refused(record)
    assert error.place == place
    assert "surrogate" in error.reason
    str(error).encode()


@pytest.mark.parametrize("more", [{}, {1: 1}], ids=["fast", "careful"])
def test_characters_that_the_queue_refuses_are_escaped(more):
    text = "".join(map(chr, range(0x20))) + "\\\ufffe\\\\\uffff\ufffd"
    line = encode_record("\ufffet", {"a": text, "k\uffff": 1, **more})
    assert not any(ord(char) < 0x20 or char in "\ufffe\uffff" for char in line.decode().removesuffix("\n"))
    doc = json.loads(line)
    assert (doc["__table"], doc["a"], doc["k\uffff"]) == ("\ufffet", text, 1)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (b"raw", "bytes has no JSON form: decode it to text first, or hand binary data over with raw()"),
        (bytearray(b"raw"), "bytearray has no JSON form: decode it"),
        ({1}, "set has no JSON form: make it a list first"),
        (frozenset(), "frozenset has no JSON form: make it a list first"),
        ((x for x in ""), "generator has no JSON form: make it a list first, with list()"),
        (object(), "object has no JSON form: make it a dict, list, text or number first (or pass encoder= to SDK)"),
        (Point, "type has no JSON form: pass an instance"),
        (1j, "complex has no JSON form"),
        ({(1, 2): 3}, "a key of this dict is a tuple: keys have to be text"),
        ({b"k": 3}, "a key of this dict is a bytes"),
        ({1: "x", "1": "y"}, "two keys of this dict are the same text in JSON"),
        (orjson.Fragment("{\n"), "this orjson.Fragment does not hold JSON"),
    ],
)
def test_a_value_without_json_form_is_refused_with_advice(value, said):
    error = refused({"ok": 1, "deep": [0, {"er": value}]})
    assert error.place.startswith('record["deep"][1]["er"]')
    assert said in error.reason
    assert "raw'" not in str(error)


def test_bools_are_keys_as_json_dumps_writes_them():
    assert sent({"a": {True: 1, False: 2}}) == {"a": {"true": 1, "false": 2}}


def test_a_lost_key_is_named():
    assert refused({1: "x", "1": "y"}).place == 'record["1"]'
    assert refused({"1": "x", 1: "y"}).place == "record[1]"


def test_a_place_stays_readable_with_odd_long_and_many_keys():
    assert refused({'say "hi"\n': {"naïve": {1}}}).place == r'record["say \"hi\"\n"]["naïve"]'
    assert len(refused({"k" * 5000: {1}}).place) < 100
    deep: object = {1}
    for level in range(300):
        deep = {f"k{level}": deep}
    place = refused({"a": deep}).place
    assert place.startswith('record["a"]["k299"]')
    assert '"][…]["' in place
    assert place.endswith('["k0"]')


def test_a_value_inside_itself_is_refused():
    loop: list[object] = [1]
    loop.append({"again": loop})
    error = refused({"a": loop})
    assert (error.place, error.reason) == ('record["a"][1]["again"]', "this list is inside itself, and would never end")
    record: dict[str, object] = {}
    record["self"] = {"x": record}
    assert "inside itself" in refused(record).reason or "nested" in refused(record).reason


def test_the_same_value_twice_is_not_inside_itself():
    twice = [1]
    assert sent({"a": twice, "b": [twice, twice], 1: twice}) == {"a": [1], "b": [[1], [1]], "1": [1]}


@pytest.mark.parametrize("wrap", [lambda value: [value], lambda value: {"k": value}, lambda value: (value,)])
def test_four_hundred_levels_are_fine_and_a_million_are_refused(wrap):
    value = deep = wrap(1)
    for level in range(100_000):
        deep = wrap(deep)
        if level == 400:
            value = deep
    expected = json.loads(json.dumps(value))
    line = encode_record("t", {"a": value})
    assert json.loads(line)["a"] == expected
    assert decode_line(line)[1]["a"] == expected
    assert "nested more than 500 levels deep" in refused({"a": deep}).reason


def test_deep_nesting_inside_what_is_converted_is_refused_too():
    deep: object = 1
    for _ in range(100_000):
        deep = (deep,)
    for holder in (Point(1, deep), types.MappingProxyType({"x": deep}), Pair(1, deep)):
        assert "nested more than 500 levels deep" in refused({"a": holder}).reason
    assert "nested more than 500" in refused({"a": object()}, encoder=lambda value: deep).reason


def test_a_record_that_is_no_mapping_is_refused():
    for record in (None, [("a", 1)], "text", Point(1, 2)):
        error = refused(record)
        assert error.place == "record"
        assert "a record is a dict" in error.reason


def test_a_mapping_that_cannot_be_read_is_refused_with_its_cause():
    class Broken(collections.UserDict):
        def __getitem__(self, key):
            raise OSError("secret value")

    error = refused(Broken(a=1))
    assert (error.place, isinstance(error.__cause__, OSError)) == ("record", True)
    nested = refused({"a": [Broken(a=1)]})
    assert (nested.place, isinstance(nested.__cause__, OSError)) == ('record["a"][0]', True)
    assert "secret value" not in str(error) + str(nested)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (None, "not NoneType"),
        (b"t", "not bytes"),
        ("", "cannot be empty"),
        (" \t", "cannot be empty"),
        ("\ud800", "surrogate"),
    ],
)
def test_a_table_without_a_usable_name_is_refused(table, said):
    error = refused({"a": 1}, table=table)
    assert error.place == "table"
    assert said in error.reason


def test_an_encoder_gets_what_has_no_json_form_and_only_that():
    seen = []

    def encoder(value):
        seen.append(value)
        return sorted(value)

    assert sent({"a": {2, 1}, "d": date(2024, 1, 1)}, encoder=encoder) == {"a": [1, 2], "d": "2024-01-01"}
    assert seen == [{1, 2}]


def test_what_an_encoder_returns_may_need_encoding_again():
    assert sent({"a": 1j}, encoder=lambda value: {"re": Decimal("0.5"), "im": (date(2024, 1, 1),)}) == {
        "a": {"re": 0.5, "im": ["2024-01-01"]}
    }


def test_an_encoder_sees_each_object_once_even_if_the_record_is_gone_through_twice():
    # The int key sends the record the careful way after the generator has been used up.
    assert sent({"a": (x for x in "xy"), "z": {1: 2}}, encoder=list) == {"a": ["x", "y"], "z": {"1": 2}}


def test_what_an_encoder_raises_is_the_cause_and_its_text_stays_out():
    def encoder(value):
        raise KeyError("secret value")

    error = refused({"a": [object()]}, encoder=encoder)
    assert (error.place, error.reason) == ('record["a"][0]', "the encoder raised KeyError for this object")
    assert isinstance(error.__cause__, KeyError)


def test_an_encoder_that_gets_nowhere_is_refused():
    assert "as it was" in refused({"a": object()}, encoder=lambda value: value).reason
    assert "nested more than 500" in refused({"a": object()}, encoder=lambda value: object()).reason


def test_an_interrupt_inside_an_encoder_is_an_interrupt():
    calls = []

    def encoder(value):
        calls.append(value)
        if len(calls) == 1:
            raise KeyboardInterrupt
        return "tried again"

    with pytest.raises(KeyboardInterrupt):
        encode_record("t", {"a": object()}, encoder=encoder)


def test_a_fragment_with_line_breaks_still_makes_one_line():
    assert sent({"a": orjson.Fragment(b'[1,\r\n2,"\\n"]')}) == {"a": [1, 2, "\n"]}


def test_messages_never_hold_values():
    for bad in ({1}, b"", float("nan"), "\ud800"):
        error = refused({"a": ["Q9Z9Q", bad, {"k": "Q9Z9Q"}], "b": "Q9Z9Q"})
        assert "Q9Z9Q" not in str(error)


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
keys = st.text()
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(keys, inner), max_leaves=20)


@given(table=st.text(min_size=1).filter(str.strip), record=st.dictionaries(keys, values))
def test_json_able_records_arrive_as_json_dumps_would_send_them(table, record):
    line = encode_record(table, record)
    expected = {**json.loads(json.dumps(record)), "__table": table}
    assert json.loads(line) == expected
    assert next(iter(json.loads(line))) == "__table"
    assert line.index(b"\n") == len(line) - 1
    expected.pop("__table")
    assert decode_line(line) == (table, expected)


@given(st.dictionaries(keys, values))
def test_both_ways_of_writing_agree(record):
    doc = {"__table": "t", **record, "__table": "t"}  # noqa: F601 - first in order, and not to be overridden
    careful = write(doc, converter(None)) + b"\n"
    for char in "\ufffe\uffff":
        careful = careful.replace(char.encode(), f"\\u{ord(char):x}".encode())
    assert careful == encode_record("t", record)


@given(
    st.recursive(
        st.floats() | st.none() | st.text() | st.just(b""), lambda inner: st.lists(inner) | st.dictionaries(keys, inner)
    )
)
def test_a_record_is_sent_whole_or_refused(value):
    try:
        strict = json.dumps({"a": value}, allow_nan=False)
    except (TypeError, ValueError):
        assert refused({"a": value}).place.startswith('record["a"]')
    else:
        assert sent({"a": value}) == json.loads(strict)


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_decimal_that_is_handed_back_has_lost_nothing(number):
    _, record = decode_line(encode_record("t", {"a": number}))
    assert Decimal(str(record["a"])) == number
