"""What the kit finds out about a CONFIG, and what its checks say of it. (Whole sources are in test_checks.)"""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
from dataclasses import replace
from functools import partial

import pytest

from panoply.driving import Driver
from panoply_testing._config_facts import CredentialParam, IconFacts, ValuesFacts
from panoply_testing._credential_params import credential_params
from panoply_testing._values import MOST_ENTRIES, calls, facts_not_called, facts_of, facts_of_bare, facts_of_raised
from panoply_testing.checks.config import icon_is_image, secrets_are_masked, values_resolve
from panoply_testing.contract import CONTRACT
from panoply_testing.observation import End, ModuleFacts, Observation, Raised, Step
from panoply_testing.plans import VALUES


def test_the_rules_about_config_stand_where_the_contract_has_them():
    assert [check.name for check in CONTRACT][:6] == [
        "module_imports_quietly",
        "stream_is_data_source",
        "config_is_valid",
        "config_icon_is_image",
        "config_secrets_are_masked",
        "config_values_resolve",
    ]


# ---------------------------------------------------------------------- what the form masks


def params_of(*params: dict) -> tuple[CredentialParam, ...]:
    return credential_params({"title": "Orders", "params": list(params)})


@pytest.mark.parametrize(
    ("param", "because"),
    [
        ({"name": "apiKey"}, "its name"),
        ({"name": "db_password", "type": "string"}, "its name"),
        ({"name": "dsn", "type": "text"}, "its name"),
        ({"name": "passcode", "type": "number"}, "its name"),
        ({"name": "secret", "type": ""}, "its name"),
        ({"name": "value1", "title": "API key"}, "its title"),
        ({"name": "value1", "title": "Your personal access token"}, "its title"),
        ({"name": "server", "default": "mysql://ada:pw@host/db"}, "its default (a URL with a password in it)"),
        ({"name": "server", "placeholder": "amqp://:pw@host"}, "its placeholder (a URL with a password in it)"),
        (
            {"name": "server", "default": "Server=db;Uid=ada;Pwd=pw;"},
            "its default (a connection string with a password in it)",
        ),
        (
            {"name": "tunnel", "default": {"ssh": [{"privateKey": ""}]}},
            "its default (an object with the key 'privateKey')",
        ),
    ],
)
def test_a_credential_that_is_shown_is_found(param, because):
    (found,) = params_of({"name": "user"}, param)
    assert (found.path, found.name, found.because, found.shown) == ("params[1]", param["name"], because, True)
    (finding,) = secrets_are_masked((found,)).findings
    assert repr(param["name"]) in finding.place
    assert (repr(param["type"]) if param.get("type") else "no type") in finding.received
    assert '"type": "password"' in finding.fix
    assert "pw" not in f"{finding}"


@pytest.mark.parametrize(
    "param",
    [
        {"name": "apiKey", "type": "password"},
        {"name": "access", "type": "oauth"},
        {"name": "token", "type": "hidden"},
        {"name": "token", "hidden": True},
    ],
)
def test_a_credential_that_nobody_sees_is_right(param):
    verdict = secrets_are_masked(params_of(param))
    assert (verdict.findings, verdict.skip, verdict.looked_at) == ((), None, "1 param with a credential")


@pytest.mark.parametrize(
    "param",
    [
        {"name": "user"},
        {"name": "primary_key", "title": "Key"},
        {"name": "token_type", "title": "Type"},
        {"name": "token", "values": ["id", "email"]},
        {"name": "method", "title": "Password", "values": ["plain", "md5"]},
        {"name": "secret", "type": "primary-key"},
        {"name": "note", "title": "Where is the password of this account kept?"},
        {"name": "limit", "title": "Tokens", "type": "number"},
        {"name": "server", "default": "https://host:8080/users/@me"},
        {"name": "server", "default": "https://ada@host/"},
        {"name": "url", "placeholder": "https://host/?page=1"},
    ],
)
def test_what_only_looks_like_a_credential_is_none(param):
    assert params_of(param) == ()


