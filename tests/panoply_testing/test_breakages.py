"""Broken params: which ones can be broken, what becomes of them, and whether a message says which one it is about."""

from __future__ import annotations

import copy
from typing import get_args

import pytest

from panoply_testing._breakages import Breakage, How, broken
from panoply_testing._config_facts import ParamFacts
from panoply_testing._param_facts import param_facts
from panoply_testing.checks._messages import names
from panoply_testing.checks.bad_params import _some_of

ENTRY = {"name": "Orders", "value": "orders"}
WORKS = {"token": "t0-91xE", "port": 5432, "tables": [ENTRY, {"name": "Users", "value": "users"}], "region": "eu"}


class TestBreaking:
    @pytest.mark.parametrize(
        ("breakage", "value"),
        [
            ("token:none", None),
            ("token:empty", ""),
            ("port:empty", ""),
            ("tables:empty", []),
            ("port:not-a-number", "not-a-number"),
            ("tables:a-number", 17),
            ("tables:an-object", {"no-such-choice": True}),
            ("region:no-such-choice", "no-such-choice"),
            ("tables:no-such-choice", [{"name": "no-such-choice", "value": "no-such-choice"}]),
        ],
    )
    def test_one_param_is_changed_and_no_other(self, breakage, value):
        before = copy.deepcopy(WORKS)
        parsed = Breakage.parse(breakage)
        assert broken(WORKS, parsed) == {**WORKS, parsed.param: value}
        assert before == WORKS

    def test_one_that_is_missing_is_not_there(self):
        assert broken(WORKS, Breakage.parse("token:missing")) == {
            key: WORKS[key] for key in ("port", "tables", "region")
        }

    @pytest.mark.parametrize("how", get_args(How))
    def test_it_is_written_as_it_is_read(self, how):
        breakage = Breakage(param="api_key", how=how)
        assert Breakage.parse(str(breakage)) == breakage
        assert "'api_key'" in breakage.about

    @pytest.mark.parametrize("text", ["", "token", "token:", ":missing", "token:gone", "token missing"])
    def test_what_is_none_is_refused_with_what_would_be_one(self, text):
        with pytest.raises(ValueError, match=r"token:missing|there are missing, none, empty"):
            Breakage.parse(text)


def ways(param, works=None):
    config = {"title": "A", "params": [{"name": "a"} | param]}
    (facts,) = param_facts(config, {} if works is None else {"a": works})
    return facts.ways


NOTHING = ("missing", "none", "empty")


class TestWhatCanBeBroken:
    @pytest.mark.parametrize(
        ("param", "works", "found"),
        [
            ({"required": True}, "x", NOTHING),
            ({"required": True, "type": "password"}, "x", NOTHING),
            ({"required": True, "type": "number"}, 0, (*NOTHING, "not-a-number")),
            ({"type": "number"}, 5, ("not-a-number",)),
            ({"type": "number", "default": 5}, None, ("not-a-number",)),
            ({"type": "list", "values": ["x"]}, ["x"], ("a-number", "an-object", "no-such-choice")),
            ({"type": "dynamic-list", "values": len}, ["x"], ("a-number", "an-object")),
            ({"type": "select", "values": ["x"]}, "x", ("no-such-choice",)),
            ({"type": "select", "values": ["x"], "required": True, "default": "x"}, None, ("no-such-choice",)),
            # nobody need notice
            ({}, "x", ()),
            ({"required": True}, None, ()),
            ({"required": True}, "", ()),
            ({"required": True, "default": "x"}, "y", ()),
            ({"required": True, "hidden": True}, "x", ()),
            ({"required": True, "type": "hidden"}, "x", ()),
            ({"required": True, "type": "destination"}, "x", ()),
            ({"required": True, "type": "primary-key"}, "x", ()),
            ({"type": "number", "hidden": True}, 5, ()),
            ({"type": "number"}, None, ()),
            ({"type": "list", "values": ["x"]}, [], ()),
            ({"type": "select", "values": len}, "x", ()),
        ],
    )
    def test_what_every_source_has_to_notice(self, param, works, found):
        assert ways(param, works) == found

    def test_a_default_that_is_empty_is_none(self):
        assert ways({"required": True, "default": ""}, "x") == NOTHING

    def test_what_has_to_be_given_and_is_not_is_lacking(self):
        config = {"title": "A", "params": [{"name": "a", "required": True}, {"name": "b", "required": True}]}
        assert [facts.is_lacking for facts in param_facts(config, {"a": "x"})] == [False, True]

    @pytest.mark.parametrize("config", [None, {}, {"title": "A", "params": [{"name": "a", "required": "yes"}]}])
    def test_a_config_that_is_not_valid_says_nothing(self, config):
        assert param_facts(config, {}) is None

    def test_an_icon_that_is_wrong_hides_no_param(self):
        config = {"title": "A", "icon": "icon.png", "params": [{"name": "a", "title": "A", "required": True}]}
        assert [facts.ways for facts in param_facts(config, {"a": "x"})] == [("missing", "none", "empty")]

    def test_a_value_that_cannot_be_compared_is_a_value(self):
        class Odd:
            def __eq__(self, other):
                raise ZeroDivisionError

            __hash__ = None

        assert ways({"required": True}, Odd()) == NOTHING


