from __future__ import annotations

import base64
import builtins
import copy
import functools
import inspect
import sys
import types
import weakref
from collections import OrderedDict, UserDict, defaultdict, namedtuple
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from panoply import config as config_module
from panoply._spelling import nearest
from panoply.config import Choice, Config, ConfigFinding, check_config, config_json, names_a_credential
from panoply.errors import ConfigError, MissingExtra, ParamsError
from panoply_testing.strategies import configs

TODAY = date(2024, 6, 1)

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 100
GIF = b"GIF89a" + b"\0" * 100
WEBP = b"RIFF\x24\0\0\0WEBPVP8 "
SVG = b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>"


def data_url(data, media="image/png"):
    return f"data:{media};base64,{base64.b64encode(data).decode()}"


def get_tables(source, options):
    raise AssertionError("a check calls nothing")


# Without a fault, and with every key.
VALID = {
    "title": "Shop",
    "icon": data_url(PNG),
    "categories": ["APIS"],
    "keywords": ["shop", "orders"],
    "createdAt": "2024-05-31",
    "hostProperty": "host",
    "advanced": {"withIncremental": True},
    "params": [
        {
            "name": "host",
            "title": "Host",
            "type": "string",
            "required": True,
            "ip_whitelist": True,
            "link": "https://a.io",
        },
        {"name": "port", "title": "Port", "type": "number", "default": 5432, "placeholder": "e.g. 5432"},
        {"name": "password", "title": "Password", "type": "password", "help": "**Markdown**", "description": "[x](y)"},
        {
            "name": "table",
            "title": "Table",
            "type": "dynamic-list",
            "values": get_tables,
            "dependencies": ["host", "port", "password"],
        },
        {
            "name": "status",
            "title": "Status",
            "type": "list",
            "values": ["new", {"name": "Paid", "value": "paid", "disabled": False, "requires": ["new"]}],
            "default": ["new"],
            "dependencies": ["table"],
        },
        {
            "name": "account",
            "title": "Account",
            "type": "oauth",
            "oauthAuthorizeURL": "https://shop.io/authorize",
            "oauthAccessURL": "https://shop.io/access",
            "oauthRefreshURL": "https://shop.io/refresh",
        },
        {"name": "internal", "type": "hidden", "hidden": True},
    ],
}
HOST, PORT, PASSWORD, TABLE, STATUS, ACCOUNT, INTERNAL = range(7)

REMOVED = object()


def mutated(*changes):
    config = copy.deepcopy(VALID)
    for *path, last, value in changes:
        node = config
        for part in path:
            node = node[part]
        if value is REMOVED:
            del node[last]
        else:
            node[last] = value
    return config


def check(config, **settings):
    return check_config(config, today=TODAY, **settings)


def paths(config, level="error"):
    return [finding.path for finding in check(config) if finding.level == level]


def param_change(index, key, value):
    return ("params", index, key, value)


def no_arguments(): ...


def three_arguments(a, b, c): ...


def keyword_needed(source, *, flag): ...


def keywords_only(**kwargs): ...


