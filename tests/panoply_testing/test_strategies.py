"""What the strategies draw: that it is as valid, or as broken, as they say; and that nothing of it is shown."""

from __future__ import annotations

import copy
import math
import re
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from panoply._icon_look import icon_facts
from panoply._jsonable import write
from panoply.config import Config, check_config
from panoply.constants import MAXSIZE
from panoply.encoding import decode_line, encode_record
from panoply.errors import ConfigError, ParamsError
from panoply_testing._drawn_configs import TYPES
from panoply_testing.strategies import Broken, broken_params, configs, params, records

few = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

PLATFORM = {
    *(
        "destination",
        "idpattern",
        "lastTimeSucceed",
        "state",
        "id",
        "type",
        "database",
        "__updates",
        "inckey",
        "incval",
    ),
}


def find(strategy, holds):
    """Draw one of this kind, to show that there are such."""
    from hypothesis import find  # not under this name

    # The first one will do: making it smaller takes long, and is of no use here.
    quickly = settings(few, max_examples=300, database=None, phases=[Phase.generate])
    return find(strategy, holds, settings=quickly)


# ---------------------------------------------------------------------- an opinion of its own on what fits


def choices_of(param):
    """What a param offers, as raw entries; None: whatever one likes."""
    values = param.get("values")
    if not callable(values):
        return values
    for arguments in ({},), ({}, {}):
        try:
            given = values(*arguments)
        except TypeError:
            continue
        if hasattr(given, "__await__"):
            try:
                given.send(None)
            except StopIteration as stop:
                return stop.value
        return given
    raise AssertionError("nobody can call that")


def offered(entry):
    if isinstance(entry, dict):
        return {key: entry[key] for key in ("name", "value") if key in entry}
    return entry


def type_fits(param, value):  # noqa: PLR0911 - a line for each type
    kind = param.get("type") or ""
    default = param.get("default")
    if default is not None and value == default and (not kind or type(default) is str):
        return True
    entries = choices_of(param)
    if kind in ("list", "dynamic-list"):
        if not isinstance(value, list):
            return False
        if entries is None:
            return all(isinstance(each, str) and each for each in value)
        enabled = [offered(each) for each in entries if not (isinstance(each, dict) and each.get("disabled"))]
        return all(each in enabled for each in value)
    if kind == "select":
        return isinstance(value, str) if entries is None else value in [offered(each) for each in entries]
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if kind in ("exclude", "parse-string"):
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    if kind == "truncate-table":
        return isinstance(value, bool)
    if not kind and default is not None and not isinstance(default, str):
        return True
    return isinstance(value, str) and value.strip() == value != ""


def misfits(config, source):
    """Everything in which the params do not fit a CONFIG."""
    declared = {param["name"]: param for param in config["params"] or []}
    wrong = [f"{name} is nobody's" for name in source if name not in declared and name not in PLATFORM]
    for name, param in declared.items():
        if param.get("required") and source.get(name) in (None, "", []):
            wrong.append(f"{name} is missing")
        if name not in source:
            continue
        if not type_fits(param, source[name]):
            wrong.append(f"{name} is {source[name]!r}")
        wrong += [
            f"{name} without {other}" for other in param.get("dependencies", ()) if source.get(other) in (None, "", [])
        ]
    return wrong


def can_be_filled_in(config):
    """Whether there is a choice for each list that has to be filled in."""
    try:
        find_one(params(config))
    except ParamsError:
        return False
    return True


def find_one(strategy):
    return find(strategy, lambda _: True)


# ---------------------------------------------------------------------- CONFIGs


KINDS = {
    "params as an empty object": lambda config: config["params"] == {},
    "a host": lambda config: "hostProperty" in config,
    "an empty icon": lambda config: config.get("icon") == "",
    "a function": lambda config: any(callable(param.get("values")) for param in config["params"]),
    "two dependencies": lambda config: any(len(param.get("dependencies", ())) > 1 for param in config["params"]),
    "a choice that requires another": lambda config: any(
        isinstance(each, dict) and each.get("requires")
        for param in config["params"]
        for each in (param.get("values") if isinstance(param.get("values"), list) else [])
    ),
    "a later dependency": lambda config: any(
        name in [param["name"] for param in config["params"][index:]]
        for index, param in enumerate(config["params"])
        for name in param.get("dependencies", ())
    ),
}


