"""One mutation of a valid CONFIG, whatever that is: exactly the rule that is meant for it objects, at that place.

The CONFIGs are drawn by `panoply_testing.strategies.configs`, with one more param at a place of its own, on which most of
the mutations are done. `test_config.py` has the same for one CONFIG, with the words.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from panoply._config_advice import ADVICE
from panoply._config_json import json_view
from panoply._config_rules import RULES
from panoply._config_schema import config_schema, known_keys, known_types, schema_faults
from panoply._config_sound import sound_part
from panoply.config import Config, check_config
from panoply.errors import ConfigError
from panoply_testing.strategies import configs

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMA = config_schema()
TODAY = date(2025, 6, 1)
REMOVED = object()

# A param of each kind, valid in any CONFIG that has none of this name. No rule has anything to say of them.
ADDED = {
    "text": {"name": "added_param", "title": "Added"},
    "number": {"name": "added_param", "title": "Added", "type": "number", "default": 5432},
    "list": {
        "name": "added_param",
        "title": "Added",
        "type": "list",
        "values": ["one", {"name": "Two", "value": "two", "disabled": False}],
        "default": ["one"],
    },
    "oauth": {
        "name": "added_param",
        "title": "Added",
        "type": "oauth",
        "oauthAuthorizeURL": "https://shop.example/authorize",
        "oauthAccessURL": "https://shop.example/access",
        "oauthRefreshURL": "https://shop.example/refresh",
    },
    "password": {"name": "added_token", "title": "Added", "type": "password"},
}

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100


def url(data: bytes, media: str = "image/png") -> str:
    return f"data:{media};base64,{base64.b64encode(data).decode()}"


def no_arguments(): ...


def three_arguments(a, b, c): ...


def keyword_needed(source, *, flag): ...


@dataclass(frozen=True)
class Mutation:
    """One change.

    Attributes:
        rule: the one that objects: `schema`, or the name of a rule in `_config_rules` or `_config_advice`.
        to: which param is added, and changed; empty: CONFIG itself is changed.
        key: what is changed, as a path into the param or CONFIG. `value`: to what; REMOVED: it is taken out.
        at: the path of the finding, below the param or CONFIG, where it is not that of the key.
        found: part of what the finding says it found.
    """

    rule: str
    to: str
    key: tuple[str | int, ...]
    value: Any
    at: str | None = None
    found: str = ""

    def apply(self, config: dict[str, Any], index: int) -> str:
        """Change it; the path of the finding."""
        node: Any = config["params"][index] if self.to else config
        *way, last = self.key
        for step in way:
            node = node[step]
        if self.value is REMOVED:
            del node[last]
        else:
            node[last] = self.value(config, index) if isinstance(self.value, Made) else self.value
        path = self.at if self.at is not None else written(self.key)
        if not self.to:
            return path.format(i=index)
        return f"params[{index}].{path}".rstrip(".").format(i=index)


class Made:
    """A value that depends on the CONFIG."""

    def __init__(self, make: Callable[[dict[str, Any], int], Any]) -> None:
        self.make = make

    def __call__(self, config: dict[str, Any], index: int) -> Any:
        return self.make(config, index)


def written(key: tuple[str | int, ...]) -> str:
    text = ""
    for step in key:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def name_of_the_first(config: dict[str, Any], index: int) -> str:
    assert index > 0
    return config["params"][0]["name"]


def top(key: str, value: Any, found: str, at: str | None = None, rule: str = "schema") -> Mutation:
    return Mutation(rule=rule, to="", key=(key,), value=value, at=at, found=found)


def param(  # noqa: PLR0913, PLR0917 - a line of the table each
    key: str, value: Any, found: str, to: str = "text", at: str | None = None, rule: str = "schema"
) -> Mutation:
    return Mutation(rule=rule, to=to, key=(key,), value=value, at=at, found=found)


def choice(key: str, value: Any, found: str) -> Mutation:
    return Mutation(rule="schema", to="list", key=("values", 1, key), value=value, found=found)


ERRORS = {
    # CONFIG itself
    "title is missing": top("title", REMOVED, "nothing"),
    "title is empty": top("title", "", "''"),
    "title is blank": top("title", " \t\n", "str"),
    "title is None": top("title", None, "None"),
    "title is bytes": top("title", b"Shop", "a bytes"),
    "categories is text": top("categories", "APIS", "'APIS'"),
    "categories is a tuple": top("categories", ("APIS",), "a tuple"),
    "a category is a number": top("categories", ["APIS", 1], "1 (int)", "categories[1]"),
    "keywords is a set": top("keywords", {"shop"}, "a set"),
    "a keyword is None": top("keywords", [None], "None", "keywords[0]"),
    "advanced is a list": top("advanced", ["withIncremental"], "a list of 1"),
    "advanced holds a set": top("advanced", {"a": [{1}]}, "a set", "advanced.a[0]"),
    "a key is a number": top(1, "one", "a key of type int", ""),
    "createdAt is written otherwise": top("createdAt", "31.05.2024", "'31.05.2024'"),
    "createdAt is a date object": top("createdAt", TODAY, "a date"),
    "createdAt has a time": top("createdAt", "2024-05-31T00:00:00", "str"),
    "createdAt is no day": top("createdAt", "2023-02-30", "'2023-02-30'", rule="created_at_is_date"),
    "icon is bytes": top("icon", PNG, "a bytes"),
    "icon is None": top("icon", None, "None"),
    "icon is a path": top("icon", "icon.png", "no data URL", rule="icon_is_image"),
    "icon is no image": top("icon", url(b"hello", "text/plain"), "media type 'text/plain'", rule="icon_is_image"),
    "icon does not decode": top("icon", "data:image/png;base64,****", "does not decode", rule="icon_is_image"),
    "icon is another image": top("icon", url(b"GIF89a" + b"\0" * 9), "but a GIF by its bytes", rule="icon_is_image"),
    "icon is too large": top("icon", url(PNG + b"\0" * 256 * 1024), "262,", rule="icon_is_image"),
    "hostProperty is a list": top("hostProperty", ["host"], "a list of 1"),
    "hostProperty names no param": top("hostProperty", "nowhere_1", "'nowhere_1'", rule="host_property_is_param"),
    "hostProperty is empty": top("hostProperty", "", "''", rule="host_property_is_param"),
    # its params, as a whole
    "params is None": top("params", None, "None"),
    "params is missing": top("params", REMOVED, "nothing"),
    "params is a tuple": top("params", ({"name": "a"},), "a tuple"),
    "params is a filled dict": top("params", {"name": "a"}, "a dict of 'name'"),
    "a param is text": Mutation("schema", "", ("params", 0), "host", "params[0]", "'host'"),
    "a param is None": Mutation("schema", "", ("params", 0), None, "params[0]", "None"),
    "a param is a function": Mutation(
        "schema", "", ("params", 0), three_arguments, "params[0]", "a function of (a, b, c)"
    ),
    # one param
    "a param's key is None": param(None, 1, "a key of type NoneType", at=""),
    "name is missing": param("name", REMOVED, "nothing"),
    "name is empty": param("name", "", "''"),
    "name has a blank": param("name", "my host", "'my host'"),
    "name has a dash": param("name", "my-host", "'my-host'"),
    "name begins with a digit": param("name", "1host", "'1host'"),
    "name ends in a newline": param("name", "host\n", "str"),
    "name is a number": param("name", 1, "1 (int)"),
    "name is used twice": param(
        "name", Made(name_of_the_first), "which is also the name of params[", rule="names_are_unique"
    ),
    "title of a param is a dict": param("title", {"en": "Host"}, "a dict of 'en'"),
    "type is None": param("type", None, "None"),
    "type is a class": param("type", str, "a function of"),
    "required is text": param("required", "yes", "'yes'"),
    "required is 1": param("required", 1, "1 (int)"),
    "hidden is None": param("hidden", None, "None"),
    "ip_whitelist is text": param("ip_whitelist", "no", "'no'"),
    "help is a list": param("help", ["a"], "a list of 1"),
    "description is a tuple": param("description", ("a",), "a tuple"),
    "placeholder is a number": param("placeholder", 5432, "5432 (int)", "number"),
    "category is a list": param("category", ["advanced"], "a list of 1"),
    "link is a number": param("link", 1, "1 (int)"),
    "default is a date": param("default", TODAY, "a date"),
    "default is no number": param("default", float("nan"), "a float that is nan", "number"),
    "default holds a set": param("default", [{"a": {1}}], "a set", at="default[0].a"),
    "a default's key is a number": param("default", {1: 2}, "a key of type int"),
    # what can be chosen
    "values is None": param("values", None, "None", "list"),
    "values is text": param("values", "one", "'one'", "list"),
    "values is a tuple": param("values", ("one",), "a tuple", "list"),
    "values is a dict": param("values", {"one": "One"}, "a dict of 'one'", "list"),
    "values takes no arguments": param("values", no_arguments, "a function of ()", "list"),
    "values takes three arguments": param("values", three_arguments, "a function of (a, b, c)", "list"),
    "values needs a keyword": param("values", keyword_needed, "a function of (source, flag)", "list"),
    "a choice is a number": Mutation("schema", "list", ("values", 1), 2, found="2 (int)"),
    "a choice is None": Mutation("schema", "list", ("values", 0), None, found="None"),
    "a choice is a tuple": Mutation("schema", "list", ("values", 1), ("a", "b"), found="a tuple"),
    "a choice without a value": choice("value", REMOVED, "nothing"),
    "a choice's value is a set": choice("value", {5}, "a set"),
    "a choice's name is a number": choice("name", 5, "5 (int)"),
    "a choice's disabled is text": choice("disabled", "no", "'no'"),
    # what it depends on
    "dependencies is text": param("dependencies", "host", "'host'"),
    "dependencies is a tuple": param("dependencies", ("host",), "a tuple"),
    "a dependency is a number": param("dependencies", [1], "1 (int)", at="dependencies[0]"),
    "a dependency is unknown": param(
        "dependencies", ["nowhere_1"], "which names no param", at="dependencies[0]", rule="dependencies_are_params"
    ),
    "a dependency is the param itself": param(
        "dependencies", ["added_param"], "the param itself", at="dependencies[0]", rule="dependencies_are_params"
    ),
    # an account to connect
    "no authorize URL": param("oauthAuthorizeURL", REMOVED, "nothing", "oauth"),
    "no access URL": param("oauthAccessURL", REMOVED, "nothing", "oauth"),
    "no refresh URL": param("oauthRefreshURL", REMOVED, "nothing", "oauth"),
    "http URL": param("oauthRefreshURL", "http://shop.example/", "'http://", "oauth"),
    "relative URL": param("oauthAccessURL", "/access", "'/access'", "oauth"),
    "URL with a blank": param("oauthAccessURL", "https://shop.example/a b", "a b'", "oauth"),
    "URL is None": param("oauthAccessURL", None, "None", "oauth"),
}

WARNINGS = {
    "icon is missing": top("icon", REMOVED, "nothing", rule="recommended_keys_are_there"),
    "icon is empty": top("icon", "", "an empty text", rule="icon_is_image"),
    "icon is large": top("icon", url(PNG + b"\0" * 64 * 1024), "65,", rule="icon_is_image"),
    "createdAt is missing": top("createdAt", REMOVED, "nothing", rule="recommended_keys_are_there"),
    "createdAt is tomorrow": top("createdAt", "2025-06-02", "'2025-06-02'", rule="created_at_has_been"),
    "categories is missing": top("categories", REMOVED, "nothing", rule="recommended_keys_are_there"),
    "keywords is empty": top("keywords", [], "an empty list", rule="recommended_keys_are_there"),
    "a key that nobody knows": top("colour", "red", "not known", rule="keys_are_known"),
    "a param's key that nobody knows": param("colour", "red", "not known", rule="keys_are_known"),
    "a choice's key that nobody knows": Mutation(
        "keys_are_known", "list", ("values", 1, "colour"), "red", found="not known"
    ),
    "a type that nobody knows": param("type", "colour", "'colour'", rule="types_are_known"),
    "no title": param("title", REMOVED, "nothing", rule="visible_params_have_titles"),
    "a blank title": param("title", " ", "' '", rule="visible_params_have_titles"),
    "nothing to choose from": param("values", [], "an empty list", "list", rule="choices_are_offered"),
    "a number in quotes": param("default", "5432", "'5432'", "number", rule="defaults_fit"),
    "a default that is not offered": param("default", ["three"], "a list of 1", "list", rule="defaults_fit"),
    "a password in clear": param("type", "string", "'string'", "password", rule="credentials_are_masked"),
    "OAuth URLs without oauth": param("type", "string", "with oauthAuthorizeURL", "oauth", rule="oauth_urls_are_used"),
}

# Those that leave nothing of the params to judge, or not the names that others refer to.
WITHOUT_REFERENCES = {
    *("params is None", "params is missing", "params is a tuple", "params is a filled dict"),
    *("a param is text", "a param is None", "a param is a function"),
}


def objecting(config: object) -> set[str]:
    """The names of the rules that object to a CONFIG, each asked by itself."""
    view = json_view(config)
    faults = schema_faults(view.value, SCHEMA)
    names = {"schema"} if faults else set()
    sound = sound_part(view.value, faults, keys=known_keys(SCHEMA), types=known_types(SCHEMA), today=TODAY)
    return names | {rule.__name__ for rule in (*RULES, *ADVICE) if any(rule(sound))}


@st.composite
def with_a_param(draw, mutation):
    """A tidy CONFIG, and the index of the param in it that is to be changed."""
    config = draw(configs(tidy=True))
    above = 0
    if isinstance(mutation.value, Made):
        config["params"].insert(0, {"name": "first_1", "title": "First"})
        above = 1
    index = draw(st.integers(above, len(config["params"])))
    config["params"].insert(index, {**ADDED[mutation.to or "text"]})
    added = config["params"][index]
    if isinstance(added.get("values"), list):
        added["values"] = [dict(each) if isinstance(each, dict) else each for each in added["values"]]
    return config, index


quick = settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def mutated(data, name, mutation):
    config, index = data.draw(with_a_param(mutation))
    assert objecting(config) == set()
    if name in WITHOUT_REFERENCES:
        config.pop("hostProperty", None)
        for each in config["params"]:
            each.pop("dependencies", None)
    return config, mutation.apply(config, index)


def test_there_are_sixty_and_one_for_each_rule():
    assert len(ERRORS) >= 60
    rules = {rule.__name__ for rule in (*RULES, *ADVICE)}
    # These take more than one change, or cannot be seen in a tidy CONFIG: they have tests of their own below.
    of_their_own = {"dependencies_have_no_cycle", "dependencies_come_first", "params_are_list"}
    assert {each.rule for each in (*ERRORS.values(), *WARNINGS.values())} == (rules | {"schema"}) - of_their_own


@pytest.mark.parametrize("name", ERRORS)
@quick
@given(data=st.data())
def test_an_error_is_told_by_the_rule_that_is_meant_for_it_and_by_no_other(name, data):
    mutation = ERRORS[name]
    config, path = mutated(data, name, mutation)
    errors = [finding for finding in check_config(config, today=TODAY) if finding.level == "error"]
    assert [finding.path for finding in errors] == [path]
    assert mutation.found in errors[0].found
    # What is missing from the outside in is not judged further.
    assert objecting(config) - {rule.__name__ for rule in ADVICE} == {mutation.rule}
    with pytest.raises(ConfigError, match="CONFIG has 1 error:"):
        Config.parse(config)


@pytest.mark.parametrize("name", WARNINGS)
@quick
@given(data=st.data())
def test_so_is_a_warning(name, data):
    mutation = WARNINGS[name]
    config, path = mutated(data, name, mutation)
    findings = check_config(config, today=TODAY)
    assert [(finding.level, finding.path) for finding in findings] == [("warning", path)]
    assert mutation.found in findings[0].found
    assert objecting(config) == {mutation.rule}
    Config.parse(config)


@quick
@given(config=configs(tidy=True), size=st.integers(2, 5), data=st.data())
def test_params_that_wait_for_each_other_are_one_error(config, size, data):
    names = [f"cycle_{number}" for number in range(size)]
    waiting = [{"name": name, "title": "T", "dependencies": [names[number - 1]]} for number, name in enumerate(names)]
    for each in data.draw(st.permutations(waiting)):
        config["params"].insert(data.draw(st.integers(0, len(config["params"]))), each)
    findings = check_config(config, today=TODAY)
    first = next(index for index, each in enumerate(config["params"]) if each["name"] in names)
    assert [(finding.level, finding.path) for finding in findings] == [("error", f"params[{first}].dependencies[0]")]
    assert findings[0].found.startswith("a cycle: ")
    assert objecting(config) == {"dependencies_have_no_cycle"}


@quick
@given(config=configs(tidy=True))
def test_a_param_that_waits_for_one_below_is_a_warning(config):
    config["params"] = [
        {"name": "added_first", "title": "T", "dependencies": ["added_last"]},
        *config["params"],
        {"name": "added_last", "title": "T"},
    ]
    findings = check_config(config, today=TODAY)
    assert [(finding.level, finding.path) for finding in findings] == [("warning", "params[0].dependencies[0]")]
    assert objecting(config) == {"dependencies_come_first"}


@quick
@given(config=configs(tidy=True))
def test_params_as_an_empty_dict_are_a_warning(config):
    config.pop("hostProperty", None)
    config["params"] = {}
    findings = check_config(config, today=TODAY)
    assert [(finding.level, finding.path) for finding in findings] == [("warning", "params")]
    assert objecting(config) == {"params_are_list"}
