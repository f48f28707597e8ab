"""The form that a CONFIG describes: what is drawn, in which order, and what stands in each field."""

from __future__ import annotations

import pytest

from panoply._form import Field, form_of
from panoply.config import Config

OAUTH = {f"oauth{name}URL": "https://a.io/" for name in ("Authorize", "Access", "Refresh")}


def form(*params):
    return form_of(Config.parse({"title": "The Shop", "params": list(params)}))


def field(**keys):
    (one,) = form({"name": "a", "title": "A", **keys}).fields
    return one


def test_fields_are_drawn_in_order_the_advanced_ones_apart_and_the_hidden_ones_not():
    drawn = form(
        {"name": "a", "title": "A"},
        {"name": "b", "title": "B", "category": "advanced"},
        {"name": "c", "title": "C", "hidden": True},
        {"name": "d", "title": "D", "category": "basic"},
        {"name": "e", "type": "hidden"},
        {"name": "f"},
    )
    assert drawn.title == "The Shop"
    assert [each.label for each in drawn.fields] == ["A", "D", "f"]
    assert [each.label for each in drawn.advanced] == ["B"]
    assert drawn.hidden == ("c", "e")


@pytest.mark.parametrize(
    ("keys", "kind"),
    [
        ({}, "line"),
        ({"type": "text"}, "line"),
        ({"type": "number"}, "number"),
        ({"type": "password"}, "masked"),
        ({"type": "oauth", **OAUTH}, "login"),
        ({"type": "select", "values": ["x"]}, "one"),
        ({"type": "list", "values": ["x"]}, "several"),
        ({"type": "dynamic-list", "values": len}, "several"),
        ({"values": ["x"]}, "line"),
        ({"default": True}, "switch"),
        ({"type": "checkbox"}, "switch"),
        ({"type": "destination"}, "widget"),
        ({"type": "truncate-table"}, "widget"),
        ({"type": "widget-of-tomorrow"}, "line"),
    ],
)
def test_a_field_is_of_the_kind_that_its_type_says(keys, kind):
    assert field(**keys).kind == kind


def test_a_field_has_all_its_words():
    one = field(
        required=True, placeholder="e.g. x", help="**Help**", description="Text", link="https://a.io", ip_whitelist=True
    )
    assert one == Field(
        label="A",
        kind="line",
        is_required=True,
        shows="e.g. x",
        help="Text\n\n**Help**",
        link="https://a.io",
        note="Panoply's addresses have to be let through to it.",
    )
    assert field(help="Same", description="Same").help == "Same"


@pytest.mark.parametrize(
    ("keys", "shows", "is_filled"),
    [
        ({"placeholder": "p"}, "p", False),
        ({"placeholder": "p", "default": ""}, "p", False),
        ({"placeholder": "p", "default": "d"}, "d", True),
        ({"type": "number", "default": 0}, "0", True),
        ({"default": {"a": ["ä"]}}, '{"a": ["ä"]}', True),
        ({"type": "password", "default": "s3cret"}, "(a default that is not shown)", True),
        ({"default": "postgres://ada:s3cret@db/x"}, "(a default that is not shown)", True),
        ({"type": "password", "placeholder": "p"}, "p", False),
    ],
)
def test_a_field_shows_its_default_or_else_its_placeholder_and_no_credential(keys, shows, is_filled):
    one = field(**keys)
    assert (one.shows, one.is_filled) == (shows, is_filled)


def test_a_field_waits_for_those_that_it_depends_on():
    drawn = form({"name": "a", "title": "Host"}, {"name": "b"}, {"name": "c", "dependencies": ["b", "a", "b"]})
    assert drawn.fields[2].waits_for == ("b", "Host")


def test_choices_are_shown_with_what_is_chosen_and_what_cannot_be():
    values = ["x", {"name": "Y", "value": "y"}, {"value": "z", "disabled": True}]
    choices = (("x", False, True), ("Y", True, True), ("z", False, False))
    assert field(type="list", values=values, default=["y"]).choices == choices
    assert field(type="list", values=values, default=[{"name": "Y", "value": "y"}]).choices == choices
    assert field(type="select", values=values, default="y").choices == choices
    assert not field(type="list", values=values).are_asked_for
    asked = field(type="list", values=len)
    assert (asked.choices, asked.are_asked_for) == ((), True)
