"""What a source's params have to look like: the schema, what is said of wrong ones, and a file to fill in."""

from __future__ import annotations

import tomllib

import hypothesis
import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panoply._param_shapes import PLATFORM_KEYS, default_of, env_names, shown_default
from panoply._params_schema import PLATFORM
from panoply.cli._files import read_file
from panoply.cli._flags import flags
from panoply.cli._params import Typed, lacking, missing
from panoply.cli._params import given as put_together
from panoply.config import Choice, Config, Param
from panoply.errors import MissingExtra
from panoply.params import ParamsFinding, check_params, params_example, params_schema

SECRET = "s3cret-t0ken"


def tables(source):
    raise AssertionError("nothing here asks a source")


ENTRIES = [
    {"name": "All users", "value": "users"},
    {"name": "Orders", "value": "orders", "requires": ["users"]},
    {"name": "Closed", "value": "closed", "disabled": True},
]

SHOP = {
    "title": "The Shop",
    "params": [
        {"name": "host", "title": "Host", "required": True, "placeholder": "db.example", "link": "https://a.io/docs"},
        {"name": "apiToken", "title": "API token", "type": "password", "required": True, "help": "Get *one*."},
        {"name": "pages", "title": "Pages", "type": "number", "default": 2},
        {"name": "port", "title": "Port", "type": "number", "default": "5432"},
        {"name": "limit", "title": "Limit", "type": "number", "required": True},
        {"name": "tables", "title": "Tables", "type": "list", "values": ENTRIES, "default": ["users"]},
        {"name": "colours", "title": "Colours", "type": "list", "values": ["red", "blue"], "required": True},
        {"name": "views", "title": "Views", "type": "dynamic-list", "values": tables, "dependencies": ["host"]},
        {"name": "region", "title": "Region", "type": "select", "values": ["eu", "us"]},
        {"name": "level", "title": "Level", "type": "select", "values": ENTRIES, "required": True},
        {"name": "deep", "title": "Deep", "default": False},
        {"name": "account", "title": "Account", "type": "oauth", "required": True}
        | {f"oauth{name}URL": "https://a.io/" for name in ("Authorize", "Access", "Refresh")},
        {"name": "schema", "title": "Schema", "type": "schema"},
        {"name": "excludes", "title": "Exclude", "type": "exclude"},
        {"name": "truncateTable", "title": "Truncate", "type": "truncate-table"},
        {"name": "idpattern", "title": "Key", "type": "primary-key", "required": True},
        {"name": "cursor", "type": "hidden", "required": True},
        {"name": "memory", "type": "hidden", "default": {"a": [1, None]}},
        {"name": "extra", "title": "Extra", "type": "widget-of-tomorrow"},
    ],
}
CONFIG = Config.parse(SHOP)
SCHEMA = params_schema(CONFIG)

RIGHT = {
    "host": "db.example",
    "apiToken": SECRET,
    "limit": 10,
    "colours": ["red"],
    "level": "users",
    "account": {"token": SECRET},
    "cursor": [1],
}


def is_right(params, config=CONFIG):
    """By the schema and by the findings, which agree."""
    by_schema = jsonschema.Draft202012Validator(params_schema(config)).is_valid(params)
    assert by_schema == (check_params(config, params) == ())
    return by_schema


# ---------------------------------------------------------------------- the schema


def test_the_schema_is_valid_against_its_metaschema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["title"] == "Params of The Shop"


def test_each_param_has_its_words():
    assert SCHEMA["properties"]["host"] == {
        "title": "Host",
        "description": "See https://a.io/docs",
        "type": "string",
        "minLength": 1,
    }
    assert SCHEMA["properties"]["apiToken"]["description"] == "Get *one*."
    assert SCHEMA["properties"]["cursor"]["title"] == "cursor"


def test_each_key_that_the_platform_adds_is_described():
    assert PLATFORM.keys() == PLATFORM_KEYS
    assert all(SCHEMA["properties"][name]["description"] for name in PLATFORM_KEYS - {"idpattern"})