@pytest.mark.parametrize("kind", ["pasword", "Password", "strng"])
def test_a_misspelt_type_does_not_mask(kind):
    (finding,) = secrets_are_masked(params_of({"name": "token", "type": kind})).findings
    assert "Did you mean" in finding.fix


@pytest.mark.parametrize("kind", ["vault-reference", 7])
def test_a_type_that_nobody_knows_is_a_note(kind):
    verdict = secrets_are_masked(params_of({"name": "token", "type": kind}))
    assert not verdict.findings
    assert "'token'" in verdict.notes[0]


@pytest.mark.parametrize("config", [None, [], {}, {"params": {}}, {"params": [1, None]}, {"params": [{"name": 1}]}])
def test_without_a_credential_there_is_nothing_to_mask(config):
    assert secrets_are_masked(credential_params(config)).skip == "No param holds a credential, by its name or type."


# ---------------------------------------------------------------------- the icon


def test_an_icon_that_is_empty_or_could_not_be_looked_at_is_skipped():
    empty = icon_is_image(IconFacts(is_empty=True))
    assert "an empty icon" in empty.notes[0]
    assert "an empty icon" in empty.skip
    unseen = icon_is_image(IconFacts(problem="unseen", found="Pillow is not installed"))
    assert unseen.skip.startswith("The icon could not be looked at, since Pillow is not installed.")


@pytest.mark.parametrize(
    ("problem", "media", "says"),
    [
        ("kind", "image/gif", 'Let the text begin with "data:image/gif"'),
        ("kind", "", "Save the image as one of these"),
        ("broken", "image/gif", "See that a viewer opens"),
    ],
)
def test_an_icon_of_another_kind_is_told_which_one(problem, media, says):
    (finding,) = icon_is_image(IconFacts(problem=problem, found="JPEG", real_media=media)).findings
    assert finding.fix.startswith(says)


# ---------------------------------------------------------------------- what can be chosen


def config_of(function, *others: dict, **more) -> dict:
    return {"title": "Orders", "params": [*others, {"name": "shop", "type": "list", "values": function, **more}]}


def ask(function, *others: dict, params=None, options=None, seconds=1.0, **more) -> ValuesFacts:
    """Call a function as a run does."""
    (call,) = calls(config_of(function, *others, **more), params or {}, options or {})
    if call.call is None:
        return facts_not_called(call)
    listing, raised = called(call)
    if raised is not None:
        return facts_of_raised(call, raised, seconds=2.0)
    facts = facts_of(call, listing, seconds=seconds)
    if call.source.whole and call.bare is not None:
        return facts_of_bare(facts, call, called(call.bare)[1])
    return facts


def called(call):
    with Driver() as driver:
        try:
            return driver.call(call.call), None
        except Exception as exc:  # noqa: BLE001 - as a run does
            return None, Raised(type_name=type(exc).__name__, message=str(exc), where="shops.py:1", retryable=True)


def gives(value):
    return ask(lambda source: value)


@pytest.mark.parametrize(
    "value",
    [
        ["north", 2, 2.5, {"name": "South", "value": {"id": [None, True]}}, {"value": None}, {"name": 7, "value": 7}],
        ("north",),
        {"north", "south"},
        iter(["north"]),
        range(3),
        {"north": 1}.keys(),
        map(str, [1, 2]),
    ],
)
def test_a_listing_of_choices_is_right(value):
    found = gives(value)
    assert (found.called, found.is_listing, found.odd, found.endless, found.seconds) == (True, True, (), False, 1.0)
    assert found.count > 0
    verdict = values_resolve((found,))
    assert (verdict.findings, verdict.skip, verdict.notes) == ((), None, ())
    assert verdict.looked_at == f"1 function, {found.count} {'entry' if found.count == 1 else 'entries'}"