class TestConfigs:
    @few
    @given(configs())
    def test_they_have_no_errors(self, config):
        assert [finding for finding in check_config(config) if finding.level == "error"] == []
        Config.parse(config)

    @settings(few, max_examples=60)
    @given(configs(tidy=True, types=["string"]))
    def test_tidy_ones_have_no_warnings_either_and_an_icon_that_is_one(self, config):
        assert check_config(config) == ()
        assert icon_facts(config).problem == ""

    @few
    @given(st.data(), st.lists(st.sampled_from(TYPES), max_size=3))
    def test_the_types_that_are_asked_for_are_there(self, data, kinds):
        config = data.draw(configs(types=[kind for kind in kinds if kind]))
        assert {param.get("type") for param in config["params"] or ()} >= {kind for kind in kinds if kind}

    def test_a_type_that_there_is_not_is_refused(self):
        with pytest.raises(ValueError, match="no type of param 'colour': there are string, text"):
            configs(types=["colour"])

    def test_there_are_such_of_each_kind(self):
        seen = set()

        @settings(few, max_examples=200, database=None, phases=[Phase.generate])
        @seed(1)
        @given(configs())
        def look(config):
            seen.update(kind for kind, holds in KINDS.items() if holds(config))

        look()
        assert seen == set(KINDS)


# ---------------------------------------------------------------------- params


@st.composite
def config_and(draw, of, **more):
    """A CONFIG that can be filled in, and what is drawn from it."""
    config = draw(configs(**more))
    config_before = copy.copy(config)
    try:
        drawn = draw(of(config))
    except ParamsError:  # a required list without a choice, or nothing to break
        drawn = None
    assert config == config_before
    return config, drawn


class TestParams:
    @settings(few, max_examples=60)
    @given(config_and(params))
    def test_they_fit_the_config(self, drawn):
        config, source = drawn
        if source is not None:
            assert misfits(config, source) == []

    @few
    @given(config_and(lambda config: params(Config.parse(config))))
    def test_so_they_do_where_it_was_read_before(self, drawn):
        config, source = drawn
        if source is not None and not any(_has_a_bare_entry(param) for param in config["params"] or ()):
            assert misfits(config, source) == []

    def test_what_is_optional_is_there_or_not(self):
        config = {"title": "A", "params": [{"name": "a"}]}
        assert {
            "a" in find(params(config), lambda source, there=there: ("a" in source) is there) for there in (True, False)
        }

    CHOICES = ("x", {"value": "v"}, {"name": "N", "value": "n"}, {"value": "off", "disabled": True})

    @few
    @given(params({"title": "A", "params": [{"name": "a", "type": "list", "required": True, "values": list(CHOICES)}]}))
    def test_choices_come_back_in_the_shape_in_which_they_were_offered(self, source):
        shapes = ["x", {"value": "v"}, {"name": "N", "value": "n"}]
        assert source["a"]
        assert all(each in shapes for each in source["a"])

    @few
    @given(
        params(
            {
                "title": "A",
                "params": [
                    {
                        "name": "a",
                        "type": "list",
                        "required": True,
                        "values": [{"value": "x", "requires": ["y"]}, {"value": "y", "requires": "z"}, "z"],
                    }
                ],
            }
        )
    )
    def test_what_is_required_by_a_choice_is_chosen_with_it(self, source):
        chosen = [each["value"] if isinstance(each, dict) else each for each in source["a"]]
        assert "x" not in chosen or "y" in chosen
        assert "y" not in chosen or "z" in chosen
        assert len(set(chosen)) == len(chosen)

    def test_functions_are_called_with_what_they_depend_on_and_with_the_options(self):
        def tables(source, options):
            return [f"{source['schema']}.{options['suffix']}"]

        config = {
            "title": "A",
            "params": [
                {"name": "table", "type": "select", "values": tables, "dependencies": ["schema"], "required": True},
                {"name": "schema", "type": "select", "values": ["s1", "s2"]},
            ],
        }
        for schema in ("s1", "s2"):
            source = find(params(config, options={"suffix": "t"}), lambda each, s=schema: each["schema"] == s)
            assert source["table"] == f"{schema}.t"

    def test_a_function_that_needs_a_far_end_is_done_without_or_told(self):
        def tables(source):
            raise ConnectionError

        optional = {"title": "A", "params": [{"name": "table", "type": "list", "values": tables}]}
        required = {"title": "A", "params": [{"name": "table", "type": "list", "values": tables, "required": True}]}
        assert "table" not in find(params(optional, platform=False), lambda _: True)
        with pytest.raises(ParamsError, match=r"the required param 'table'.*values=\{'table': \[\"a\", \"b\"\]\}"):
            find_one(params(required))
        source = find_one(params(required, values={"table": [{"name": "T", "value": "t"}]}))
        assert source["table"] == [{"name": "T", "value": "t"}]

    def test_overrides_are_values_or_strategies(self):
        config = {"title": "A", "params": [{"name": "size", "type": "number"}, {"name": "url"}]}
        overrides = {"url": "http://localhost", "size": st.integers(7, 8), "other": [1]}
        for size in (7, 8):
            source = find(params(config, overrides=overrides), lambda each, size=size: each["size"] == size)
            assert (source["url"], source["other"]) == ("http://localhost", [1])
        source["other"].append(2)
        assert overrides["other"] == [1]

    @few
    @given(params({"title": "A", "params": [], "advanced": {"withIncremental": True}}))
    def test_the_platform_adds_its_keys(self, source):
        assert source.keys() <= PLATFORM
        if "lastTimeSucceed" in source:
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", source["lastTimeSucceed"])
            assert datetime.fromisoformat(source["lastTimeSucceed"]).tzinfo == UTC
        assert source.get("state", {}) == {}

    def test_the_platforms_keys_can_be_left_out_and_give_way_to_params(self):
        assert find_one(params({"title": "A", "params": []}, platform=False)) == {}
        config = {"title": "A", "params": [{"name": "type", "type": "number", "required": True}]}
        assert isinstance(find_one(params(config))["type"], int)

    def test_what_cannot_be_drawn_from_is_told_at_once(self):
        with pytest.raises(ConfigError, match="required"):
            params({"title": "A", "params": [{"name": "a", "required": "yes"}]})
        with pytest.raises(ParamsError, match=r"no param 'tabel'\. Did you mean 'table'"):
            params({"title": "A", "params": [{"name": "table"}]}, values={"tabel": []})