def test_what_is_required_and_has_no_default_is_required():
    # `idpattern` the platform fills in.
    assert SCHEMA["required"] == ["host", "apiToken", "limit", "colours", "level", "account", "cursor"]
    assert "required" not in params_schema(Config.parse({"title": "A", "params": []}))


def test_defaults_are_shown_in_the_shape_in_which_they_come_back():
    defaults = {name: schema["default"] for name, schema in SCHEMA["properties"].items() if "default" in schema}
    assert defaults == {"pages": 2, "port": "5432", "tables": [ENTRIES[0]], "deep": False}


def test_credentials_are_write_only():
    assert [name for name, schema in SCHEMA["properties"].items() if schema.get("writeOnly")] == [
        *("apiToken", "account", "cursor", "memory")
    ]


def test_choices_without_names_are_an_enum_and_others_have_titles():
    assert SCHEMA["properties"]["colours"]["items"] == {"enum": ["red", "blue"]}
    titles = [each["title"] for each in SCHEMA["properties"]["tables"]["items"]["anyOf"]]
    assert titles == ["All users", "Orders"]


FITTING = [
    {},
    {"pages": 1.5},
    {"pages": None},
    {"port": 5432},
    {"port": "5433"},
    {"tables": []},
    {"tables": [ENTRIES[1]]},
    {"colours": ["red", "blue"]},
    {"views": ["a", 2, {"name": "B", "value": {"id": 1}}]},
    {"region": "us"},
    {"region": ""},
    {"region": None},
    {"level": ENTRIES[0]},
    {"deep": True},
    {"account": "token"},
    {"schema": "public"},
    {"excludes": ["a"]},
    {"excludes": "a, b"},
    {"truncateTable": True},
    {"idpattern": "{id}"},
    {"memory": "x"},
    {"extra": {"any": ["thing", 1]}},
    {"destination": "orders_{id}", "inckey": "id", "incval": 5, "lastTimeSucceed": "2024-01-02T03:04:05.678Z"},
    {"state": {"page": 1}, "type": "shop", "id": "x", "database": "d", "__internal": {"a": 1}},
]

# What does not fit, and where that is told.
MISFITTING = [
    ({"host": ""}, "host"),
    ({"host": None}, "host"),
    ({"host": 5}, "host"),
    ({"host": ["a"]}, "host"),
    ({"apiToken": {"token": SECRET}}, "apiToken"),
    ({"pages": "two"}, "pages"),
    ({"pages": "2"}, "pages"),
    ({"pages": True}, "pages"),
    ({"port": "http"}, "port"),
    ({"limit": ""}, "limit"),
    ({"tables": "users"}, "tables"),
    ({"tables": ["users"]}, "tables[0]"),
    ({"tables": [ENTRIES[0], {"name": "Other", "value": "other"}]}, "tables[1]"),
    ({"tables": [ENTRIES[2]]}, "tables[0]"),
    ({"tables": [{"value": "users"}]}, "tables[0]"),
    ({"colours": []}, "colours"),
    ({"colours": ["red", "bleu"]}, "colours[1]"),
    ({"colours": [{"name": "red", "value": "red"}]}, "colours[0]"),
    ({"views": [None]}, "views[0]"),
    ({"views": [{"name": "A"}]}, "views[0]"),
    ({"region": "mars"}, "region"),
    ({"region": ["eu"]}, "region"),
    ({"level": ""}, "level"),
    ({"level": "closed"}, "level"),
    ({"deep": "yes"}, "deep"),
    ({"account": 7}, "account"),
    ({"account": {}}, "account"),
    ({"cursor": {}}, "cursor"),
    ({"cursor": ""}, "cursor"),
    ({"schema": 1}, "schema"),
    ({"regoin": "eu"}, "regoin"),
    ({"destination": 5}, "destination"),
    ({"state": "page 1"}, "state"),
]


@pytest.mark.parametrize("more", FITTING, ids=str)
def test_what_fits_is_right(more):
    assert is_right({**RIGHT, **more})