@pytest.mark.parametrize("value", [None, "north", b"north", {"north": 1}, 7, object(), {"name": "North", "value": 1}])
def test_what_is_no_listing_is_told_of(value):
    found = gives(value)
    assert not found.is_listing
    (finding,) = values_resolve((found,)).findings
    assert found.type_name.replace("NoneType", "None") in finding.received
    assert "north" not in finding.received


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        (None, "neither text nor a number"),
        (True, "neither text nor a number"),
        (("north",), "neither text nor a number"),
        (b"north", "neither text nor a number"),
        (float("inf"), "a number that JSON does not know (NaN or Infinity)"),
        ({}, "it has no key 'value'"),
        ({"name": "North", "id": 1}, "it has no key 'value', but 'name', 'id'"),
        ({"name": "North", "Value": 1}, "it has no key 'value', but 'name', 'Value' (is 'Value' meant to be that?)"),
        ({"name": "North", "value": {1, 2}}, "its value is of type set, which JSON does not know"),
        ({"name": "North", "value": [{"a": object()}]}, "its value is of type object, which JSON does not know"),
        (
            {"name": "North", "value": {1: 2}},
            "its value is of type dict with a key of type int, which JSON does not know",
        ),
        ({"name": ["North"], "value": 1}, "its name is of type list, not text"),
    ],
)
def test_an_entry_that_a_form_cannot_show_is_told_of(entry, fault):
    found = gives(["north", entry, "south", entry])
    assert found.odd[0] == (1, type(entry).__name__, fault)
    assert found.odd_count == 2
    (finding,) = values_resolve((found,)).findings
    assert finding.place == "the values of the param 'shop', entry 1"
    assert "1 more entry is like that" in finding.received


def test_what_an_odd_entry_says_is_masked():
    (call,) = calls(config_of(lambda source: [{"tk-9f3b71": 1}]), {}, {})
    found = facts_of(call, call.call(), mask=lambda text: text.replace("tk-9f3b71", "***"))
    assert found.odd[0][2] == "it has no key 'value', but '***'"


def test_what_never_ends_is_left_after_a_while():
    ended = []

    def shops(source):
        try:
            while True:
                yield "north"
        finally:
            ended.append(True)

    found = ask(shops)
    assert (found.endless, found.count) == (True, MOST_ENTRIES)
    assert ended
    assert "has not ended after 100,000 entries" in values_resolve((found,)).findings[0].received


def test_a_long_list_is_long_and_not_endless():
    found = gives(["north"] * (MOST_ENTRIES + 1))
    assert (found.endless, found.count) == (False, MOST_ENTRIES + 1)


def test_as_many_as_are_waited_for_are_not_endless():
    assert gives(iter(["north"] * MOST_ENTRIES)).endless is False


def test_a_function_is_called_by_its_signature():
    got = []

    class Shops:
        def __call__(self, source):
            got.append(("object", source))
            return ["north"]

    functions = [
        lambda source: got.append(("one", source)) or [],
        lambda source, options: got.append(("two", source, options)) or [],
        lambda source, options=None: got.append(("maybe", source, options)) or [],
        lambda source, *args, **kwargs: got.append(("any", source, *args)) or [],
        partial(lambda extra, source: got.append(("partial", source)) or [], 1),
        Shops(),
    ]
    for function in functions:
        ask(function, params={"user": "ada"}, options={"logger": None})
    source, options = {"user": "ada"}, {"logger": None}
    assert got == [
        ("one", source),
        ("two", source, options),
        ("maybe", source, options),
        ("any", source, options),
        ("partial", source),
        ("object", source),
    ]


def test_a_function_that_cannot_take_the_params_is_not_called():
    found = ask(lambda: ["north"])
    assert (found.called, found.reason) == (False, "it takes neither (source) nor (source, options)")
    assert "config_is_valid" in str(values_resolve((found,)).skip)


def test_an_async_function_is_awaited():
    async def shops(source):
        await asyncio.sleep(0)
        return (each for each in ["north", None])

    found = ask(shops)
    assert (found.type_name, found.count, found.odd_count) == ("generator", 2, 1)