ERRORS = [
    # the name of the case, the change, the place that is told
    ("no title", ("title", REMOVED), "title"),
    ("empty title", ("title", ""), "title"),
    ("blank title", ("title", " \n\t"), "title"),
    ("title is None", ("title", None), "title"),
    ("title is bytes", ("title", b"Shop"), "title"),
    ("title is a number", ("title", 1), "title"),
    ("params is None", ("params", None), "params"),
    ("params is a tuple", ("params", tuple(VALID["params"])), "params"),
    ("params is a filled dict", ("params", {"name": "host"}), "params"),
    ("params is text", ("params", "host"), "params"),
    ("params is a function", ("params", get_tables), "params"),
    ("params is a set", ("params", {"host"}), "params"),
    ("categories is text", ("categories", "APIS"), "categories"),
    ("categories is a tuple", ("categories", ("APIS",)), "categories"),
    ("a category is a number", ("categories", ["APIS", 1]), "categories[1]"),
    ("keywords is a set", ("keywords", {"shop"}), "keywords"),
    ("a keyword is None", ("keywords", [None]), "keywords[0]"),
    ("createdAt is no date", ("createdAt", "yesterday"), "createdAt"),
    ("createdAt is empty", ("createdAt", ""), "createdAt"),
    ("createdAt is written otherwise", ("createdAt", "31.05.2024"), "createdAt"),
    ("createdAt without dashes", ("createdAt", "20240531"), "createdAt"),
    ("createdAt as a week", ("createdAt", "2024-W01-1"), "createdAt"),
    ("createdAt with a time", ("createdAt", "2024-05-31T00:00:00"), "createdAt"),
    ("createdAt with a newline", ("createdAt", "2024-05-31\n"), "createdAt"),
    ("createdAt on 30 February", ("createdAt", "2023-02-30"), "createdAt"),
    ("createdAt in other digits", ("createdAt", "२०२४-०५-३१"), "createdAt"),
    ("createdAt is a date object", ("createdAt", date(2024, 5, 31)), "createdAt"),
    ("icon is a path", ("icon", "icon.png"), "icon"),
    ("icon is a URL", ("icon", "https://shop.io/icon.png"), "icon"),
    ("icon is bytes", ("icon", PNG), "icon"),
    ("icon is None", ("icon", None), "icon"),
    ("icon without a comma", ("icon", "data:image/png;base64"), "icon"),
    ("icon with bad base64", ("icon", "data:image/png;base64,****"), "icon"),
    ("icon with base64 cut short", ("icon", data_url(PNG)[:-3] + "="), "icon"),
    ("icon with a stray character", ("icon", data_url(PNG)[:-8] + "*AAAAAAA"), "icon"),
    ("icon with a lone surrogate", ("icon", "data:image/png,\ud800"), "icon"),
    ("icon is SVG in name only", ("icon", "data:image/svg+xml,%3Cs%76/%3E"), "icon"),
    ("icon without bytes", ("icon", "data:image/png;base64,"), "icon"),
    ("icon is a text file", ("icon", data_url(b"hello", "text/plain")), "icon"),
    ("icon without media type", ("icon", "data:,hello"), "icon"),
    ("icon names half a type", ("icon", data_url(PNG, "image/")[:11] + ";base64,AAAA"), "icon"),
    ("icon says PNG and is JPEG", ("icon", data_url(JPEG, "image/png")), "icon"),
    ("icon says JPEG and is PNG", ("icon", data_url(PNG, "image/jpeg")), "icon"),
    ("icon says SVG and is PNG", ("icon", data_url(PNG, "image/svg+xml")), "icon"),
    ("icon says an unknown image and is PNG", ("icon", data_url(PNG, "image/x-mine")), "icon"),
    ("icon says SVG and is text", ("icon", "data:image/svg+xml,hello"), "icon"),
    ("icon says GIF and is nothing", ("icon", data_url(b"hello", "image/gif")), "icon"),
    ("icon is too large", ("icon", data_url(PNG + b"\0" * 256 * 1024)), "icon"),
    ("hostProperty names no param", ("hostProperty", "server"), "hostProperty"),
    ("hostProperty is empty", ("hostProperty", ""), "hostProperty"),
    ("hostProperty is a list", ("hostProperty", ["host"]), "hostProperty"),
    ("advanced is a list", ("advanced", ["withIncremental"]), "advanced"),
    ("advanced is True", ("advanced", True), "advanced"),
    ("advanced is a function", ("advanced", get_tables), "advanced"),
    ("advanced holds a set", ("advanced", {"a": [{1}]}), "advanced.a[0]"),
    ("a key is a number", (1, "one"), ""),
    ("a param is text", ("params", INTERNAL, "internal"), "params[6]"),
    ("a param is None", ("params", INTERNAL, None), "params[6]"),
    ("a param is a list", ("params", INTERNAL, ["name"]), "params[6]"),
    ("a param is a function", ("params", INTERNAL, get_tables), "params[6]"),
    ("a param is a tuple", ("params", INTERNAL, ("name", "internal")), "params[6]"),
    ("a param is empty", ("params", INTERNAL, {"type": "hidden"}), "params[6].name"),
    ("a param's key is None", param_change(HOST, None, 1), "params[0]"),
    ("a param without a name", param_change(HOST, "name", REMOVED), "params[0].name"),
    ("a name is empty", param_change(HOST, "name", ""), "params[0].name"),
    ("a name has a blank", param_change(HOST, "name", "my host"), "params[0].name"),
    ("a name has a dash", param_change(HOST, "name", "my-host"), "params[0].name"),
    ("a name begins with a digit", param_change(HOST, "name", "1host"), "params[0].name"),
    ("a name ends in a newline", param_change(HOST, "name", "host\n"), "params[0].name"),
    ("a name is a number", param_change(HOST, "name", 1), "params[0].name"),
    ("a name is used twice", param_change(PORT, "name", "host"), "params[1].name"),
    ("a title is None", param_change(HOST, "title", None), "params[0].title"),
    ("a title is a dict", param_change(HOST, "title", {"en": "Host"}), "params[0].title"),
    ("a type is None", param_change(HOST, "type", None), "params[0].type"),
    ("a password's type is None", param_change(PASSWORD, "type", None), "params[2].type"),
    ("an account's type is None", param_change(ACCOUNT, "type", None), "params[5].type"),
    ("a type is a class", param_change(HOST, "type", str), "params[0].type"),
    ("a type is a list", param_change(HOST, "type", ["string"]), "params[0].type"),
    ("required is text", param_change(HOST, "required", "yes"), "params[0].required"),
    ("required is 1", param_change(HOST, "required", 1), "params[0].required"),
    ("required is None", param_change(HOST, "required", None), "params[0].required"),
    ("hidden is text", param_change(HOST, "hidden", "true"), "params[0].hidden"),
    ("ip_whitelist is text", param_change(HOST, "ip_whitelist", "no"), "params[0].ip_whitelist"),
    ("a default is a date", param_change(HOST, "default", TODAY), "params[0].default"),
    ("a default is a tuple", param_change(HOST, "default", ("a",)), "params[0].default"),
    ("a default is a function", param_change(HOST, "default", get_tables), "params[0].default"),
    ("a default is no number", param_change(PORT, "default", float("nan")), "params[1].default"),
    ("a default holds a set", param_change(HOST, "default", [{"a": {1}}]), "params[0].default[0].a"),
    ("a default's key is a number", param_change(HOST, "default", {1: 2}), "params[0].default"),
    ("help is a list", param_change(HOST, "help", ["a", "b"]), "params[0].help"),
    ("description is a tuple", param_change(HOST, "description", ("a",)), "params[0].description"),
    ("placeholder is a number", param_change(PORT, "placeholder", 5432), "params[1].placeholder"),
    ("category is a list", param_change(HOST, "category", ["advanced"]), "params[0].category"),
    ("link is a number", param_change(HOST, "link", 1), "params[0].link"),
    ("values is None", param_change(STATUS, "values", None), "params[4].values"),
    ("values is text", param_change(STATUS, "values", "new"), "params[4].values"),
    ("values is a tuple", param_change(STATUS, "values", ("new",)), "params[4].values"),
    ("values is a set", param_change(STATUS, "values", {"new"}), "params[4].values"),
    ("values is bytes", param_change(STATUS, "values", b"new"), "params[4].values"),
    ("values is a dict", param_change(STATUS, "values", {"new": "New"}), "params[4].values"),
    ("values is a range", param_change(STATUS, "values", range(3)), "params[4].values"),
    ("values takes no arguments", param_change(STATUS, "values", no_arguments), "params[4].values"),
    ("values takes three arguments", param_change(STATUS, "values", three_arguments), "params[4].values"),
    ("values needs a keyword", param_change(STATUS, "values", keyword_needed), "params[4].values"),
    ("values takes keywords only", param_change(STATUS, "values", keywords_only), "params[4].values"),
    ("a choice is a number", param_change(STATUS, "values", ["new", 2]), "params[4].values[1]"),
    (
        "a choice that is the default is a number",
        ("params", STATUS, {"name": "n", "title": "N", "type": "list", "values": ["1", 2], "default": [2]}),
        "params[4].values[1]",
    ),
    ("a choice is None", param_change(STATUS, "values", ["new", None]), "params[4].values[1]"),
    ("a choice is a tuple", param_change(STATUS, "values", ["new", ("a", "b")]), "params[4].values[1]"),
    ("a choice is a function", param_change(STATUS, "values", ["new", get_tables]), "params[4].values[1]"),
    ("a choice without a value", param_change(STATUS, "values", ["new", {"name": "A"}]), "params[4].values[1].value"),
    ("a choice is empty", param_change(STATUS, "values", ["new", {}]), "params[4].values[1].value"),
    ("a choice's name is a number", ("params", STATUS, "values", 1, "name", 5), "params[4].values[1].name"),
    ("a choice's value is a set", ("params", STATUS, "values", 1, "value", {5}), "params[4].values[1].value"),
    ("a choice's disabled is text", ("params", STATUS, "values", 1, "disabled", "no"), "params[4].values[1].disabled"),
    ("dependencies is text", param_change(TABLE, "dependencies", "host"), "params[3].dependencies"),
    ("dependencies is a tuple", param_change(TABLE, "dependencies", ("host",)), "params[3].dependencies"),
    ("dependencies is a generator", param_change(TABLE, "dependencies", (x for x in "a")), "params[3].dependencies"),
    ("a dependency is a number", param_change(TABLE, "dependencies", ["host", 1]), "params[3].dependencies[1]"),
    ("a dependency is unknown", param_change(TABLE, "dependencies", ["host", "prot"]), "params[3].dependencies[1]"),
    ("a dependency is empty", param_change(TABLE, "dependencies", [""]), "params[3].dependencies[0]"),
    ("a dependency is the param", param_change(TABLE, "dependencies", ["host", "table"]), "params[3].dependencies[1]"),
    ("a cycle of two", param_change(TABLE, "dependencies", ["host", "status"]), "params[3].dependencies[1]"),
    ("a cycle of three", param_change(PORT, "dependencies", ["status"]), "params[1].dependencies[0]"),
    ("oauth without URLs", ("params", ACCOUNT, {"name": "account", "title": "A", "type": "oauth"}), "params[5]"),
    ("no authorize URL", param_change(ACCOUNT, "oauthAuthorizeURL", REMOVED), "params[5].oauthAuthorizeURL"),
    ("no access URL", param_change(ACCOUNT, "oauthAccessURL", REMOVED), "params[5].oauthAccessURL"),
    ("no refresh URL", param_change(ACCOUNT, "oauthRefreshURL", REMOVED), "params[5].oauthRefreshURL"),
    ("http URL", param_change(ACCOUNT, "oauthRefreshURL", "http://shop.io/"), "params[5].oauthRefreshURL"),
    ("relative URL", param_change(ACCOUNT, "oauthAccessURL", "/access"), "params[5].oauthAccessURL"),
    ("URL without a host", param_change(ACCOUNT, "oauthAccessURL", "https:///access"), "params[5].oauthAccessURL"),
    ("URL with a blank", param_change(ACCOUNT, "oauthAccessURL", "https://shop.io/a b"), "params[5].oauthAccessURL"),
    ("empty URL", param_change(ACCOUNT, "oauthAccessURL", ""), "params[5].oauthAccessURL"),
    ("URL is None", param_change(ACCOUNT, "oauthAccessURL", None), "params[5].oauthAccessURL"),
]

