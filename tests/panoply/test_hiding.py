"""What a source's log hides: whatever is known to be a credential, in one argument or split over several; and nothing else."""

from __future__ import annotations

import copy
import pickle
import sys
import types
from itertools import pairwise

import pytest
from encoders import ENCODERS, names, neighbours, values
from hypothesis import example, given, settings
from hypothesis import strategies as st

import panoply
from panoply._hiding import Hiding, announced_credentials, config_of, declared_credentials, known_credentials, masked
from panoply.masking import Mask
from panoply_testing._facts import marks_of
from panoply_testing._sensors import _renderings
from panoply_testing.secrets import Credentials, Secret, credentials_among

TOKEN = "8fK2xQ9z77aLmN3pR5"


class Odd:
    """Of which `str()` and `repr()` say different things."""

    def __init__(self, text="", shown=""):
        self.text, self.shown = text, shown

    def __str__(self):
        return self.text

    def __repr__(self):
        return self.shown


class Broken:
    def __str__(self):
        raise ValueError(TOKEN)

    __repr__ = __str__


wrappers = st.sampled_from([str, str, ValueError, lambda text: {"url": text}, lambda text: [text], str.encode])


@st.composite
def calls(draw):
    """Credentials, and the arguments of one call of `log()` over which they are split, in some encoding."""
    several = draw(st.lists(values, min_size=1, max_size=2))
    joint = draw(st.sampled_from(["", " "]))
    inner, outer = ENCODERS[draw(names)], ENCODERS[draw(names)]
    text = draw(neighbours) + outer(inner(joint.join(several))) + draw(neighbours)
    cuts = draw(st.lists(st.integers(0, len(text)), max_size=3))
    pieces = [text[start:end] for start, end in pairwise([0, *sorted(cuts), len(text)])]
    return several, tuple(draw(wrappers)(piece.removeprefix(joint)) for piece in pieces)


@settings(deadline=None)
@given(call=calls())
@example(call=([TOKEN], (TOKEN[:5], TOKEN[5:9], TOKEN[9:])))
@example(call=(["correct horse battery"], ("correct", "horse", "battery")))
@example(call=(["00000000000001010\x1f0000000000000"], ("00000000000001010\x1f", {"url": "0000000000000"})))
@example(call=(["********"], ("***", "***", "***", "a")))
def test_neither_the_arguments_nor_what_they_are_joined_to_show_a_credential(call):
    several, msgs = call
    kit = Credentials(Secret(label=f"param {number}", value=value) for number, value in enumerate(several))

    left = masked(msgs, Mask(several))

    assert [text for text in _renderings(left) if kit.find(text)] == []


@pytest.mark.parametrize(
    ("msgs", "left"),
    [
        (("GET", f"https://acme.test/?key={TOKEN}&page=2"), ("GET", "https://acme.test/?key=***&page=2")),
        (("token", TOKEN[:7], TOKEN[7:], "!"), ("token", "***", "***", "!")),
        ((f"a{TOKEN[:4]}", TOKEN[4:9], f"{TOKEN[9:]}b"), ("a***", "***", "***b")),
        (("the correct", "horse", "battery.", "and"), ("the ***", "***", "***.", "and")),
        (("8fK2xQ9z7", "7aLmN3p", "R5Zq"), ("***", "***", "***")),
        ((b"key " + TOKEN.encode(), 5), ("key ***", 5)),
        (({"token": TOKEN},), ("{'token': '***'}",)),
        ((12345678, 1234567, 12), ("***", 1234567, 12)),
        ((Odd(shown=TOKEN, text="fine"),), ("fine",)),
        ((), ()),
    ],
)
def test_what_holds_a_credential_becomes_masked_text(msgs, left):
    mask = Mask([TOKEN, "correct horse battery", "12345678", "77aLmN3pR5Zq"])

    assert masked(msgs, mask) == left


def test_what_holds_none_stays_the_object_that_it_is_also_beside_one_that_does():
    plain = [ValueError("no answer"), {"page": 2}, None, 3.5, Broken(), b"\xff", Odd("a", "b")]
    mask = Mask([TOKEN])

    assert masked(tuple(plain), mask) == tuple(plain)
    assert masked((*plain, TOKEN), mask) == (*plain, "***")
    assert masked((*plain, TOKEN[:7], TOKEN[7:]), mask) == (*plain, "***", "***")


def hiding(source, options=None):
    stream = panoply.DataSource(source, options)
    found = Hiding()
    found.learn(stream)
    return stream, found


@pytest.mark.parametrize(
    "source",
    [
        {"token": TOKEN},
        {"account": {"oauth": {"access_token": TOKEN}}},
        {"dsn": f"postgres://joe:{TOKEN}@db.acme.test/orders"},
        {"url": f"postgres://joe:{TOKEN}@db.acme.test/orders"},
        {"keys": [{"api_key": TOKEN}]},
        {"password": TOKEN.encode()},
    ],
)
def test_credentials_among_the_params_are_known(source):
    stream, found = hiding(source)

    assert found.hidden(stream, (f"<{TOKEN}>",)) == ("<***>",)