def _has_a_bare_entry(param):
    """Whether an entry is not told any more from text once it is read, or from an entry with all its keys."""
    values = choices_of(param) if isinstance(param.get("values"), list) else None
    return any(isinstance(each, dict) and each.get("name", each["value"]) == each["value"] for each in values or ())


# ---------------------------------------------------------------------- broken params


def is_broken(config, broken):  # noqa: PLR0911 - a line for each way
    """Whether it is broken in the way it says, by an opinion of its own."""
    (param,) = (param for param in config["params"] if param["name"] == broken.param)
    value = broken.params.get(broken.param)
    match broken.how:
        case "missing":
            return broken.param not in broken.params and param["required"]
        case "none":
            return broken.param in broken.params and value is None and param["required"]
        case "empty":
            return value in ("", []) and param["required"]
        case "wrong-type":
            if param.get("type") == "number":
                return not isinstance(value, int | float) and not re.fullmatch(r"\s*[+-]?\d+\s*", str(value))
            return not isinstance(value, list if param.get("type") in ("list", "dynamic-list") else str)
        case "no-such-choice":
            known = [each["value"] if isinstance(each, dict) else each for each in param["values"]]
            chosen = value if isinstance(value, list) else [value]
            return any((each["value"] if isinstance(each, dict) else each) not in known for each in chosen)
        case "huge":
            return len(value) >= 100_000 if isinstance(value, str) else abs(value) >= 2**63
        case "odd-unicode":
            return any(not (char.isascii() and char.isprintable()) for char in value) or value != value.strip()
        case "injection":
            return bool(re.search(r"[^\w.]", value))
    raise AssertionError(broken.how)


HOW = ("missing", "none", "empty", "wrong-type", "no-such-choice", "huge", "odd-unicode", "injection")


CONFIG = {
    "title": "A",
    "params": [
        {"name": "token", "title": "Token", "type": "password", "required": True},
        {"name": "size", "title": "Size", "type": "number"},
        {"name": "kind", "title": "Kind", "type": "select", "values": ["a", "b"]},
        {"name": "note", "title": "Note"},
        {"name": "from", "title": "From", "required": True, "default": "now"},
    ],
}