WARNINGS = [
    ("no icon", ("icon", REMOVED), "icon"),
    ("empty icon", ("icon", ""), "icon"),
    ("large icon", ("icon", data_url(PNG + b"\0" * 64 * 1024)), "icon"),
    ("icon of 256 KiB", ("icon", data_url(PNG[:8] + b"\0" * (256 * 1024 - 8))), "icon"),
    ("no createdAt", ("createdAt", REMOVED), "createdAt"),
    ("createdAt tomorrow", ("createdAt", "2024-06-02"), "createdAt"),
    ("no categories", ("categories", REMOVED), "categories"),
    ("empty categories", ("categories", []), "categories"),
    ("no keywords", ("keywords", REMOVED), "keywords"),
    ("unknown key", ("colour", "red"), "colour"),
    ("misspelled key", ("keywrods", ["shop"]), "keywrods"),
    ("key in other letters", ("created_at", "2024-05-31"), "created_at"),
    ("unknown key with any value", ("colour", {1, 2}), "colour"),
    ("unknown key of a param", param_change(HOST, "colour", "red"), "params[0].colour"),
    ("key of a param with odd letters", param_change(HOST, "a b", "red"), "params[0]['a b']"),
    ("unknown key of a choice", ("params", STATUS, "values", 1, "colour", "red"), "params[4].values[1].colour"),
    ("unknown type", param_change(HOST, "type", "colour"), "params[0].type"),
    ("misspelled type", param_change(PASSWORD, "type", "pasword"), "params[2].type"),
    ("visible without title", param_change(HOST, "title", REMOVED), "params[0].title"),
    ("visible with a blank title", param_change(HOST, "title", " "), "params[0].title"),
    ("list without values", param_change(TABLE, "values", REMOVED), "params[3].values"),
    ("list with empty values", param_change(TABLE, "values", []), "params[3].values"),
    ("select without values", param_change(HOST, "type", "select"), "params[0].values"),
    ("number with a default in quotes", param_change(PORT, "default", "5432"), "params[1].default"),
    ("number with a default True", ("params", PORT, "default", True), "params[1].default"),
    ("string with a default number", param_change(HOST, "default", 1), "params[0].default"),
    ("list with a single default", param_change(STATUS, "default", "new"), "params[4].default"),
    ("default is not among the values", param_change(STATUS, "default", ["old"]), "params[4].default"),
    (
        "default is True, not 1",
        ("params", STATUS, {"name": "n", "title": "N", "values": [{"name": "One", "value": 1}], "default": True}),
        "params[4].default",
    ),
    ("default is a name, not a value", param_change(STATUS, "default", ["Paid"]), "params[4].default"),
    ("a later dependency", param_change(HOST, "dependencies", ["port"]), "params[0].dependencies[0]"),
    ("a password in clear", param_change(PASSWORD, "type", "string"), "params[2].type"),
    ("a password without a type", param_change(PASSWORD, "type", REMOVED), "params[2].type"),
    ("a token in clear", ("params", INTERNAL, {"name": "apiToken", "title": "Token"}), "params[6].type"),
    ("OAuth URLs without oauth", param_change(ACCOUNT, "type", "string"), "params[5].type"),
]

# The platform gains new keys and types; these are warnings in a review, too.
OPEN_FOR_EXTENSION = {
    *("unknown key", "misspelled key", "key in other letters", "unknown key with any value", "unknown key of a param"),
    *("key of a param with odd letters", "unknown key of a choice", "unknown type"),
}

FINE = [
    # every form that published sources have, and what lies beside a rule
    ("nothing changed", ("title", "Shop")),
    ("own keys", ("x-colour", {1, 2})),
    ("own keys of the platform", ("__colour", object())),
    ("own keys of a param", param_change(HOST, "x-colour", {1})),
    ("params is an empty list", ("params", [])),
    ("type is empty", param_change(HOST, "type", "")),
    ("type is absent", param_change(HOST, "type", REMOVED)),
    *((f"type is {kind}", param_change(HOST, "type", kind)) for kind in ("text", "schema", "destination", "exclude")),
    *((f"widget is {kind}", param_change(HOST, "type", kind)) for kind in ("primary-key", "incremental-key")),
    *((f"widget is {kind}", param_change(HOST, "type", kind)) for kind in ("parse-string", "truncate-table")),
    ("name in camelCase", param_change(INTERNAL, "name", "portNumber")),
    ("name is a Python word", param_change(INTERNAL, "name", "from")),
    ("name has other letters", param_change(INTERNAL, "name", "größe")),
    ("category", param_change(HOST, "category", "advanced")),
    ("values takes source", param_change(TABLE, "values", lambda source: [])),
    ("values takes anything", param_change(TABLE, "values", lambda source, *args, **kwargs: [])),
    ("values takes a default", param_change(TABLE, "values", lambda source, options=None: [])),
    ("values takes three, one by default", param_change(TABLE, "values", lambda source, options, more=1: [])),
    ("values is a partial", param_change(TABLE, "values", functools.partial(three_arguments, 1))),
    ("values is a bound method", param_change(TABLE, "values", "".join)),
    ("values is a class", param_change(TABLE, "values", type("Tables", (), {"__init__": lambda self, source: None}))),
    ("values is a built-in without a signature", param_change(TABLE, "values", dict.update)),
    ("values is a mock", param_change(TABLE, "values", MagicMock())),
    ("values is a list subclass", param_change(STATUS, "values", type("Choices", (list,), {})(["new"]))),
    ("default is None", param_change(PORT, "default", None)),
    ("default is empty", param_change(PORT, "default", "")),
    ("default is an entry", param_change(STATUS, "default", [{"name": "Paid", "value": "paid"}])),
    ("default is an entry's value", param_change(STATUS, "default", ["paid"])),
    ("default list is empty", param_change(STATUS, "default", [])),
    ("default of values by function", param_change(TABLE, "default", ["orders"])),
    ("default is a float", param_change(PORT, "default", 0.5)),
    ("default is whatever, without a type", ("params", INTERNAL, {"name": "on", "title": "On", "default": True})),
    ("a hidden token", ("params", INTERNAL, {"name": "token", "hidden": True})),
    (
        "a choice of credentials",
        ("params", INTERNAL, {"name": "auth", "title": "A", "type": "select", "values": ["no"]}),
    ),
    ("a widget named key", ("params", INTERNAL, {"name": "key", "title": "Key", "type": "primary-key"})),
    ("createdAt today", ("createdAt", "2024-06-01")),
    ("icon is a JPEG", ("icon", data_url(JPEG, "image/jpeg"))),
    ("icon says image/jpg", ("icon", data_url(JPEG, "image/jpg"))),
    ("icon is a GIF", ("icon", data_url(GIF, "image/gif"))),
    ("icon is a WebP", ("icon", data_url(WEBP, "image/webp"))),
    ("icon is an SVG", ("icon", data_url(SVG, "image/svg+xml"))),
    ("icon is an SVG of two bytes a letter", ("icon", data_url(SVG.decode().encode("utf-16"), "image/svg+xml"))),
    ("icon is an SVG as text", ("icon", "data:image/svg+xml;charset=utf-8,%3Csvg/%3E")),
    (
        "icon in capitals",
        ("icon", data_url(PNG, "image/png").replace("data:image/png;base64", "DATA:Image/PNG;BASE64")),
    ),
    ("icon with line breaks", ("icon", data_url(PNG).replace("A", "A\n "))),
    ("icon with escapes", ("icon", data_url(PNG).replace("=", "%3D"))),
    ("icon without padding", ("icon", data_url(PNG).rstrip("="))),
    ("icon with parameters", ("icon", data_url(PNG, "image/png;name=a.png"))),
    ("icon of an image type that is not known", ("icon", data_url(b"hello", "image/x-mine"))),
    ("icon of 64 KiB", ("icon", data_url(PNG[:8] + b"\0" * (64 * 1024 - 8)))),
    ("dict subclasses", ("params", INTERNAL, OrderedDict(name="internal", hidden=True))),
    ("a defaultdict", ("advanced", defaultdict(list, withIncremental=True))),
    ("text of a subclass", ("title", StrEnum("E", {"A": "Shop"}).A)),
    ("a number of a subclass", param_change(PORT, "default", IntEnum("E", {"A": 1}).A)),
    ("https URL in capitals", param_change(ACCOUNT, "oauthRefreshURL", "HTTPS://shop.io")),
    ("https URL with a blank to fill", param_change(ACCOUNT, "oauthRefreshURL", "https://{shop}.shop.io/refresh")),
    ("a dependency twice", param_change(TABLE, "dependencies", ["host", "host"])),
]