def test_an_async_generator_is_no_listing():
    async def shops(source):
        yield "north"

    found = ask(shops)
    assert (found.is_listing, found.type_name) == (False, "async_generator")


def test_what_raises_is_told_with_its_line():
    def shops(source):
        yield "north"
        raise ValueError("no such page")

    found = ask(shops)
    (finding,) = values_resolve((found,)).findings
    assert finding.received == "it raised ValueError: no such page"
    assert (finding.source, found.seconds) == ("shops.py:1", 2.0)


def test_a_function_is_only_called_with_what_it_depends_on():
    called = []
    depends = {"dependencies": ["region", "user"]}
    others = ({"name": "user"}, {"name": "region"})
    found = ask(called.append, *others, params={"user": "ada", "region": None}, **depends)
    assert (found.called, found.missing, called) == (False, ("region",), [])
    assert values_resolve((found,)).skip == (
        "The values of the param 'shop' were not asked for, because it depends on region. Provide region "
        "(--panoply-params=FILE, or the fixture panoply_params)."
    )


def test_what_was_not_called_is_a_note_beside_what_was():
    verdict = values_resolve((gives(["north"]), ValuesFacts(param="kind", called=False, reason="it depends on x")))
    assert (verdict.skip, verdict.looked_at) == (None, "1 function, 1 entry")
    assert "'kind' were not asked for" in verdict.notes[0]


def test_the_keys_that_are_read_are_known():
    def shops(source):
        source.get("region")
        "host" in source  # noqa: B015 - what it reads is what counts
        source["own"] = 1
        return [source["user"], source["own"], source.pop("id"), source.setdefault("zone", "z")]

    found = ask(shops, params={"user": "ada", "id": "source-1"})
    assert set(found.keys_read) == {"region", "host", "own", "user", "id", "zone"}


USER, HOST = {"name": "user"}, {"name": "host"}


def test_reading_a_param_that_it_does_not_depend_on_is_told_of():
    found = ask(lambda source: [source["user"]], USER, params={"user": "ada"})
    assert found.needs == ("user",)
    (finding,) = values_resolve((found,)).findings
    assert finding.received == "it reads source['user'], which is not among its dependencies"
    assert finding.fix.startswith("Add 'user' to the \"dependencies\" of 'shop'")


WHOLE = [
    lambda source: {**source},
    dict,
    dict.copy,
    copy.copy,
    copy.deepcopy,
    lambda source: source.copy(),
    lambda source: source | {},
    lambda source: {} | source,
    lambda source: dict(source.items()),
    lambda source: {key: source[key] for key in source},
    lambda source: dict(zip(source.keys(), source.values(), strict=True)),
    lambda source: json.loads(json.dumps(source)),
    lambda source: dict(**source),
    lambda source: "{user}".format(**source) and source,
]


@pytest.mark.parametrize("taken", WHOLE)
def test_needing_a_param_that_it_does_not_depend_on_is_noticed_also_where_all_are_taken(taken):
    def shops(source):
        return [taken(source)["user"]]

    found = ask(shops, USER, HOST, params={"user": "ada", "host": "localhost"}, dependencies=["host"])
    (finding,) = values_resolve((found,)).findings
    assert finding.received == (
        "it takes source as a whole, and without the params that it does not depend on (user) it raised KeyError: 'user'"
    )
    assert "'shop'" in finding.fix


@pytest.mark.parametrize("taken", WHOLE[:3])
def test_taking_all_of_them_and_needing_none_is_right(taken):
    asked = []

    def shops(source):
        asked.append(taken(source))
        return [asked[-1]["host"], asked[-1].get("user", "nobody")]

    found = ask(shops, USER, HOST, params={"user": "ada", "host": "localhost", "id": 7}, dependencies=["host"])
    assert values_resolve((found,)).findings == ()
    assert asked[-1] == {"host": "localhost", "id": 7}


