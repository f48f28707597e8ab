"""`panoply.events`: handlers are called in order, each once, and what they raise harms nobody."""

from __future__ import annotations

import pytest

from panoply.events import Emitter


def test_handlers_run_in_the_order_in_which_they_were_added():
    heard = []
    emitter = Emitter()
    for name in "abc":
        emitter.on("news", lambda data, name=name: heard.append((name, data)))

    emitter.fire("news", 1)

    assert heard == [("a", 1), ("b", 1), ("c", 1)]


def test_a_handler_that_was_added_twice_runs_once():
    heard = []
    emitter = Emitter().on("news", heard.append).on("news", heard.append)

    emitter.fire("news", 1)

    assert heard == [1]


def test_a_handler_of_all_events_gets_the_name_as_well_and_keeps_its_place():
    heard = []
    emitter = Emitter()
    emitter.on("news", lambda data: heard.append(("news", data)))
    emitter.on("*", lambda name, data: heard.append((name, data, "all")))

    emitter.fire("news", 1).fire("other", 2)

    assert heard == [("news", 1), ("news", 1, "all"), ("other", 2, "all")]


def test_a_handler_that_raises_is_logged_and_the_others_run(caplog):
    heard = []

    def broken(data):
        raise ValueError(f"cannot take {data}")

    Emitter().on("source-change", broken).on("source-change", heard.append).fire("source-change", "a-new-token")

    assert heard == ["a-new-token"]
    (record,) = caplog.records
    assert record.name == "panoply.events"
    assert "'source-change' raised ValueError at" in record.getMessage()
    assert "test_events.py:" in record.getMessage()
    assert "a-new-token" not in caplog.text


def test_ctrl_c_in_a_handler_gets_through():
    def interrupted(data):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Emitter().on("news", interrupted).fire("news", 1)


def test_handlers_may_be_added_while_an_event_is_told():
    heard = []
    emitter = Emitter()
    emitter.on("news", lambda data: emitter.on("news", heard.append))

    emitter.fire("news", 1)
    emitter.fire("news", 2)

    assert heard == [2]


def test_emitters_do_not_share_handlers_even_if_init_was_never_called():
    class Forgetful(Emitter):
        def __init__(self):
            pass

    heard = []
    one, other = Forgetful(), Forgetful()
    one.on("news", heard.append)

    other.fire("news", 1)

    assert heard == []


@pytest.mark.parametrize(
    ("name", "fn", "says"),
    [(None, print, "name of an event as text, not NoneType"), ("news", None, "function to call, not NoneType")],
)
def test_a_handler_that_could_never_be_called_is_refused_at_once(name, fn, says):
    with pytest.raises(TypeError, match=says):
        Emitter().on(name, fn)