def ids(cases):
    return [case[0] for case in cases]


def one_changed(change):
    config = mutated(change)
    if change == ("params", []):
        del config["hostProperty"]  # it would name no param
    return config


class TestOneChange:
    @pytest.mark.parametrize(("change", "path"), [case[1:] for case in ERRORS], ids=ids(ERRORS))
    def test_an_error_is_told_once_at_its_place(self, change, path):
        findings = check(mutated(change))
        assert [(finding.level, finding.path) for finding in findings] == [("error", path)]

    @pytest.mark.parametrize(("change", "path"), [case[1:] for case in WARNINGS], ids=ids(WARNINGS))
    def test_a_warning_is_told_once_at_its_place(self, change, path):
        findings = check(mutated(change))
        assert [(finding.level, finding.path) for finding in findings] == [("warning", path)]

    @pytest.mark.parametrize("change", [case[1] for case in FINE], ids=ids(FINE))
    def test_what_is_fine_is_not_told(self, change):
        assert check(one_changed(change)) == ()

    @pytest.mark.parametrize(("name", "change", "path"), WARNINGS, ids=ids(WARNINGS))
    def test_a_warning_is_an_error_in_a_review_unless_the_platform_may_know_better(self, name, change, path):
        findings = check(mutated(change), profile="review", picture=False)
        level = "warning" if name in OPEN_FOR_EXTENSION else "error"
        assert [(finding.level, finding.path) for finding in findings] == [(level, path)]

    @pytest.mark.parametrize("change", [case[1] for case in FINE], ids=ids(FINE))
    def test_what_is_fine_is_fine_in_a_review(self, change):
        assert check(one_changed(change), profile="review", picture=False) == ()

    @pytest.mark.parametrize(("change", "path"), [case[1:] for case in ERRORS], ids=ids(ERRORS))
    def test_an_error_is_told_once_in_a_review_too(self, change, path):
        assert [finding.path for finding in check(mutated(change), profile="review", picture=False)] == [path]

    def test_the_cases_differ(self):
        assert len(ERRORS) >= 60
        names = ids(ERRORS + WARNINGS + FINE)
        assert len(set(names)) == len(names)

    def test_params_as_an_empty_dict_are_a_warning(self):
        config = mutated(("params", {}), ("hostProperty", REMOVED))
        assert [finding.level for finding in check(config, profile="review", picture=False)] == ["warning"]
        assert [(finding.level, finding.path) for finding in check(config)] == [("warning", "params")]
        assert Config.parse(config).params == ()


class TestReview:
    def test_there_are_two_profiles(self):
        assert check(VALID, profile="development") == ()
        with pytest.raises(ValueError, match=r"no profile 'strict': it is one of development, review"):
            check(VALID, profile="strict")

    def test_a_misspelled_recommended_key_does_not_hide_that_it_is_missing(self):
        config = mutated(("keywords", REMOVED), ("keywrods", ["shop"]))
        (finding,) = check(config, profile="review", picture=False)
        assert (finding.level, finding.path) == ("error", "keywords")
        assert finding.fix == "Rename the key 'keywrods': did you mean 'keywords'?"

    def test_a_misspelled_type_does_not_mask(self):
        (finding,) = check(mutated(param_change(PASSWORD, "type", "pasword")), profile="review", picture=False)
        assert (finding.level, finding.path) == ("error", "params[2].type")
        (finding,) = check(mutated(param_change(HOST, "type", "strng")), profile="review", picture=False)
        assert finding.level == "warning"

    def test_the_picture_is_looked_into(self):
        (finding,) = check(VALID, profile="review")
        assert (finding.level, finding.found) == ("error", "a PNG that is damaged or incomplete")
        assert check(VALID) == ()


class TestNoEcho:
    """A fault is told once, also where others follow from it."""

    def test_params_that_are_missing(self):
        assert paths(mutated(("params", REMOVED))) == ["params"]
        assert paths(mutated(("params", REMOVED)), "warning") == []

    def test_everything_missing_is_told_piece_by_piece(self):
        assert paths({}) == ["title", "params"]
        assert paths({}, "warning") == ["icon", "createdAt", "categories", "keywords"]

    def test_a_misspelled_required_key_is_one_error(self):
        config = mutated(("title", REMOVED), ("titel", "Shop"))
        (finding,) = check(config)
        assert (finding.level, finding.path) == ("error", "title")
        assert finding.fix == "Rename the key 'titel': did you mean 'title'?"

    def test_a_misspelled_recommended_key_is_one_warning(self):
        (finding,) = check(mutated(("icon", REMOVED), ("Icon", data_url(PNG))))
        assert (finding.level, finding.path, finding.fix) == ("warning", "Icon", "Did you mean 'icon'?")

    def test_a_misspelled_name_is_one_error_although_others_depend_on_it(self):
        config = mutated(param_change(HOST, "name", REMOVED), param_change(HOST, "nmae", "host"))
        assert [finding.path for finding in check(config)] == ["params[0].name"]

    def test_a_reference_is_told_again_once_all_names_are_right(self):
        config = mutated(param_change(HOST, "name", "server"))
        assert paths(config) == ["hostProperty", "params[3].dependencies[0]"]

    def test_a_type_that_may_mask_is_not_told_to_be_unmasked(self):
        config = mutated(param_change(PASSWORD, "type", "vault-secret"))
        assert [finding.path for finding in check(config)] == ["params[2].type"]

    def test_a_cycle_names_its_params_from_the_top(self):
        (finding,) = check(mutated(param_change(PORT, "dependencies", ["status"])))
        assert finding.found == "a cycle: port -> status -> table -> port"

    def test_two_cycles_apart_are_two_errors(self):
        config = {"title": "A", "params": [{"name": n, "dependencies": [d]} for n, d in ("ab", "ba", "cd", "dc")]}
        assert paths(config) == ["params[0].dependencies[0]", "params[2].dependencies[0]"]

    def test_a_cycle_behind_a_chain_begins_where_it_begins(self):
        config = {"title": "A", "params": [{"name": n, "dependencies": list(d)} for n, d in ("ab", "bc", ("c", "db"))]}
        config["params"].append({"name": "d"})
        (finding,) = [finding for finding in check(config) if finding.level == "error"]
        assert (finding.path, finding.found) == ("params[1].dependencies[0]", "a cycle: b -> c -> b")

    def test_cycles_that_share_a_param_are_one_error(self):
        params = [{"name": n, "dependencies": list(d)} for n, d in (("a", "bc"), ("b", "a"), ("c", "a"))]
        assert paths({"title": "A", "params": params}) == ["params[0].dependencies[0]"]

    def test_a_cycle_entered_in_its_middle_begins_at_the_top(self):
        params = [{"name": n, "dependencies": list(d)} for n, d in ("ac", "bc", "cb")]
        (finding,) = [finding for finding in check({"title": "A", "params": params}) if finding.level == "error"]
        assert (finding.path, finding.found) == ("params[1].dependencies[0]", "a cycle: b -> c -> b")

    def test_a_chain_longer_than_the_stack_is_walked(self):
        count = sys.getrecursionlimit() * 3
        params = [{"name": f"p{i}", "dependencies": [f"p{(i + 1) % count}"]} for i in range(count)]
        (path,) = paths({"title": "A", "params": params})
        assert path == "params[0].dependencies[0]"


