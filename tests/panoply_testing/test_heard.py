"""`_heard`, `_leaks` and `_raised`: what a source says through its events and exceptions."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from panoply.errors import PanoplyException
from panoply.events import Emitter
from panoply_testing._heard import Heard
from panoply_testing._leaks import MOST_KEPT, Leaks
from panoply_testing._raised import Places, let_out, raised_facts
from panoply_testing.secrets import Credentials, Secret

TOKEN = "tk/9f3b+71Ca2=Zq8"


@pytest.fixture
def leaks():
    return Leaks(Credentials([Secret(label="param token", value=TOKEN)]))


@pytest.fixture
def learnt():
    return []


@pytest.fixture
def heard(leaks, learnt):
    return Heard(leaks, learnt.append)


@pytest.fixture
def source(heard):
    source = Emitter()
    heard.listen(source)
    return source


def state(state_id, state):
    return {"stateId": state_id, "state": state}


def test_states_are_merged_shallowly_in_their_order(heard, source):
    source.fire("source-state", state("a", {"orders": {"page": 1}, "users": 5}))
    source.fire("source-state", state("b", {"orders": {"id": 2}}))
    assert heard.merged == {"orders": {"id": 2}, "users": 5}
    assert heard.state_ids == {"a", "b"}


def test_a_state_is_copied_when_it_is_reported(heard, source):
    reported = {"page": [1]}
    source.fire("source-state", state("a", reported))
    reported["page"].append(2)
    assert heard.merged == {"page": [1]}


@pytest.mark.parametrize(
    ("state_id", "problem"),
    [
        ("", "an empty id"),
        (" ", "an empty id"),
        (None, "None for an id"),
        (7, "an id of type int"),
        ("a", "an id that was reported before"),
    ],
)
def test_an_id_that_is_none_is_named(heard, source, state_id, problem):
    source.fire("source-state", state("a", {}))
    heard.reset()
    source.fire("source-state", state(state_id, {}))
    (facts,) = heard.states
    assert facts.id_problem == problem
    assert facts.number == 2


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"at": dt.date(2024, 5, 31)}, "Object of type date is not JSON serializable"),
        ({"n": float("nan")}, "Out of range float values are not JSON compliant"),
        (["a"], "the state is a list, not a dict"),
        (None, "the state is a NoneType, not a dict"),
    ],
)
def test_a_state_that_is_no_json_is_named_and_not_merged(heard, source, value, problem):
    source.fire("source-state", state("a", value))
    assert problem in heard.states[0].problem
    assert heard.merged == {}


@pytest.mark.parametrize(
    ("value", "key"), [({1: 2}, "int"), ({"deep": [{"x": {None: 1}}]}, "NoneType"), ({"deep": ({True: 1},)}, "bool")]
)
def test_keys_that_come_back_as_text_are_named_and_come_back_as_text(heard, source, value, key):
    source.fire("source-state", state("a", value))
    assert f"a key of type {key}" in heard.states[0].problem
    assert heard.merged == json.loads(json.dumps(value))


def test_a_state_inside_itself_ends(heard, source):
    loop = {}
    loop["loop"] = loop
    source.fire("source-state", state("a", loop))
    assert heard.states[0].problem


def test_loaded_that_goes_back_is_noticed_from_read_to_read(heard, source):
    source.fire("progress", {"loaded": 5, "total": 9, "msg": ""})
    heard.reset()
    source.fire("progress", {"loaded": None, "total": None, "msg": "waiting"})
    source.fire("progress", {"loaded": 3, "total": 9, "msg": ""})
    source.fire("progress", {"loaded": 1, "total": 9, "msg": ""})
    assert heard.went_back == (2, 5, 3)
    assert heard.last.loaded == 1


@pytest.mark.parametrize(
    ("event", "data", "kind"),
    [
        ("progress", {"loaded": 1, "total": 1, "msg": f"with {TOKEN}"}, "progress"),
        ("source-state", state(TOKEN, {}), "state"),
        ("source-state", state("a", {"auth": [TOKEN]}), "state"),
        ("checkpoint", {"key": TOKEN}, "state"),
        ("checkpoint", {dt.date(2024, 1, 1): object(), "key": TOKEN}, "state"),
    ],
)
def test_events_are_searched_for_credentials(leaks, source, event, data, kind):
    source.fire(event, data)
    (searched, found) = leaks.take()
    assert dict(searched)[kind] >= 1
    assert [leak.kind for leak in found] == [kind]
    assert TOKEN not in repr(found)
    assert leaks.take() == ((), ())


def test_source_change_exists_to_carry_credentials(heard, leaks, source, learnt):
    source.fire("source-change", {"token": TOKEN})
    assert leaks.take() == ((), ())
    assert learnt == [{"token": TOKEN}]


def test_a_state_id_that_is_a_credential_is_not_shown(heard, source):
    source.fire("source-state", state(TOKEN, {}))
    assert TOKEN not in heard.states[0].state_id


@pytest.mark.parametrize("event", [TOKEN, f"logged in with the token {TOKEN} of the account"])
def test_an_event_that_is_called_after_a_credential_is_shown_masked(leaks, source, event):
    source.fire(event, {})
    _, (leak,) = leaks.take()
    assert "tk***q8" in leak.channel
    assert TOKEN[3:8] not in repr(leak)


def test_a_channel_is_shown_masked(leaks):
    leaks.search("log", f"logging (acme.{TOKEN})", TOKEN)
    _, (leak,) = leaks.take()
    assert leak.channel == "logging (acme.tk***q8)"


def test_a_token_is_also_looked_for_in_what_was_told_before_it_was_announced(leaks):
    new = Secret(label="source-change.token", value="nt/8c51Kd7+Yp2=Wv3")
    leaks.search("log", "log()", f"login gave {new.value}", "acme.py:3 in read")
    leaks.search("progress", "progress()", f"{TOKEN} was exchanged for {new.value}")
    leaks.take()

    leaks.learn(new, "source-change announced it")

    _, found = leaks.take()
    assert [(leak.kind, leak.secret, leak.where) for leak in found] == [
        ("log", "source-change.token", "acme.py:3 in read"),
        ("progress", "source-change.token", ""),
    ]
    assert found[0].channel == "log(), before source-change announced it"
    assert found[1].excerpt == "tk***q8 was exchanged for nt***v3"
    leaks.learn(new, "source-change announced it")
    assert leaks.take() == ((), ())


def test_what_was_told_long_ago_is_not_kept(leaks):
    new = Secret(label="source-change.token", value="nt/8c51Kd7+Yp2=Wv3")
    leaks.search("log", "log()", new.value)
    for _ in range(2):
        leaks.search("record", "a record", "x" * MOST_KEPT)
    leaks.learn(new, "source-change announced it")
    assert leaks.take()[1] == ()


def test_of_many_leaks_a_few_of_each_kind_are_kept(leaks):
    for number in range(100):
        leaks.search("log", f"channel {number}", TOKEN)
        leaks.search("record", f"channel {number}", TOKEN)
    _, found = leaks.take()
    assert {leak.kind for leak in found} == {"log", "record"}
    assert len(found) == 10


def caught(act):
    try:
        act()
    except BaseException as exc:  # noqa: BLE001
        return exc
    raise AssertionError


def fail():
    raise ValueError(TOKEN)


def with_cause():
    try:
        fail()
    except ValueError as exc:
        raise PanoplyException("no") from exc


def with_context():
    try:
        fail()
    except ValueError:
        raise PanoplyException("no")  # noqa: B904


def with_note():
    exc = PanoplyException("no")
    exc.add_note(TOKEN)
    raise exc


def in_a_group():
    raise ExceptionGroup("many", [KeyError(1), ExceptionGroup("inner", [ValueError(TOKEN)])])


def in_args():
    class Quiet(Exception):
        def __str__(self):
            return "quiet"

        def __repr__(self):
            return "Quiet()"

    raise Quiet({"token": TOKEN})


def suppressed():
    try:
        fail()
    except ValueError:
        raise PanoplyException("no") from None


@pytest.mark.parametrize(
    ("act", "lets_it_out"),
    [
        (with_cause, True),
        (with_context, True),
        (with_note, True),
        (in_a_group, True),
        (in_args, True),
        (suppressed, False),
    ],
)
def test_an_exception_lets_out_what_its_traceback_prints_and_its_args(act, lets_it_out):
    texts = [text for _, text in let_out(caught(act))]
    assert any(TOKEN in text for text in texts) == lets_it_out


def test_an_endless_chain_of_exceptions_ends():
    one, other = ValueError("one"), ValueError("other")
    one.__context__, other.__context__ = other, one
    assert len(list(let_out(one))) < 100


def test_an_exception_whose_text_raises_is_described_all_the_same():
    class Bad(Exception):
        def __str__(self):
            raise RuntimeError

        __repr__ = __str__

    exc = caught(lambda: (_ for _ in ()).throw(Bad()))
    assert raised_facts(exc, Places(), str).message == "(its str() raises RuntimeError)"
    assert list(let_out(exc))


@pytest.mark.parametrize(
    ("line", "at", "excerpt"),
    [
        ('{"__table": "t", "a": {"b": ["x", "u=%s"]}}', 'record 9: record["a"]["b"][1]', "u=tk***q8"),
        ('{"t": {"%s": 1}}', 'record 9: record["t"]', "tk***q8"),
        ("{'a': <object with %s>}", "record 9", "{'a': <object with tk***q8>}"),
    ],
)
def test_of_records_it_is_told_in_which_one_a_credential_is_and_where(leaks, line, at, excerpt):
    leaks.search_records('{"a": 1}\n' + line % TOKEN + '\n{"a": 2}\n', [7, 9, 9])
    searched, (leak,) = leaks.take()
    assert (leak.kind, leak.channel, leak.at, leak.excerpt) == ("record", "a record", at, excerpt)
    assert searched == (("record", 1),)