def test_what_all_are_taken_of_is_not_asked_twice_without_need():
    asked = []
    ask(lambda source: asked.append({**source}) or [], USER, params={"user": "ada"}, dependencies=["user"])
    assert len(asked) == 1


def test_a_function_that_takes_its_time_is_a_note():
    (note,) = values_resolve((ask(lambda source: ["north"], seconds=75.0),)).notes
    assert note.startswith("The values of the param 'shop' took 75 seconds: ")
    assert len(values_resolve((ask(lambda source: ["north"], seconds=10.0),)).notes) == 1
    assert values_resolve((ask(lambda source: ["north"], seconds=9.0),)).notes == ()


@pytest.mark.parametrize(
    "facts",
    [
        ValuesFacts(param="shop", raised="KeyError: 'region'", needs=("region",)),
        ValuesFacts(param="shop", type_name="int", is_listing=False),
    ],
)
def test_what_is_wrong_is_told_once_and_noted_not_at_all(facts):
    verdict = values_resolve((facts,))
    assert (len(verdict.findings), verdict.notes) == (1, ())


def test_how_long_a_function_took_that_was_not_called_is_not_told():
    facts = ValuesFacts(param="shop", called=False, reason="its params are not at hand", seconds=75.0)
    assert len(values_resolve((facts, gives(["north"]))).notes) == 1


def test_getting_along_without_it_is_a_note():
    def shops(source):
        return [source["user"]] if "user" in source else []

    found = ask(shops, USER, params={"user": "ada"})
    assert (found.needs, found.looks_at) == ((), ("user",))
    verdict = values_resolve((found,))
    assert not verdict.findings
    assert "'user'" in verdict.notes[0]


@pytest.mark.parametrize(
    ("others", "dependencies"),
    [
        ([USER], ["user"]),
        ([USER, {"name": "host", "dependencies": ["user"]}], ["host"]),
        ([{"name": "user", "default": "ada"}], []),
        ([{"name": "user", "type": "hidden"}], []),
        ([{"name": "user", "hidden": True}], []),
        ([], []),  # which no param declares: the platform may have put it there
    ],
)
def test_what_is_there_by_then_may_be_read(others, dependencies):
    params = {"user": "ada", "host": "localhost"}
    found = ask(lambda source: [source["user"]], *others, params=params, dependencies=dependencies)
    assert (found.called, found.needs, found.looks_at) == (True, (), ())


def test_a_default_is_there_as_the_form_fills_it_in():
    others = [{"name": "region", "default": ["eu"]}, {"name": "token", "type": "password", "default": "tk-9f3b71"}]
    got = []
    found = ask(lambda source: got.append(source) or source["region"], *others, dependencies=["region"])
    assert (found.called, found.raised, found.count, found.needs) == (True, "", 1, ())
    # A credential is only known, and looked for, where it is given.
    assert got == [{"region": ["eu"]}]
    ask(lambda source: got.append(source) or [], *others, params={"region": "us"})
    assert got[-1] == {"region": "us"}


def test_dependencies_in_a_circle_are_gone_round_once():
    others = [{"name": "user", "dependencies": ["host"]}, {"name": "host", "dependencies": ["user"]}]
    params = {"user": "ada", "host": "localhost"}
    assert ask(lambda source: [source["host"]], *others, params=params, dependencies=["user"]).needs == ()


def test_a_key_that_is_not_there_is_told_of_as_such():
    found = ask(lambda source: [source["host"]], HOST, params={"user": "ada"})
    assert (found.raised, found.lacks, found.needs) == ("KeyError: 'host'", ("host",), ())
    (finding,) = values_resolve((found,)).findings
    assert finding.fix.startswith("The form may ask for the values before 'host' is filled in.")


def test_a_key_error_of_another_dict_is_not_blamed_on_the_params():
    found = ask(lambda source: {}["page"])
    assert "filled in" not in values_resolve((found,)).findings[0].fix