class TestWords:
    def test_a_finding_says_where_what_and_what_next(self):
        (finding,) = check(mutated(param_change(HOST, "required", "yes")))
        assert str(finding) == (
            "params[0].required: found 'yes' (str); expected True or False. "
            "Write True or False, without quotes; leave the key out for False."
        )

    def test_a_finding_on_the_whole_calls_it_config(self):
        (finding,) = check(None)
        assert finding.path == ""
        assert str(finding).startswith("CONFIG: found None; expected a dict. ")

    @pytest.mark.parametrize(
        ("value", "found"),
        [
            (("new",), "a tuple"),
            ({"new"}, "a set"),
            (b"new", "a bytes"),
            ((x for x in "a"), "a generator"),
            (three_arguments, "a function of (a, b, c)"),
            (keyword_needed, "a function of (source, flag)"),
            ({}, "an empty dict"),
            (5, "5 (int)"),
            (10**5000, "an int of 16610 bits"),
            ("x" * 100, f"'{'x' * 60}'... (str)"),
        ],
        ids=lambda value: type(value).__name__,
    )
    def test_what_was_found_is_named_by_its_type(self, value, found):
        (finding,) = check(mutated(param_change(STATUS, "values", value)))
        assert finding.found == found

    @pytest.mark.parametrize("data", ["A", "AAAAA", "AA=A", "A" * 8 + "=" * 3, "AA-_", "AAA\u0660"])
    def test_base64_that_does_not_decode_is_told_as_such(self, data):
        (finding,) = check(mutated(("icon", f"data:image/png;base64,{data}")))
        assert finding.found == "a data URL whose base64 does not decode"

    def test_an_icon_of_another_type_is_told_with_both(self):
        (finding,) = check(mutated(("icon", data_url(JPEG, "image/png"))))
        assert finding.found == "image/png by name, but a JPEG by its bytes"
        (finding,) = check(mutated(("icon", "data:image/png,\ud800")))
        assert finding.found == "image/png by name, but no such image by its bytes"

    def test_a_nearest_name_is_suggested(self):
        (finding,) = check(mutated(param_change(TABLE, "dependencies", ["hots"])))
        assert finding.fix == "Did you mean 'host'?"
        (finding,) = check(mutated(("hostProperty", "Host")))
        assert finding.fix == "Did you mean 'host'?"
        (finding,) = check(mutated(("HOST_PROPERTY", "host")))
        assert finding.fix == "Did you mean 'hostProperty'?"
        (finding,) = check(mutated(param_change(HOST, "dependancies", [])))
        assert finding.fix == "Did you mean 'dependencies'?"
        (finding,) = check(mutated(param_change(TABLE, "type", "Dynamic_List")))
        assert finding.fix == "Did you mean 'dynamic-list'?"

    def test_suggestions_are_sought_among_what_people_type(self):
        assert nearest("hots", ["x"] * 199 + ["host"]) == "host"
        assert nearest("hots", ["x"] * 200 + ["host"]) is None
        assert nearest("h" * 63 + "x", ["h" * 64]) == "h" * 64
        assert nearest("h" * 64 + "x", ["h" * 65]) is None

    def test_nothing_is_suggested_where_nothing_is_near(self):
        (finding,) = check(mutated(("colour", 1)))
        assert "Did you mean" not in finding.fix
        assert "hostProperty" in finding.expected

    @pytest.mark.parametrize(
        "param",
        [
            {"name": "password", "title": "P", "type": "password"},
            {"name": "login", "title": "P", "type": "password"},
            {"name": "internal", "type": "hidden"},
            {"name": "apiToken", "title": "P", "type": "number"},
            {"name": "field", "title": "API Token", "type": "number"},
            {"nmae": "field", "title": "P", "type": "number"},
            {"name": "api-token", "title": "P", "type": "string"},
            {"name": "key", "title": "P", "type": "list", "values": ["a"]},
        ],
    )
    @pytest.mark.parametrize("default", ["s3cret", ["s3cret"], ("s3cret",), {"s3cret": {1}}, 53127])
    def test_a_credentials_default_is_never_shown(self, param, default):
        findings = check({"title": "A", "params": [{**param, "default": default}]})
        for secret in ("s3cret", "53127"):
            assert not any(secret in repr(finding) or secret in str(finding) for finding in findings)

    @pytest.mark.parametrize(
        "default", ["postgres://ada:s3cret@host/db", {"a": "Bearer s3cret-0123456789"}, [{"password": "s3cret"}]]
    )
    def test_a_default_that_holds_a_credential_is_not_shown(self, default):
        (finding,) = check(mutated(param_change(PORT, "default", default)))
        assert finding.path == "params[1].default"
        assert finding.found.endswith("(not shown)")

    def test_the_default_of_another_param_is_shown(self):
        (finding,) = check(mutated(param_change(PORT, "default", "5432")))
        assert finding.found == "'5432' (str)"

    def test_a_hidden_default_is_told_by_its_type(self):
        (finding,) = check(mutated(param_change(PASSWORD, "default", 53127)))
        assert finding.found == "an int (not shown)"

    def test_errors_come_first_and_each_level_in_the_order_of_config(self):
        config = mutated(
            ("keywords", REMOVED),
            param_change(STATUS, "required", 1),
            param_change(HOST, "hidden", 1),
            ("zebra", 1),
            ("title", ""),
            param_change(PORT, "apple", 1),
        )
        found = [(finding.level[0], finding.path) for finding in check(config)]
        assert found == [
            ("e", "title"),
            ("e", "params[0].hidden"),
            ("e", "params[4].required"),
            ("w", "params[1].apple"),
            ("w", "zebra"),
            ("w", "keywords"),
        ]

    def test_a_finding_is_a_frozen_value(self):
        one = ConfigFinding(level="error", path="title", found="a", expected="b", fix="c")
        assert one == ConfigFinding(level="error", path="title", found="a", expected="b", fix="c")
        with pytest.raises(AttributeError):
            one.path = ""


class Hostile:
    """Raises wherever it is touched."""

    def _raise(self, *args, **kwargs):
        raise ZeroDivisionError

    __repr__ = __str__ = __eq__ = __bool__ = __len__ = __iter__ = __getattr__ = __getitem__ = __contains__ = _raise
    __hash__ = object.__hash__
    __class__ = property(_raise)