def test_credentials_among_the_options_are_known():
    refresh = {"client_id": "the-client-id", "url": TOKEN, "scope": "read_orders"}
    stream, found = hiding({}, {"refresh": refresh, "api_key": "the-api-key", "table": "the-table"})

    assert found.hidden(stream, ("the-client-id", TOKEN, "the-api-key", "the-table", "read_orders")) == (
        *("***", "***", "***"),
        *("the-table", "read_orders"),
    )


def refreshed(source):
    source["token"] = "new-5a77e1c2"


def refreshed_deep_inside(source):
    source["account"]["grants"][0]["access_token"] = "new-5a77e1c2"


def appended(source):
    source["account"]["grants"].append({"access_token": "new-5a77e1c2"})


@pytest.mark.parametrize("change", [refreshed, refreshed_deep_inside, appended])
def test_a_token_that_is_put_among_the_params_is_noticed(change):
    source = {"token": TOKEN, "account": {"grants": [{"access_token": "old-93c1f07d"}]}}
    stream, found = hiding(source)

    change(source)

    assert found.hidden(stream, ("new-5a77e1c2", "old-93c1f07d", TOKEN)) == ("***", "***", "***")


def test_params_are_looked_through_again_only_where_they_have_changed(monkeypatch):
    source = {"token": TOKEN, "state": {"page": 1}, "rows": [1]}
    stream, found = hiding(source)
    looked_through = []
    monkeypatch.setattr("panoply._hiding.known_credentials", lambda news, _: looked_through.append(set(news)) or ())

    found.learn(stream)
    source["state"]["page"] = 2
    found.learn(stream)
    found.learn(stream)

    assert looked_through == [{"state"}]


class Array:
    def __eq__(self, other):
        return [True, False]

    __hash__ = None


class NoTruth:
    def __eq__(self, other):
        return self

    def __bool__(self):
        raise ValueError

    __hash__ = None


def endless():
    params: dict = {"token": TOKEN}
    params["self"] = params
    return params


@pytest.mark.parametrize(
    "source",
    [
        endless(),
        {"token": TOKEN, "frame": NoTruth(), "more": [Array()]},
        types.MappingProxyType({"token": TOKEN}),
        {"token": TOKEN, 1: 2, None: {3: 4}},
    ],
)
def test_odd_params_are_no_trouble(source):
    stream = panoply.DataSource(source)
    found = Hiding()

    for _ in range(2):
        assert found.hidden(stream, (f"<{TOKEN}>",)) == ("<***>",)


@pytest.mark.parametrize("source", [None, 7, "text", ["token"]])
def test_where_there_are_no_params_nothing_is_known(source):
    stream = types.SimpleNamespace(source=source)

    assert Hiding().hidden(stream, ("text",)) == ("text",)
    assert Hiding().hidden(object(), ("text",)) == ("text",)


def test_what_cannot_be_looked_through_is_left_out_rather_than_shown(monkeypatch):
    def broken(*_):
        raise LookupError(TOKEN)

    monkeypatch.setattr("panoply._hiding.masked", broken)
    stream, found = hiding({"token": TOKEN})

    assert found.hidden(stream, (TOKEN,)) == ("(left out, as looking through it for credentials failed: LookupError)",)


CONFIGS = [
    ([{"name": "code", "type": "password"}], {"code": "marked-code"}, {"marked-code"}),
    ([{"name": "code", "type": "hidden"}], {"code": "marked-code"}, {"marked-code"}),
    ([{"name": "ref", "hidden": True}], {"ref": "9b1deb4d-3b7d-4bad"}, {"9b1deb4d-3b7d-4bad"}),
    ([{"name": "ref", "hidden": True}], {"ref": "production"}, set()),
    ([{"name": "ref", "type": "hidden"}], {"ref": "production"}, set()),
    ([{"name": "ref", "type": "hidden", "default": "v2-incremental-9"}], {"ref": "v2-incremental-9"}, set()),
    ([{"name": "api_key", "type": "hidden", "default": "k-of-the-app"}], {"api_key": "k-of-the-app"}, {"k-of-the-app"}),
    ([{"name": "auth", "values": ["service_account", {"value": "api_key_header"}]}], {"auth": "api_key_header"}, set()),
    ([{"name": "auth", "values": ("service_account",)}], {"auth": "service_account"}, set()),
    ([{"name": "auth", "values": ["service_account", len]}], {"auth": "typed-by-hand"}, {"typed-by-hand"}),
    ([{"name": "auth", "values": len}], {"auth": "typed-by-hand"}, {"typed-by-hand"}),
    ([{"name": "pin", "type": "password", "values": ["123456"]}], {"pin": 123456}, {"123456"}),
    ([{"name": "ref", "hidden": True}], {}, set()),
    ([{"name": "ref", "hidden": True}], {"ref": {"secret": "production"}}, {"production"}),
    (({"name": "code", "type": "password"},), {"code": "marked-code"}, {"marked-code"}),
    (["no param", {"name": 3}, {"name": "code", "type": "oauth"}], {"code": "marked-code"}, {"marked-code"}),
    (None, {"token": TOKEN, "table": "the-table"}, {TOKEN}),
]


