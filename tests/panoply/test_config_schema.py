from __future__ import annotations

import json
from importlib.resources import files

import jsonschema
import pytest

from panoply._config_normal import normal_config
from panoply._config_words import EXPECTED
from panoply.config import check_config, config_json, config_schema

SCHEMA = config_schema()
PARAM = SCHEMA["$defs"]["param"]["properties"]
CHOICE = SCHEMA["$defs"]["choice"]["properties"]

OAUTH = {f"oauth{name}URL": f"https://a.io/{name}" for name in ("Authorize", "Access", "Refresh")}


def get_values(source, options): ...


# CONFIGs in the forms that published sources have.
WILD = {
    "an API with a key": {
        "title": "Forms",
        "icon": "",
        "params": [
            {
                "name": "key",
                "required": True,
                "title": "API Key",
                "placeholder": "Your API Key",
                "help": "Your unique API Key. [Learn more](https://a.io/help/)",
            },
            {
                "name": "forms",
                "required": True,
                "title": "Forms",
                "type": "list",
                "values": lambda source: ["a"],
                "dependencies": ["key"],
            },
        ],
        "categories": ["APIS"],
        "keywords": ["forms", "surveys"],
        "createdAt": "2016-11-23",
    },
    "a database with widgets": {
        "title": "Database",
        "params": [
            {"name": "host", "title": "Host", "type": "string", "required": True, "ip_whitelist": True},
            {"name": "port", "title": "Port", "type": "number", "default": "5432", "required": True},
            {"name": "username", "title": "Username", "type": ""},
            {"name": "password", "title": "Password", "type": "password"},
            {
                "name": "tables",
                "title": "Tables",
                "type": "dynamic-list",
                "values": get_values,
                "dependencies": ["host"],
            },
            {"name": "schema", "title": "Schema", "type": "schema", "required": True, "category": "advanced"},
            {"name": "destination", "title": "Destination", "type": "destination", "category": "advanced"},
            {"name": "idpattern", "title": "Primary Key", "type": "primary-key", "description": "Enter {column} names"},
            {"name": "inckey", "title": "Incremental Key", "type": "incremental-key", "help": "Long  \n\ntext"},
            {"name": "excludes", "title": "Exclude", "type": "exclude"},
            {"name": "stringFields", "title": "Parse String", "type": "parse-string"},
            {"name": "truncateTable", "title": "Truncate Table", "type": "truncate-table"},
        ],
        "categories": ["DB", "POPULAR"],
        "keywords": ["db", "database", "sql"],
        "createdAt": "2020-08-02",
        "hostProperty": "host",
        "advanced": {"withIncremental": True},
    },
    "an account with choices": {
        "title": "Ads",
        "params": [
            {"name": "account", "title": "Account", "type": "oauth", **OAUTH},
            {"name": "state", "type": "hidden", "hidden": True, "default": {"a": [1, None]}},
            {"name": "note", "title": "Note", "type": "text", "dependencies": ["account"], "link": "https://a.io"},
            {
                "name": "metrics",
                "title": "Metrics",
                "type": "list",
                "values": [
                    {"name": "Clicks", "value": "clicks"},
                    {"name": "Cost", "value": "cost", "disabled": True, "requires": "clicks"},
                    {"name": "Views", "value": {"id": 1}, "requires": ["clicks", "cost"]},
                ],
            },
            {"name": "level", "title": "Level", "type": "select", "values": ["ad", "campaign"], "default": "ad"},
            {
                "name": "more",
                "title": "More",
                "type": "dynamic-list",
                "values": lambda source, *args, **kwargs: source["x"],
            },
        ],
        "categories": ["APIS", "Files"],
    },
    "the README's first example": {"title": "My Source", "params": {}},
    "keys and types of a later release": {
        "title": "New",
        "params": [{"name": "a", "type": "date-range", "range": (1, 2), "x-mine": {1}, "__own": get_values}],
        "version": 2,
        "x-team": object(),
    },
}


def validator():
    return jsonschema.Draft202012Validator(SCHEMA)


def test_the_schema_is_valid_against_its_metaschema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_its_id_has_a_version():
    assert SCHEMA["$id"] == "https://panoply.io/schemas/source-config/v1.json"