@pytest.mark.parametrize(("more", "path"), MISFITTING, ids=str)
def test_what_does_not_fit_is_told_once_at_its_place(more, path):
    params = {**RIGHT, **more}
    assert not is_right(params)
    assert [finding.path for finding in check_params(CONFIG, params)] == [path]


@pytest.mark.parametrize("name", list(RIGHT))
def test_a_param_that_lacks_is_told(name):
    params = {key: value for key, value in RIGHT.items() if key != name}
    assert not is_right(params)
    (finding,) = check_params(CONFIG, params)
    assert (finding.path, finding.found) == (name, "nothing")
    assert finding.expected.endswith(": it is required")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "a", "users", "red", "5", "eu"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["name", "value"]), inner),
    max_leaves=4,
)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*(param.name for param in CONFIG.params), "hots", "__x", "destination", "state", "incval"]),
        VALUES,
    )
)
def test_the_schema_and_the_findings_agree(more):
    is_right({**RIGHT, **more})


# ---------------------------------------------------------------------- the findings


def one(more, config=CONFIG):
    (finding,) = check_params(config, {**RIGHT, **more})
    return str(finding)


def test_findings_say_what_was_found_what_is_expected_and_what_may_be_meant():
    assert one({"pages": "two"}) == "pages: found text; expected a number, without quotes."
    assert (
        one({"region": "EU"}) == "region: found text that is not offered; expected one of: eu, us. Did you mean 'eu'?"
    )
    assert one({"tables": ["users"]}) == (
        'tables[0]: found text; expected one of: users, orders as {"name": ..., "value": ...}.'
    )
    assert (
        one({"regoin": "eu"})
        == "regoin: found a key that is no param; expected the name of a param. Did you mean 'region'?"
    )
    assert one({"zzz": 1}).startswith("zzz: found a key that is no param; expected one of: host, apiToken,")


def test_a_misspelled_name_is_told_once_also_where_it_is_required():
    params = {**RIGHT, "Limit": 5}
    del params["limit"]
    (finding,) = check_params(CONFIG, params)
    assert (finding.path, finding.fix) == ("Limit", "Did you mean 'limit'?")


@pytest.mark.parametrize("wrong", [SECRET, [SECRET], {"a": SECRET}, {SECRET: 1}])
def test_no_finding_shows_a_value(wrong):
    for name in (param.name for param in CONFIG.params):
        for finding in check_params(CONFIG, {**RIGHT, name: wrong}):
            assert SECRET not in str(finding) + repr(finding)


@pytest.mark.parametrize("params", [None, [], "host", 5, object(), tables])
def test_what_is_no_dict_is_one_finding(params):
    (finding,) = check_params(CONFIG, params)
    assert str(finding).startswith("the params: found ")


@pytest.mark.parametrize(
    "value", [float("nan"), (1,), {1}, b"x", tables, 10**5000], ids=lambda value: type(value).__name__
)
def test_what_json_does_not_know_is_told(value):
    assert [finding.path for finding in check_params(CONFIG, {**RIGHT, "pages": value})] == ["pages"]
    assert [finding.path for finding in check_params(CONFIG, {**RIGHT, "extra": value})] == ["extra"]


def test_a_key_that_is_no_text_is_told():
    assert check_params(CONFIG, {**RIGHT, 1: 2}) == (
        ParamsFinding(path="", found="a key that is no text", expected="the names of params"),
    )


def test_a_list_with_many_faults_is_not_told_in_full():
    assert len(check_params(CONFIG, {**RIGHT, "colours": ["mauve"] * 1000})) == 5


def test_without_jsonschema_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "jsonschema", None)
    with pytest.raises(MissingExtra, match=r"\[cli\]"):
        check_params(CONFIG, RIGHT)


# ---------------------------------------------------------------------- defaults


def param(**keys):
    return Config.parse({"title": "A", "params": [{"name": "a", "title": "A", **keys}]}).params[0]


