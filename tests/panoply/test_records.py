"""`panoply.records.to_record` and `panoply.resources`: what sources of SDK 3.x say of what they read from."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime

import pytest

from panoply.errors import WrongTypeOrValueError
from panoply.records import is_record_group, rows, to_record
from panoply.resources import Field, Resource, convert_to_ui_format


@pytest.mark.parametrize(
    ("data", "expected"), [([{"a": 1}, {"a": 2}], [{"a": 1}, {"a": 2}]), ({"a": 1}, [{"a": 1}]), ([], [])]
)
def test_rows_become_a_record_group(data, expected):
    group = to_record("orders", data)

    assert group["data"] == expected
    assert list(rows(group)) == [("orders", row) for row in expected]
    assert is_record_group(group)


def test_its_time_is_in_utc_whatever_the_zone(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    before = datetime.now(UTC).replace(microsecond=0)
    timestamp = to_record("orders", [])["metadata"]["timestamp"]
    monkeypatch.undo()
    time.tzset()

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", timestamp)
    assert before <= datetime.fromisoformat(timestamp) <= datetime.now(UTC)


@pytest.mark.parametrize(
    ("resource", "data", "said"),
    [
        (None, [], "`resource` is None; expected its id as text"),
        (3, [], "`resource` is an int"),
        ("  ", [], "`resource` is empty"),
        ("orders", None, "`data` is None; expected a list of dicts"),
        ("orders", "secret", "`data` is a str"),
        ("orders", ({"a": 1},), "`data` is a tuple"),
        ("orders", [{"a": 1}, "secret"], r"data\[1\] is a str; expected a dict"),
    ],
)
def test_what_cannot_be_rows_is_refused_and_not_shown(resource, data, said):
    with pytest.raises(WrongTypeOrValueError, match=said) as refused:
        to_record(resource, data)

    assert "secret" not in str(refused.value)


def test_resources_become_the_entries_of_a_form():
    resources = [
        Resource(id="orders", title="Orders", available=True, requires=["customers"]),
        Resource(id="customers", title="Customers", available=False),
    ]

    entries = convert_to_ui_format(
        resources,
        create_name=lambda item: item["title"],
        create_value=lambda item: item["id"],
        is_disabled=lambda item: not item.get("available", True),
        requires=lambda item: item.get("requires") or [],
    )

    assert entries == [
        {"name": "Orders", "value": "orders", "disabled": False, "requires": ["customers"]},
        {"name": "Customers", "value": "customers", "disabled": True, "requires": []},
    ]


@pytest.mark.parametrize("nothing", [[], None, iter(())])
def test_no_fields_are_no_list(nothing):
    assert convert_to_ui_format(nothing, str, str) is None


def test_nobody_gets_the_same_list_of_what_is_required():
    first, second = convert_to_ui_format([Field(name="a"), Field(name="b")], lambda f: f["name"], lambda f: f["name"])

    first["requires"].append("b")

    assert second == {"name": "b", "value": "b", "disabled": False, "requires": []}