@pytest.mark.parametrize("name", WILD)
def test_published_forms_are_accepted(name):
    assert list(validator().iter_errors(config_json(WILD[name]))) == []
    assert [str(finding) for finding in check_config(WILD[name]) if finding.level == "error"] == []


def test_published_forms_have_every_key_and_every_type_among_them():
    params = [param for config in WILD.values() for param in config["params"]]
    choices = [each for param in params if isinstance(param.get("values"), list) for each in param["values"]]
    keys = {key for config in WILD.values() for key in config}
    assert keys >= {key for key in SCHEMA["properties"] if not key.startswith("$")}
    assert {key for param in params for key in param} >= {key for key in PARAM if not key.startswith("$")}
    assert {key for each in choices if isinstance(each, dict) for key in each} >= {*CHOICE} - {"$python-keys"}
    assert {param.get("type") for param in params} >= {None, *PARAM["type"]["examples"]}


@pytest.mark.parametrize("part", [SCHEMA["properties"], PARAM, CHOICE], ids=["config", "param", "choice"])
def test_each_key_has_a_title_a_description_and_examples_that_hold(part):
    for name, key in part.items():
        if name.startswith("$"):
            continue
        assert key["title"], name
        assert key["description"].endswith("."), name
        assert key["examples"], name
        for value in key["examples"]:
            jsonschema.Draft202012Validator({**key, "$defs": SCHEMA["$defs"]}).validate(value)


def test_each_key_has_words_for_its_faults():
    keys = {name for name in SCHEMA["properties"] if not name.startswith("$")}
    keys |= {f"params[].{name}" for name in PARAM if not name.startswith("$")}
    keys |= {f"params[].values[].{name}" for name in CHOICE if not name.startswith("$")}
    assert keys <= EXPECTED.keys()
    items = {place for place in EXPECTED if place.endswith("[]")}
    assert EXPECTED.keys() - keys - items == {""}


def test_the_schema_itself_rejects_what_json_does_not_know():
    for value in ((1,), {1}, b"", {1: 2}, float("nan")):
        view = config_json({"title": "A", "params": [{"name": "a", "default": value}]})
        assert not validator().is_valid(view)
        assert not validator().is_valid(config_json({"title": "A", "params": [], "advanced": {"a": value}}))


def test_the_schema_itself_rejects_functions_that_cannot_be_called_with_source():
    view = config_json({"title": "A", "params": [{"name": "a", "values": lambda: ["a"]}]})
    assert not validator().is_valid(view)


@pytest.mark.parametrize("name", WILD)
def test_a_normalised_config_is_valid_and_normal(name):
    normal = normal_config(config_json(WILD[name]))
    assert list(validator().iter_errors(normal)) == []
    assert normal_config(normal) == normal
    json.dumps(normal, allow_nan=False)
    assert [param["name"] for param in normal["params"]] == [param["name"] for param in WILD[name]["params"]]
    for param in normal["params"]:
        assert param.keys() >= {"name", "title", "type", "required", "hidden", "dependencies"}


def test_a_normalised_config_shows_no_default_that_is_a_credential():
    params = [
        {"name": "token", "default": "s3cret"},
        {"name": "token2", "type": "password", "defualt": "s3cret", "default": ""},
        {"name": "server", "default": "postgres://ada:s3cret@host/db"},
        {"name": "server2", "defualt": "postgres://ada:s3cret@host/db"},
        {"name": "tunnel", "default": {"ssh": {"privateKey": "s3cret"}}},
        {"name": "port", "type": "number", "default": 5432},
    ]
    normal = normal_config(config_json({"title": "A", "params": params}))
    assert "s3cret" not in str(normal)
    assert [param.get("default") for param in normal["params"]] == ["***", "", "***", None, "***", 5432]


def test_a_changed_schema_is_the_callers_own():
    config_schema().clear()
    assert config_schema() == SCHEMA


def test_the_schema_lies_in_the_package():
    path = files("panoply") / "config.schema.json"
    assert json.loads(path.read_text("utf-8")) == SCHEMA