@pytest.mark.parametrize(
    "keys",
    [
        {"type": "password", "default": SECRET},
        {"type": "hidden", "default": SECRET},
        {"name": "apiToken", "default": SECRET},
        {"title": "API token", "default": SECRET},
        {"default": f"postgres://ada:{SECRET}@db/shop"},
        {"default": f"Server=db;Password={SECRET};"},
        {"default": {"ssh": {"privateKey": SECRET}}},
    ],
)
def test_a_default_that_is_or_holds_a_credential_is_in_nothing_that_is_shown(keys):
    config = Config.parse({"title": "A", "params": [{"name": "a", "title": "A", **keys}]})
    assert shown_default(config.params[0]) is None
    assert SECRET not in str(params_schema(config))
    assert SECRET not in params_example(config)


def test_a_default_that_does_not_fit_misleads_nobody():
    config = Config.parse({"title": "A", "params": [{"name": "a", "title": "A", "type": "number", "default": "many"}]})
    assert "default" not in params_schema(config)["properties"]["a"]


def test_a_chosen_default_comes_back_as_it_is_offered():
    assert default_of(param(type="list", values=ENTRIES, default=["orders"])) == [ENTRIES[1]]
    assert default_of(param(type="list", values=ENTRIES, default=[ENTRIES[1]])) == [ENTRIES[1]]
    assert default_of(param(type="list", values=["a"], default=["a", "b"])) == ["a", "b"]
    assert default_of(param(type="list", values=[{"value": 1}], default=[True, 1])) == [True, {"value": 1}]
    assert default_of(param(default="x")) == "x"


def test_a_value_that_is_offered_in_both_shapes_comes_back_in_either():
    both = Config.parse(
        {"title": "A", "params": [{"name": "a", "type": "list", "values": ["x", {"name": "X", "value": "x"}]}]}
    )
    assert is_right({"a": ["x", {"name": "X", "value": "x"}]}, both)


def test_a_choice_that_was_not_read_from_config_is_its_value():
    made = Param(name="a", type="list", values=(Choice(name="X", value="x"),), default=["x"])
    assert default_of(made) == ["x"]
    assert is_right({"a": ["x"]}, Config(title="A", params=(made,)))


def test_panoply_run_gives_a_chosen_default_as_it_is_offered():
    found = put_together(flags(CONFIG.params, ()), typed=Typed(), environ={}, file={})
    assert found.values["tables"] == [ENTRIES[0]]


# ---------------------------------------------------------------------- the file to fill in


def example(**keys):
    return params_example(Config.parse({"title": "A", "params": [{"name": "a", "title": "A", **keys}]}))


def test_the_example_is_as_empty_as_it_has_to_be():
    assert tomllib.loads(params_example(CONFIG)) == {
        "host": "",
        "apiToken": "",
        "limit": "",
        "colours": [],
        "level": "",
        "account": "",
        "cursor": "",
    }


def test_the_example_says_what_there_is_to_know():
    text = params_example(CONFIG, module="shop")
    assert "then: panoply run shop --params FILE.toml\n" in text
    assert (
        "# API token (required)\n# Get *one*.\n"
        "# Better than here: in the environment variable PANOPLY_PARAM_API_TOKEN. Leave it empty for that.\n"
        'apiToken = ""\n'
    ) in text
    assert '# Host (required)\n# https://a.io/docs\n# For example: db.example\nhost = ""\n' in text
    assert (
        '# One of: users (All users), orders (Orders).\n# tables = [{ name = "All users", value = "users" }]\n' in text
    )
    assert "# Depends on: host.\n# The source offers what can be chosen, once it can be asked.\n# views = []\n" in text
    assert '# One of: eu, us.\n# region = "eu"\n' in text
    assert "# deep = false\n" in text