class HostileDict(dict):
    keys = values = items = get = __iter__ = __getitem__ = __len__ = __eq__ = __repr__ = __contains__ = Hostile._raise
    __hash__ = object.__hash__


class HostileList(list):
    __iter__ = __getitem__ = __len__ = __eq__ = __repr__ = __contains__ = copy = Hostile._raise
    __hash__ = object.__hash__


class HostileText(str):
    __slots__ = ()
    __repr__ = __str__ = __eq__ = __len__ = __getitem__ = startswith = Hostile._raise
    __hash__ = str.__hash__


class HostileInt(int):
    __repr__ = __str__ = __eq__ = __int__ = __index__ = bit_length = Hostile._raise
    __hash__ = int.__hash__


class HostileFloat(float):
    __repr__ = __eq__ = __float__ = Hostile._raise
    __hash__ = float.__hash__


class HostileCall(Hostile):
    __call__ = Hostile._raise


class HostileMeta(type):
    @property
    def __name__(cls):
        raise ZeroDivisionError

    def __repr__(cls):
        raise ZeroDivisionError


class OfHostileMeta(metaclass=HostileMeta):
    pass


class HostileAttributes:
    """Raises whatever is asked of it, its class and its hash included."""

    def __getattribute__(self, name):
        raise ZeroDivisionError(name)

    __hash__ = __eq__ = __dir__ = Hostile._raise


class Pretender:
    """Says that it is a dict, and is none."""

    __class__ = dict

    def __getitem__(self, key):
        return self

    def __len__(self):
        return -1  # noqa: PLE0303 - it lies

    def __iter__(self):
        return self

    def __next__(self):
        return "title"


class EndlessList(list):
    def __iter__(self):
        return endless()

    def __len__(self):
        return sys.maxsize


class EndlessDict(dict):
    def __missing__(self, key):
        return self

    def items(self):
        return ((name, self) for name in endless())

    __iter__ = keys = lambda self: endless()


class AnyOfIt(type):
    """Everything is an instance and a subclass of such a class."""

    def __instancecheck__(cls, other):
        raise ZeroDivisionError

    __subclasscheck__ = __instancecheck__
    __call__ = __instancecheck__


class OfAnyOfIt(metaclass=AnyOfIt):
    def __init__(self, source):
        pass


class Unwrapped:
    """A function that wraps another one, that wraps another one ..."""

    @property
    def __wrapped__(self):
        return Unwrapped()

    def __call__(self, source): ...


class Recursive:
    """Whose signature is to be had from its signature."""

    @property
    def __signature__(self):
        return inspect.signature(self)

    def __call__(self, source): ...


class Exiting:
    """A function that ends the program when it is asked how it is called."""

    @property
    def __signature__(self):
        raise SystemExit

    def __call__(self, source): ...


class LyingSignature:
    __signature__ = "no signature"

    def __call__(self): ...


def endless():
    while True:
        yield "a"


def itself(kind):
    item = kind()
    item.append(item) if kind is list else item.update(a=item)
    return item


def nested(depth, *, kind):
    item = "end"
    for _ in range(depth):
        item = [item] if kind is list else {"a": item}
    return item


def many_times_over(levels=100):
    item = []
    for _ in range(levels):
        item = [item, item]
    return item


def each_in_the_other():
    one, other = {}, []
    one["a"] = other
    other.append(one)
    return one


def deep_mixed(depth):
    item = ()
    for number in range(depth):
        item = ([item], {"a": item}, (item,), {"name": "a", "values": item, "dependencies": [item]})[number % 4]
    return item


async def asynchronous(source): ...


ODDITIES = {
    "hostile object": Hostile(),
    "hostile class": Hostile,
    "hostile dict": HostileDict({"title": "A", "params": [], "name": "a", "value": 1}),
    "hostile list": HostileList(["a", 1, None]),
    "hostile text": HostileText("a"),
    "hostile int": HostileInt(3),
    "hostile float": HostileFloat(3.5),
    "hostile function": HostileCall(),
    "hostile keys": {HostileText("title"): HostileText("A"), HostileText("params"): HostileList()},
    "of a hostile class": OfHostileMeta(),
    "wrong signature": LyingSignature(),
    "signature without end": Recursive(),
    "signature that exits": Exiting(),
    "wrapped without end": Unwrapped(),
    "hostile attributes": HostileAttributes(),
    "pretended dict": Pretender(),
    "list without end": EndlessList(["a"]),
    "dict without end": EndlessDict(title="A", name="a", value=1),
    "class that everything is of": OfAnyOfIt,
    "partial of no function": functools.partial(Hostile, *["a"] * 1000),
    "coroutine function": asynchronous,
    "weak reference": weakref.ref(Hostile),
    "memory": memoryview(b"a" * 1000),
    "exception": ZeroDivisionError(Hostile()),
    "lists in each other": each_in_the_other(),
    "deep mixed": deep_mixed(10_000),
    "huge float": 1.7e308,
    "huge negative int": -(1 << 1_000_000),
    "long key": {"k" * 1_000_000: 1},
    "odd keys": {"": 1, "\0": 2, "\ud800": 3, "a\nb": 4, True: 5, None: 6, (): 7, 1.5: 8, b"title": 9},
    "mock": MagicMock(),
    "endless generator": endless(),
    "list in itself": itself(list),
    "dict in itself": itself(dict),
    "deep list": nested(100_000, kind=list),
    "deep dict": nested(100_000, kind=dict),
    "many times over": many_times_over(),
    "long list": [None] * 200_000,
    "long text": "a " * 1_000_000,
    "large int": 10**10_000,
    "lone surrogate": "\ud800",
    "null byte": "\0",
    "infinity": float("inf"),
    "module": sys,
    "namedtuple": namedtuple("N", "title")("A"),  # noqa: PYI024
    "UserDict": UserDict(title="A", params=[]),
    "mappingproxy": types.MappingProxyType({"title": "A"}),
    "enum": Enum("E", "A").A,
    "decimal": Decimal(1),
    "datetime": datetime.now(UTC),
    "path": Path(),
    "our own marks": {"$callable": {"signature": 1}, "$python-type": 1, "$python-keys": 1},
    "odd type name": type("a\n b" * 100, (), {})(),
}

PLACES = [
    (),
    ("title",),
    ("params",),
    ("params", HOST),
    ("params", HOST, "name"),
    ("params", HOST, "default"),
    ("params", HOST, "values"),
    ("params", HOST, "dependencies"),
    ("params", STATUS, "values", 1),
    ("params", STATUS, "values", 1, "value"),
    ("params", TABLE, "dependencies", 0),
    ("icon",),
    ("createdAt",),
    ("advanced",),
    ("colour",),
]


# What takes a while to look at, and is looked at in the places above.
HUGE = {"deep list", "deep dict", "many times over", "long list", "long text", "deep mixed"}