class TestBroken:
    @pytest.mark.parametrize("how", HOW)
    @settings(few, max_examples=10)
    @given(data=st.data())
    def test_one_param_is_broken_as_it_says_and_no_other(self, how, data):
        kinds = ["list"] if how == "no-such-choice" else ["number", "string"]
        config, broken = data.draw(config_and(lambda config: broken_params(config, how=[how]), types=kinds))
        if broken is None:
            return
        assert (broken.how, broken.value) == (how, broken.params.get(broken.param))
        assert is_broken(config, broken)
        # But for that one, and for what depends on it, they are as valid as any.
        others = [
            misfit
            for misfit in misfits(config, broken.params)
            if not misfit.startswith(f"{broken.param} ") and not misfit.endswith(f" without {broken.param}")
        ]
        assert others == []

    @pytest.mark.parametrize("how", HOW)
    def test_there_is_each_way(self, how):
        param = {"name": "a", "required": True, "type": "select" if how == "no-such-choice" else "string"}
        values = {"values": ["x"]} if how == "no-such-choice" else {}
        assert find_one(broken_params({"title": "A", "params": [param | values]}, how=[how])).how == how

    @settings(few, max_examples=50)
    @given(broken_params(CONFIG))
    def test_what_every_source_has_to_notice_is_certain(self, broken):
        certain = {("token", how) for how in ("missing", "none", "empty")} | {
            ("size", "wrong-type"),
            ("kind", "no-such-choice"),
        }
        assert broken.is_certain == ((broken.param, broken.how) in certain)
        assert broken.title == broken.param.title()

    @few
    @given(broken_params(CONFIG, only=["note"], how=["odd-unicode", "injection"], overrides={"note": "works"}))
    def test_what_is_broken_can_be_chosen_among_overrides_too(self, broken):
        assert broken.param == "note"
        assert broken.how in ("odd-unicode", "injection")

    def test_what_cannot_be_broken_is_told_at_once(self):
        with pytest.raises(ParamsError, match="No param of CONFIG can be broken in this way"):
            broken_params({"title": "A", "params": [{"name": "a"}]}, how=["missing"])
        with pytest.raises(ParamsError, match="No param of CONFIG"):
            broken_params({"title": "A", "params": []})
        with pytest.raises(ParamsError, match=r"no param 'tokne'\. Did you mean 'token'"):
            broken_params(CONFIG, only=["tokne"])
        with pytest.raises(ParamsError, match="'gone': there are missing, none"):
            broken_params(CONFIG, how=["gone"])

    def test_its_repr_shows_what_is_broken_and_no_credential(self):
        params = {
            "token": "q7/Zk2+0p=91xE",
            "pin": "4711",
            "url": "https://ada:hd7Kq29fLw@db.example/x",
            "nested": {"api_key": "zz9-plural-z-alpha"},
            "note": "x" * 5000,
            "size": None,
        }
        broken = Broken(params=params, param="size", how="none", _credentials=frozenset({"token", "pin"}))
        assert repr(broken) == (
            "Broken(param='size', how='none', is_certain=False, params={'token': q7***xE, 'pin': ***, "
            f"'url': 'https://ada:hd***Lw@db.example/x', 'nested': {{'api_key': 'zz***ha'}}, 'note': '{'x' * 200}'... "
            "(5,000 characters), 'size': None})"
        )

    def test_a_failing_test_shows_no_credential(self):
        overrides = {"token": "q7/Zk2+0p=91xE"}

        @settings(few, max_examples=1, database=None, phases=[Phase.generate])
        @given(broken_params(CONFIG, only=["size"], how=["wrong-type"], overrides=overrides))
        def fails(broken):
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError) as caught:
            fails()
        (note,) = (note for note in caught.value.__notes__ if "fails(" in note)
        assert "Broken(param='size', how='wrong-type'" in note
        assert "q7***xE" in note
        assert "q7/Zk2" not in note


# ---------------------------------------------------------------------- records


class TestRecords:
    @settings(few, max_examples=100)
    @given(records())
    def test_the_sdk_takes_them(self, record):
        before = copy.deepcopy(record)
        line = encode_record("orders", record)
        assert record == before
        assert len(line) <= MAXSIZE
        table, back = decode_line(line)
        assert table == "orders"
        assert back.keys() == record.keys()

    @few
    @given(records())
    def test_no_value_would_need_an_encoder(self, record):
        from panoply._jsonable import converter

        write(record, converter(None))

    @pytest.mark.parametrize("kind", ["date", "datetime", "time", "Decimal", "UUID", "float", "tuple", "list", "dict"])
    def test_there_are_values_of_each_kind(self, kind):
        assert find(records(), lambda record: any(type(value).__name__ == kind for value in record.values()))


def test_strategies_say_which_extra_they_need(tmp_path):
    code = (
        "import sys; sys.modules['hypothesis'] = None\n"
        "try:\n    import panoply_testing.strategies\n"
        "except ImportError as exc:\n    print(exc)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "panoply_testing.strategies needs the extra 'testing'" in done.stdout