def test_the_example_is_refused_until_it_is_filled_in_and_taken_then(tmp_path):
    file = tmp_path / "params.toml"
    file.write_text(params_example(CONFIG), encoding="utf-8")
    flagged = flags(CONFIG.params, ())
    empty = put_together(flagged, typed=Typed(), environ={}, file=read_file(file))
    assert missing(lacking(flagged, empty.values)).count("\n") == 1 + 7
    assert {finding.path for finding in check_params(CONFIG, read_file(file))} == set(RIGHT)

    text = file.read_text()
    for name, value in RIGHT.items():
        shown = {"limit": "10", "colours": '["red"]', "cursor": "[1]", "account": '{token = "x"}'}.get(
            name, f'"{value}"'
        )
        text = text.replace(f'\n{name} = ""', f"\n{name} = {shown}").replace(f"\n{name} = []", f"\n{name} = {shown}")
    file.write_text(text)
    filled = put_together(flagged, typed=Typed(), environ={}, file=read_file(file))
    assert lacking(flagged, filled.values) == ()
    assert filled.warnings == ()
    assert is_right(read_file(file))


def test_a_credential_in_the_environment_may_stay_empty_in_the_file(tmp_path):
    flagged = flags(CONFIG.params, ())
    file = tomllib.loads(params_example(CONFIG))
    found = put_together(flagged, typed=Typed(), environ={"PANOPLY_PARAM_API_TOKEN": SECRET}, file=file)
    assert found.values["apiToken"] == SECRET


def commented_in(text):
    """The example with every param in it."""
    lines = text.splitlines()
    return "\n".join(line.removeprefix("# ") if " = " in line else line for line in lines)


def test_each_line_that_is_commented_out_fits_when_it_is_not():
    values = tomllib.loads(commented_in(params_example(CONFIG).replace("then: ", "")))
    assert values.keys() == {param.name for param in CONFIG.params}
    wrong = [finding.path for finding in check_params(CONFIG, values)]
    assert wrong == list(RIGHT)


TEXTS = st.text(st.characters(), max_size=20) | st.sampled_from(["#", '"', "\\", "a\nb", "\r", "\x7f", "\ud800", "'''"])
NAMES = st.sampled_from(["a", "b", "größe", "apiToken", "_x", "A1"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
CHOICES = st.lists(TEXTS | st.fixed_dictionaries({"value": JSON}, optional={"name": TEXTS, "disabled": st.booleans()}))
KINDS = [param["type"] for param in SHOP["params"] if param.get("type") not in (None, "oauth")]
PARAM = st.fixed_dictionaries(
    {"name": NAMES},
    optional={
        "title": TEXTS,
        "type": st.sampled_from(KINDS),
        "required": st.booleans(),
        "hidden": st.booleans(),
        "default": JSON,
        "values": CHOICES | st.just(tables),
        **dict.fromkeys(("help", "description", "placeholder", "link", "category"), TEXTS),
    },
)
CONFIGS = st.lists(PARAM, max_size=3, unique_by=lambda each: each["name"]).map(
    lambda params: Config.parse({"title": "A", "params": params})
)


EMPTY_CHOICE = {"name": "a", "type": "select", "required": True, "default": [], "values": [{"name": "[]", "value": []}]}


@settings(max_examples=60, deadline=None)
@given(CONFIGS)
@hypothesis.example(Config.parse({"title": "A", "params": [EMPTY_CHOICE]}))
def test_of_any_config_the_example_is_toml_and_the_schema_is_one(config):
    schema = params_schema(config)
    jsonschema.Draft202012Validator.check_schema(schema)
    text = params_example(config)
    text.encode()
    values = tomllib.loads(text)
    assert set(values) == set(schema.get("required", ()))
    assert {finding.path for finding in check_params(config, values)} <= set(values)
    for name, each in schema["properties"].items():
        if "default" in each:
            assert check_params(config, {name: each["default"]}) == check_params(config, {})


def test_variables_are_named_as_panoply_run_names_them():
    names = ["apiToken", "host", "a_b", "aB"]
    assert env_names(names) == {
        "apiToken": "PANOPLY_PARAM_API_TOKEN",
        "host": "PANOPLY_PARAM_HOST",
        "a_b": "PANOPLY_PARAM_a_b",
        "aB": "PANOPLY_PARAM_aB",
    }
    assert "PANOPLY_PARAM_DB_NAME" in example(name="dbName", type="password")