def places_in(node, path=()):
    """Each value in it, as a path."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from places_in(value, (*path, key))


def is_sane(findings):
    assert isinstance(findings, tuple)
    for finding in findings:
        assert finding.level in ("error", "warning")
        assert 0 < len(str(finding)) < 2000
        str(finding).encode()  # can be printed
        assert "\n" not in str(finding)
    return True


class TestAnyObject:
    @pytest.mark.parametrize("place", PLACES, ids=lambda place: ".".join(map(str, place)) or "CONFIG")
    @pytest.mark.parametrize("oddity", ODDITIES)
    def test_no_object_at_any_place_makes_it_raise(self, place, oddity):
        value = ODDITIES[oddity]
        assert is_sane(check(mutated((*place, value)) if place else value))

    def test_generators_are_not_consumed(self):
        values = (x for x in ["a", "b"])
        check(mutated(param_change(STATUS, "values", values)))
        assert list(values) == ["a", "b"]

    def test_hostile_text_and_lists_are_read_for_what_they_hold(self):
        config = HostileDict(title=HostileText("A"), params=HostileList([HostileDict(name=HostileText("a b"))]))
        assert paths(config) == ["params[0].name"]

    def test_config_is_left_as_it_is(self):
        before = copy.deepcopy(VALID)
        check(VALID)
        Config.parse(VALID)
        assert before == VALID

    def test_a_list_in_itself_is_named(self):
        params = []
        params.append(params)
        (finding,) = [finding for finding in check({"title": "A", "params": params}) if finding.level == "error"]
        assert (finding.path, finding.found) == ("params[0]", "a list that contains itself")

    def test_the_same_list_at_two_places_is_no_cycle(self):
        names = ["host"]
        config = mutated(param_change(TABLE, "dependencies", names), param_change(STATUS, "dependencies", names))
        assert check(config) == ()

    def test_too_many_values_are_one_error(self):
        (finding,) = check(mutated(("colour", many_times_over())))
        assert finding.level == "error"
        assert finding.path.startswith("colour[0]")
        assert "100,000" in finding.found

    def test_as_many_values_as_allowed_are_checked(self):
        assert check(mutated(param_change(STATUS, "values", ["new"] * 50_000))) == ()

    def test_thousands_of_faults_end_in_seconds(self):
        params = [{"name": f"p{i}", "dependencies": [f"q{i}"], "colour": 1} for i in range(15_000)]
        assert len(check({"title": "A", "params": params})) == 500

    @settings(max_examples=40, deadline=None)
    @given(config=configs(types=["list", "oauth"]), data=st.data())
    def test_no_object_at_any_place_of_any_config_makes_it_raise(self, config, data):
        place = data.draw(st.sampled_from(list(places_in(config))))
        oddity = data.draw(st.sampled_from([name for name in ODDITIES if name not in HUGE]))
        node = config
        for step in place[:-1]:
            node = node[step]
        node[place[-1]] = ODDITIES[oddity]
        assert is_sane(check(config))

    @settings(max_examples=300, deadline=None)
    @given(
        config=st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats()
            | st.text(alphabet=st.characters())
            | st.binary()
            | st.dates()
            | st.functions(like=get_tables)
            | st.integers(0, 12).map(lambda number: list(ODDITIES.values())[number]),
            lambda inner: (
                st.lists(inner)
                | st.tuples(inner, inner)
                | st.dictionaries(st.text() | st.integers() | st.sampled_from(sorted(VALID)), inner)
            ),
            max_leaves=30,
        )
    )
    @example(config={"title": "\ud800", "params": [{"\ud800": 1}]})
    def test_any_nested_object_is_checked(self, config):
        assert is_sane(check(config))

    @settings(max_examples=300, deadline=None)
    @given(data=st.data())
    def test_any_value_under_any_known_key_is_checked(self, data):
        values = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just(get_tables) | st.tuples()
        values |= st.lists(values, max_size=3) | st.sampled_from(["a", "b", "oauth", "list", ["a"], ["b", "a"], []])
        choice = st.dictionaries(st.sampled_from(["name", "value", "disabled", "requires", "vlaue"]), values)
        values |= st.lists(choice, max_size=3)
        keys = ["name", "title", "type", "required", "hidden", "default", "values", "dependencies", "nmae", "help"]
        param = st.dictionaries(st.sampled_from(keys), values)
        top = st.dictionaries(st.sampled_from([*VALID, "titel"]), values)
        config = {**data.draw(top), "params": data.draw(st.lists(param | values, max_size=4))}
        findings = check(config)
        assert is_sane(findings)
        places = [(finding.path, finding.level, finding.found) for finding in findings]
        assert len(set(places)) == len(places)
        if not any(finding.level == "error" for finding in findings):
            Config.parse(config)
        assert check(config) == findings


class TestClock:
    def test_today_is_taken_from_the_caller(self):
        assert paths(mutated(("createdAt", "2999-01-01")), "warning") == ["createdAt"]
        assert check_config(mutated(("createdAt", "2999-01-01")), today=date(2999, 1, 1)) == ()

    def test_without_a_today_the_clock_is_read(self):
        assert [f.path for f in check_config(mutated(("createdAt", "9999-01-01")))] == ["createdAt"]
        assert check_config(mutated(("createdAt", datetime.now(UTC).date().isoformat()))) == ()


class TestParse:
    def test_every_key_is_read(self):
        config = Config.parse(VALID)
        assert config.title == "Shop"
        assert config.icon == VALID["icon"]
        assert config.categories == ("APIS",)
        assert config.keywords == ("shop", "orders")
        assert config.created_at == date(2024, 5, 31)
        assert config.host_property == "host"
        assert config.advanced == {"withIncremental": True}
        assert [param.name for param in config.params] == [param["name"] for param in VALID["params"]]
        host, port, password, table, status, account, internal = config.params
        assert (host.title, host.type, host.required, host.ip_whitelist) == ("Host", "string", True, True)
        assert (host.link, host.values, host.default) == ("https://a.io", None, None)
        assert (port.default, port.placeholder) == (5432, "e.g. 5432")
        assert (password.help, password.description) == ("**Markdown**", "[x](y)")
        assert table.values is get_tables
        assert table.dependencies == ("host", "port", "password")
        assert status.values == (Choice(name="new", value="new"), Choice(name="Paid", value="paid"))
        assert account.oauth_authorize_url == "https://shop.io/authorize"
        assert account.oauth_access_url == "https://shop.io/access"
        assert account.oauth_refresh_url == "https://shop.io/refresh"
        assert internal.hidden
        assert [param.is_credential for param in config.params] == [False, False, True, False, False, True, True]
        assert [param.is_list_like for param in config.params] == [False, False, False, True, True, False, False]

    def test_the_least_config_is_read(self):
        config = Config.parse({"title": "A", "params": [{"name": "a"}]})
        assert config.params[0] == config_module.Param(name="a")
        assert (config.created_at, config.icon) == (None, "")

    def test_only_lists_hold_several_values(self):
        kinds = ("list", "dynamic-list", "select", "string")
        params = [{"name": f"p{i}", "type": kind} for i, kind in enumerate(kinds)]
        config = Config.parse({"title": "A", "params": params})
        assert [param.is_multiple for param in config.params] == [True, True, False, False]

    def test_an_invalid_config_raises_with_every_error_and_no_warning(self):
        with pytest.raises(ConfigError) as caught:
            Config.parse({"title": "", "params": [{"name": "a", "required": "yes"}]})
        lines = str(caught.value).splitlines()
        assert lines[0] == "CONFIG has 2 errors:"
        assert lines[1].startswith("  title: found '' (str); expected text that is not blank.")
        assert lines[2].startswith("  params[0].required: found 'yes' (str)")
        assert len(lines) == 3

    def test_to_run_a_source_nobody_needs_to_see_it(self):
        jpeg = "data:image/png;base64," + base64.b64encode(b"\xff\xd8\xff\xe0").decode()
        shown = {"icon": jpeg, "createdAt": "May", "keywords": "a", "hostProperty": "nobody", "advanced": [1]}
        config = VALID | shown
        with pytest.raises(ConfigError, match=r"^CONFIG has [5-9] errors:"):
            Config.parse(config)
        assert Config.parse(config, to_run=True).params == Config.parse(VALID).params

        with pytest.raises(ConfigError, match=r"^CONFIG has 1 error:\n  params\[0\]\.name") as caught:
            Config.parse({"title": "A", "icon": jpeg, "params": [{"name": "1"}]}, to_run=True)
        assert "icon" not in str(caught.value)
        with pytest.raises(ConfigError, match=r"^CONFIG has 1 error:\n  CONFIG: found None"):
            Config.parse(None, to_run=True)

    def test_one_error_is_counted_as_one(self):
        with pytest.raises(ConfigError, match=r"^CONFIG has 1 error:\n  CONFIG: found None"):
            Config.parse(None)

    def test_a_param_is_found_by_its_name(self):
        assert Config.parse(VALID).param("port").default == 5432

    def test_a_name_of_no_param_is_told_with_the_nearest(self):
        with pytest.raises(ParamsError, match=r"no param 'pasword'\. Did you mean 'password'\? It has: host, port"):
            Config.parse(VALID).param("pasword")
        with pytest.raises(ParamsError, match=r"no param 'zzz'\. It has no params\.$"):
            Config.parse({"title": "A", "params": []}).param("zzz")

    def test_a_params_repr_shows_no_default(self):
        config = Config.parse({"title": "A", "params": [{"name": "token", "default": "s3cret"}]})
        assert "s3cret" not in repr(config)

    def test_later_changes_of_the_dict_change_nothing(self):
        mine = mutated()
        config = Config.parse(mine)
        mine["advanced"].clear()
        mine["params"][STATUS]["default"].clear()
        assert config.advanced == {"withIncremental": True}
        assert config.param("status").default == ["new"]

    @pytest.mark.parametrize(
        ("function", "arguments"),
        [
            (lambda source: (source,), 1),
            (lambda source, options: (source, options), 2),
            (lambda source, options=None: (source, options), 2),
            (lambda *args: args, 2),
            (lambda source, **kwargs: (source,), 1),
        ],
    )
    def test_values_are_called_with_as_much_as_they_take(self, function, arguments):
        param = Config.parse({"title": "A", "params": [{"name": "a", "values": function}]}).params[0]
        source, options = {"a": 1}, {"b": 2}
        assert param.call_values(source, options) == (source, options)[:arguments]

    def test_a_type_error_inside_of_values_is_not_swallowed(self):
        def broken(source):
            raise TypeError("inside")

        param = Config.parse({"title": "A", "params": [{"name": "a", "values": broken}]}).params[0]
        with pytest.raises(TypeError, match="inside"):
            param.call_values({}, {})

    def test_values_that_are_a_list_are_not_called(self):
        with pytest.raises(TypeError, match="'status' are no function"):
            Config.parse(VALID).param("status").call_values({}, {})

    def test_choices_are_read_from_text_numbers_and_entries(self):
        assert Choice.read("a") == Choice(name="a", value="a")
        assert [Choice.read(entry).offered for entry in ("a", {"value": 2})] == ["a", {"value": 2}]
        assert Choice.read(2) == Choice(name="2", value=2)
        assert Choice.read({"value": 2}) == Choice(name="2", value=2)
        assert Choice.read({"name": "A", "value": "a", "disabled": True}) == Choice(name="A", value="a", disabled=True)

    def test_without_jsonschema_the_extra_is_named(self, monkeypatch):
        real = builtins.__import__

        def without(name, *args, **kwargs):
            if name == "jsonschema":
                raise ImportError(name)
            return real(name, *args, **kwargs)

        monkeypatch.setattr(builtins, "__import__", without)
        with pytest.raises(MissingExtra, match=r"checking a CONFIG needs the extra 'cli'.*\[cli\]"):
            check_config(VALID)


class TestJSONView:
    def test_a_function_tells_its_signature(self):
        assert config_json(lambda source, options=None, *rest, **more: 1) == {
            "$callable": {"signature": "(source, options=..., *rest, **more)", "binds": [1, 2]}
        }

    def test_plain_values_stay(self):
        value = {"a": [1, 0.5, "x", True, None, {"b": []}]}
        assert config_json(value) == value

    def test_what_json_does_not_know_tells_its_type(self):
        assert config_json([(1,), {1}, b"", float("nan"), {1: "a", None: "b"}]) == [
            {"$python-type": "tuple"},
            {"$python-type": "set"},
            {"$python-type": "bytes"},
            {"$python-type": "float that is nan"},
            {"$python-keys": ["int", "NoneType"]},
        ]

    def test_keys_that_look_like_marks_are_not_taken_for_them(self):
        assert config_json({"$callable": 1}) == {"$$callable": 1}


def words(text):
    return text.split()


CREDENTIALS = words("""
    key apiKey api_key api-key API_KEY APIKey apikey x-api-key X_API_KEY api_keys api_key_2 token tokens accessToken access_token
    access-token authToken refresh_token personalAccessToken bearerToken oauth_token oauthtoken oauth2_access_token usertoken
    password Password db_password dbPassword dbpassword PASSWORD password1 passwd pwd user_pwd pass db_pass pass_phrase
    passphrase passWord secret clientSecret client_secret app-secret secretKey secret_key aws_secret_access_key accessKey
    private_key privateKey privatekey ssh_key sshKey rsa_private_key private_key_pem credentials credential
    serviceAccountCredentials creds dsn DSN sentry_dsn connection_string connectionString connectionstring conn_str
    connection_url database_url db_uri auth basic_auth authorization Authorization jwt bearer pat account_key consumer_key
    consumer_secret consumerKey encryption_key signing_key license_key key_file keyfile cookie password_confirmation oauth