PARAMS = (
    ParamFacts(name="apiKey", title="Your API key"),
    ParamFacts(name="db_host", title="Host"),
    ParamFacts(name="db_name", title="Database name (required)"),
    ParamFacts(name="id"),
    ParamFacts(name="tables", title="Tables"),
)


class TestNaming:
    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("apiKey", "apiKey is missing"),
            ("apiKey", "enter an api-key"),
            ("apiKey", "API_KEY: required"),
            ("apiKey", "Which of your API keys?"),
            ("apiKey", "the key was not given"),
            ("db_host", "there is no DB host"),
            ("db_host", "host='None' cannot be reached"),
            ("db_name", "no database was given"),
            ("id", "id is missing"),
            ("tables", "no table of that name"),
        ],
    )
    def test_a_message_names_it_in_whatever_way(self, name, message):
        (param,) = (param for param in PARAMS if param.name == name)
        assert names(message, param, PARAMS)

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("apiKey", "The configuration is not valid"),
            ("apiKey", "the API answered 401"),
            ("apiKey", "the monkey is missing"),
            ("db_host", "db is missing"),
            ("db_name", "a value is required"),
            ("id", "invalid hidden widget"),
            ("tables", "the tablet is broken"),
            ("tables", ""),
        ],
    )
    def test_what_is_said_of_something_else_names_nothing(self, name, message):
        (param,) = (param for param in PARAMS if param.name == name)
        assert not names(message, param, PARAMS)

    @pytest.mark.parametrize(
        ("message", "named"),
        [
            ("enter a user name", {"user", "name", "user_name"}),
            ("USERNAME: required", {"user_name"}),
            ("there is no user of that name", {"user", "name"}),
            ("enter the users", {"user"}),
            ("", set()),
        ],
    )
    def test_a_name_whose_words_others_have_as_well_stands_there_as_a_whole(self, message, named):
        params = tuple(ParamFacts(name=name) for name in ("user", "name", "user_name"))
        assert {param.name for param in params if names(message, param, params)} == named


UNCHECKED = """
import panoply

CONFIG = {"title": "A", "params": [{"name": name, "title": name, "required": True} for name in ("host", "user")]}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        row = {"id": self.source["host"] + self.source["user"]}
        self.done = True
        self.progress(1, 1)
        return [row]
"""


def test_a_finding_says_how_to_repeat_just_it_and_so_it_is(project):
    project.write("mymod.py", UNCHECKED)
    args = ["--panoply-source=mymod", "--panoply-param=host=h", "--panoply-param=user=ada", "--panoply-strict"]
    everything = str(project.run(*args, "mymod::constructor_rejects_bad_params").stdout)
    assert "without the param 'host'" in everything
    assert "without the param 'user'" in everything
    words = everything.split()
    assert "--panoply-broken=user:missing" in words
    again = str(project.run(*args, "--panoply-broken=user:none", "mymod::constructor_rejects_bad_params").stdout)
    assert "with None for the param 'user'" in again
    assert "host'" not in again
    other = project.run(*args, "--panoply-broken=user:a-number", "mymod::constructor_rejects_bad_params", "-rs")
    assert "user:a-number is none of the ways" in str(other.stdout)


def test_a_choice_among_many_is_the_same_for_a_seed_and_leaves_no_param_out():
    everything = [Breakage(param=f"p{number}", how=how) for number in range(6) for how in NOTHING]
    chosen = _some_of(everything, 8, seed=3)
    assert chosen == _some_of(everything, 8, seed=3)
    assert len(chosen) == len(set(chosen)) == 8
    assert {each.param for each in chosen} == {each.param for each in everything}
    assert chosen == [each for each in everything if each in chosen]
    assert {tuple(_some_of(everything, 8, seed=seed)) for seed in range(5)} != {tuple(chosen)}
    assert _some_of(everything, 18, seed=1) == everything