@pytest.mark.parametrize(("params", "source", "expected"), CONFIGS)
def test_what_config_marks_is_a_credential_however_broken_the_rest_of_it_is(params, source, expected):
    config = {"params": params}

    assert known_credentials(source, config) == expected
    kit = credentials_among(source, {}, marks_of(config))
    assert {secret.value for secret in kit if not secret.doubt} == expected


@pytest.mark.parametrize("config", [None, "text", {}, {"params": 7}])
def test_where_there_is_no_config_the_names_say_it(config):
    assert known_credentials({"token": TOKEN, "table": "the-table"}, config) == {TOKEN}


def module(monkeypatch, name, **inside):
    made = types.ModuleType(name)
    vars(made).update(inside)
    monkeypatch.setitem(sys.modules, name, made)


def stream_class(module_name, *bases):
    return type("Stream", bases or (panoply.DataSource,), {"__module__": module_name})


def test_config_is_looked_for_beside_the_class_and_around_it(monkeypatch):
    here, around, of_base = ({"params": [number]} for number in range(3))
    module(monkeypatch, "acme", CONFIG=around)
    module(monkeypatch, "acme.source", CONFIG={"timeout": 5})
    module(monkeypatch, "acme.orders", CONFIG=here)
    module(monkeypatch, "vendor.base", CONFIG=of_base)
    module(monkeypatch, "plain")

    assert config_of(stream_class("acme.orders")) is here
    assert config_of(stream_class("acme.source")) is around
    assert config_of(stream_class("plain", stream_class("vendor.base"))) is of_base
    assert config_of(stream_class("plain")) is None
    assert config_of(stream_class("not.imported")) is None


GIVEN = {"branch": "north-branch-77aLmN", "access_token": "old-93c1f07d"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"access_token": "new-5a77e1c2"}, {"new-5a77e1c2"}),
        ({"at": "new-5a77e1c2"}, {"new-5a77e1c2"}),
        ({"at": {"x": "new-5a77e1c2", "scope": "read-5a77e1c2"}}, {"new-5a77e1c2"}),
        ({**GIVEN, "access_token": "new-5a77e1c2"}, {"new-5a77e1c2"}),
        ({"last": "2024-05-31", "mode": "production", "page": 10029384}, set()),
        ({"password": "production"}, {"production"}),
        (None, set()),
        ("text", set()),
    ],
)
def test_what_is_announced_is_a_credential_unless_it_was_given_or_is_plain(changes, expected):
    assert announced_credentials(changes, GIVEN) == expected


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("the-token", {"the-token": "secret()"}),
        (b"the-token", {"the-token": "secret()"}),
        (bytearray(b"the-token"), {"the-token": "secret()"}),
        (12345678, {"12345678": "secret()"}),
        (
            {"access_token": "the-token", "expires_in": 360000, "user": "joe-the-user"},
            {"the-token": "secret().access_token"},
        ),
        (["one-token", ("two-token",)], {"one-token": "secret()[0]", "two-token": "secret()[1][0]"}),
        ("Bearer 8fK2xQ9z", {"Bearer 8fK2xQ9z": "secret()", "8fK2xQ9z": "secret() (the token in it)"}),
        ('{"type": "account", "private_key": "the-key"}', None),
        (None, {}),
        ({}, {}),
    ],
)
def test_what_is_declared_is_taken_apart(value, found):
    if found is None:
        found = {value: "secret()", "the-key": "secret().private_key"}
    assert dict(declared_credentials(value)) == found


def test_what_cannot_be_a_credential_is_refused_without_being_shown():
    with pytest.raises(TypeError, match=r"secret\(\) takes text, bytes or a number, .* not Odd: ") as caught:
        declared_credentials(Odd(TOKEN, TOKEN))
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda hiding: pickle.loads(pickle.dumps(hiding))])
def test_a_copy_knows_what_was_declared_and_announced(duplicate):
    stream, found = hiding({}, {"logger": lambda _: None})
    found.declare(("declared-5a77e1c2",))
    found.announce(stream, {"at": "announced-77aLmN3p"}, {})

    other = duplicate(found)
    found.declare(("later-5a77e1c2",))

    assert other.hidden(stream, ("declared-5a77e1c2 announced-77aLmN3p later-5a77e1c2",)) == ("*** *** later-5a77e1c2",)
    assert other.declared == ("declared-5a77e1c2",)
    assert "5a77e1c2" not in repr(found)