""")

OTHERS = words("""
    user username user_name login email account accountId host port database db_name schema table destination idpattern
    inckey incval primary-key primary_key primaryKey primarykey foreign_key incremental-key incrementalKey sort_key sortkey
    sortKey partition_key public_key publicKey publickey hostkey host_key ssh_host_key_fingerprint object_key s3_key keys
    keyword keywords keyspace keyboard monkey turkey hockey token_type tokenType token_url tokenURL token_expiry
    token_expires_at token_expires_in next_token nextToken nexttoken page_token pageToken pagetoken next_page_token
    nextPageToken syncToken sync_token continuation_token cursor start_token tokenizer max_tokens token_count tokens_per_minute
    use_token has_password showPassword require_password password_policy password_reset_url secret_name credential_type
    credentials_id auth_type authType auth_method auth_url author authors authority authenticated oauth_scopes passenger
    bypass compass pass_through path pattern patient patch cookie_banner secretary client_id clientId consumer access_key_id
    private is_private url uri api_url api_version dsnap connection connection_type state type id name key_name
    token_column projectKey user_key __ 1 -
""")


class TestNamesOfCredentials:
    @pytest.mark.parametrize("name", CREDENTIALS)
    def test_a_name_that_says_so_names_a_credential(self, name):
        assert names_a_credential(name)

    @pytest.mark.parametrize("name", [*OTHERS, "", "größe", "名前", "\ud800"])
    def test_another_name_does_not(self, name):
        assert not names_a_credential(name)

    @given(st.text())
    def test_any_text_is_answered(self, name):
        assert names_a_credential(name) in (True, False)

    @given(st.sampled_from(CREDENTIALS))
    def test_separators_make_no_difference(self, name):
        assert names_a_credential(name.replace("_", "-"))
        assert names_a_credential(name.replace("-", " "))