def test_each_function_gets_params_of_its_own():
    def spoils(source, options):
        source["tables"].append("orders")
        options["refresh"]["token"] = "gone"
        return source["tables"]

    params, options = {"tables": ["users"]}, {"refresh": {"token": "tk"}}
    config = {"params": [{"name": name, "values": spoils} for name in ("one", "other")]}
    counts = [facts_of(call, call.call()).count for call in calls(config, params, options)]
    assert counts == [2, 2]
    assert (params, options) == ({"tables": ["users"]}, {"refresh": {"token": "tk"}})


@pytest.mark.parametrize("copier", [copy.copy, copy.deepcopy, dict.copy, lambda s: pickle.loads(pickle.dumps(s)), dict])
def test_a_copy_of_the_params_is_a_plain_dict(copier):
    got = []
    ask(lambda source: got.append(copier(source)) or [], params={"user": "ada"})
    assert got == [{"user": "ada"}]
    assert type(got[0]) is dict


def test_a_list_without_entries_is_a_note():
    verdict = values_resolve((gives([]),))
    assert (verdict.findings, verdict.skip) == ((), None)
    assert "an empty list" in verdict.notes[0]


@pytest.mark.parametrize(
    "config",
    [
        None,
        {},
        {"params": {}},
        {"params": [{"name": "shop", "values": ["north"]}]},
        {"params": [{"name": "shop", "default": len}]},
        {"params": {"shop": {"values": len}}},
        {"title": len},
        len,
    ],
)
def test_without_functions_there_is_nothing_to_call(config):
    assert calls(config, {}, {}) == []
    assert values_resolve(()).skip == "No param takes its values from a function."


def test_a_function_of_a_param_without_a_name_is_called_by_its_place():
    (call,) = calls({"params": [{"values": lambda source: ["north"]}]}, {}, {})
    assert call.name == "the values of the param 'params[0]'"
    assert call.call is not None


def observed(end: End, **more) -> Observation:
    module = ModuleFacts(
        name="orders",
        stream="class Orders",
        stream_is_class=True,
        stream_is_data_source=True,
        overrides_read=True,
        config_findings=(),
    )
    return Observation(plan=VALUES, end=end, module=module, limit=1.0, **more)


CHECK = next(check for check in CONTRACT if check.name == "config_values_resolve")


def test_a_run_that_broke_off_earlier_is_not_taken_for_one_without_functions():
    step = Step(kind="construct", call="Stream(source, options)", number=1, seconds=0.0)
    assert str(CHECK.judge(observed(End.HUNG, unfinished=step)).skip).startswith(
        "The run broke off before any function"
    )
    assert CHECK.judge(observed(End.COMPLETE)).skip == "No param takes its values from a function."


def test_what_the_functions_gave_is_judged_also_where_the_run_broke_off_later():
    step = Step(kind="end", call="", number=1, seconds=0.0)
    verdict = CHECK.judge(observed(End.HUNG, unfinished=step, values=(gives(None),)))
    assert [finding.received for finding in verdict.findings] == ["None"]


def test_a_function_that_hangs_is_told_of_beside_what_the_others_gave():
    step = Step(kind="values", call="the values of the param 'kind'", number=2, seconds=0.0)
    verdict = CHECK.judge(observed(End.HUNG, unfinished=step, values=(gives(None),), stuck_at="shops.py:1 in kinds"))
    odd, hung = verdict.findings
    assert odd.received == "None"
    assert (hung.place, hung.source) == ("the values of the param 'kind'", "shops.py:1 in kinds")
    assert hung.received == "the values of the param 'kind' did not return within 1 seconds"


@pytest.mark.parametrize("name", ["config_icon_is_image", "config_secrets_are_masked", "config_values_resolve"])
def test_without_a_config_there_is_nothing_to_judge(name):
    check = next(check for check in CONTRACT if check.name == name)
    run = observed(End.COMPLETE)
    without = replace(run, module=replace(run.module, config_findings=None))
    assert check.judge(without).skip == "The module has no CONFIG: see config_is_valid."
    assert "could not be imported" in str(check.judge(replace(run, module=None)).skip)
