"""`panoply.DataSource`: what published sources rely on."""

from __future__ import annotations

import asyncio
import base64
import copy
import datetime as dt
import json
import logging
import pickle
import subprocess
import sys
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from uuid import UUID

import pytest

import panoply
from panoply import datasource


class Colour(Enum):
    RED = "red"


class Source(panoply.DataSource):
    pass


def listening(source):
    heard = []
    source.on("*", lambda name, data: heard.append((name, data)))
    return heard


def test_source_and_options_are_the_very_dicts_that_were_passed():
    params, options = {"a": 1}, {"logger": print}

    source = Source(params, options)

    assert source.source is params
    assert source.options is options
    assert params == {"a": 1}


def test_options_may_be_left_out():
    assert Source({}).options == {}
    assert Source({}).options is not Source({}).options


def test_source_and_options_may_be_passed_by_name():
    assert Source(source={"a": 1}, options={"b": 2}).options == {"b": 2}


def test_log_calls_the_options_logger_with_one_tuple():
    calls = []
    Source({}, {"logger": lambda *args: calls.append(args)}).log("got", 3, {"rows": True})

    assert calls == [(("got", 3, {"rows": True}),)]


def test_log_without_a_logger_goes_to_logging_and_not_to_stdout(caplog, capsys):
    with caplog.at_level(logging.INFO, "panoply.source"):
        Source({}, {}).log("got", 3, "100%")

    assert [(record.name, record.getMessage()) for record in caplog.records] == [("panoply.source", "got 3 100%")]
    assert capsys.readouterr().out == ""


def test_progress_is_an_event_and_its_message_is_optional():
    source = Source({})
    heard = listening(source)

    source.progress(1, 2)
    source.progress(None, None, "waiting")
    source.progress(loaded=2, total=2, msg="done")

    assert heard == [
        ("progress", {"loaded": 1, "total": 2, "msg": ""}),
        ("progress", {"loaded": None, "total": None, "msg": "waiting"}),
        ("progress", {"loaded": 2, "total": 2, "msg": "done"}),
    ]


def test_state_is_an_event():
    source = Source({})
    heard = listening(source)

    source.state("id-1", {"page": 2})

    assert heard == [("source-state", {"stateId": "id-1", "state": {"page": 2}})]


@pytest.mark.parametrize("data", [b"\xff\x00a", "text \u20ac"])
def test_raw_wraps_bytes_and_text_so_that_they_can_travel_as_json(data):
    record = json.loads(json.dumps(Source({}).raw("file.csv", data, {"encoding": "utf-8"})))

    assert {**record, "raw": None} == {
        "type": "raw",
        "tag": "file.csv",
        "raw": None,
        "metadata": {"encoding": "utf-8"},
    }
    assert base64.b64decode(record["raw"]) == (data if isinstance(data, bytes) else data.encode())


def test_raw_makes_the_metadata_json_safe_and_keeps_nothing_of_the_callers():
    nested = {
        "when": dt.datetime(2024, 1, 2, 3, 4, 5, tzinfo=dt.UTC),
        "day": dt.date(2024, 1, 2),
        "list": (1, "a", None),
    }
    numbers = {"d": Decimal("0.5"), "i": Decimal(3), "exact": Decimal("0.1000000000000000055511151231257827"), "f": 1.5}
    metadata = MappingProxyType(
        {"nested": nested, "id": UUID(int=7), "numbers": numbers, "colour": Colour.RED, "ok": True}
    )

    made = Source({}).raw("tag", b"", metadata)["metadata"]

    assert json.loads(json.dumps(made, allow_nan=False)) == made
    assert made == {
        "nested": {"when": "2024-01-02T03:04:05+00:00", "day": "2024-01-02", "list": [1, "a", None]},
        "id": "00000000-0000-0000-0000-000000000007",
        "numbers": {"d": 0.5, "i": 3, "exact": "0.1000000000000000055511151231257827", "f": 1.5},
        "colour": "red",
        "ok": True,
    }
    nested["list"] = "changed"
    assert made["nested"]["list"] == [1, "a", None]
    assert Source({}).raw("tag", bytearray(b"a"), None) == {"type": "raw", "tag": "tag", "raw": "YQ==", "metadata": {}}


def inside_itself():
    loop = []
    loop.append(loop)
    return loop


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ({"a": [{"b": b"secret"}]}, r"metadata\['a'\]\[0\]\['b'\] is a bytes, which JSON does not have"),
        ({"a": {1, 2}}, r"metadata\['a'\] is a set"),
        ({"a": float("nan")}, "is NaN or Infinity"),
        ({"a": Decimal("Infinity")}, "is NaN or Infinity"),
        ({3: "a"}, "metadata has an int among its keys; expected text"),
        ({"a": inside_itself()}, "holds itself, or is nested too deeply"),
        (["a"], "`metadata` is a list; expected a dict"),
    ],
)
def test_raw_refuses_metadata_that_cannot_be_sent_and_says_where(metadata, said):
    with pytest.raises(panoply.errors.WrongTypeOrValueError, match=said) as refused:
        Source({}).raw("tag", b"data", metadata)

    assert "secret" not in str(refused.value)


def test_raw_takes_bytes_or_text():
    with pytest.raises(TypeError, match=r"`raw` is a dict; expected bytes, or text"):
        Source({}).raw("tag", {"secret": 1}, {})


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: Source.list_resources({"a": 1}), "`list_resources` method is not supported."),
        (lambda: Source({}).list_resources({}, {}), "`list_resources` method is not supported."),
        (lambda: Source.get_resource("orders", {}, options={}), "`get_resource` method is not supported."),
    ],
)
def test_resources_are_a_matter_of_the_source(call, said):
    with pytest.raises(panoply.errors.MetadataNotSupportedException) as unsupported:
        call()

    assert (str(unsupported.value), unsupported.value.retryable) == (said, False)


@pytest.mark.parametrize("name", ["DataSource", "PanoplyException", "validate_token", "background_progress"])
def test_published_sources_find_it_in_the_module_too(name):
    assert getattr(datasource, name) is getattr(panoply, name)


def test_what_is_nowhere_is_not_in_the_module_either():
    with pytest.raises(AttributeError, match="has no attribute 'nowhere'"):
        _ = datasource.nowhere


def test_a_handler_that_raises_does_not_break_the_source(caplog):
    def broken(data):
        raise RuntimeError

    source = Source({}).on("progress", broken)
    heard = listening(source)

    source.progress(1, 1)

    assert len(heard) == 1
    assert "raised RuntimeError" in caplog.text


def test_read_has_to_be_overridden_and_close_need_not():
    with pytest.raises(NotImplementedError, match=r"Source must override read\(self, n=None\)"):
        Source({}).read()
    assert Source({}).close() is None


@pytest.mark.parametrize("old_style", [False, True])
def test_sources_are_found_as_sub_packages_wherever_they_are_installed(tmp_path, old_style):
    package = tmp_path / "panoply" / "acme"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("import panoply\nclass Stream(panoply.DataSource): pass\n")
    if old_style:
        (tmp_path / "panoply" / "__init__.py").write_text(
            "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"
        )

    code = (
        f"import sys; sys.path.append({str(tmp_path)!r}); import panoply.acme; print(panoply.acme.Stream({{}}).source)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.stdout == "{}\n", done.stderr


# --- credentials

TOKEN = "8fK2xQ9z77aLmN3pR5"


def logging_to(calls, **options):
    return {"logger": calls.append, **options}


def test_log_masks_what_is_among_the_params_before_it_leaves():
    calls = []
    source = Source({"token": TOKEN, "table": "the-table"}, logging_to(calls))

    source.log("GET", f"https://acme.test/?key={TOKEN}", "the-table")
    source.log(base64.b64encode(f"user:{TOKEN}".encode()).decode())
    source.log(ConnectionError(f"no answer from ?key={TOKEN}"), TOKEN[:9], TOKEN[9:])

    assert calls == [
        ("GET", "https://acme.test/?key=***", "the-table"),
        ("dXNlcj***",),
        ("no answer from ?key=***", "***", "***"),
    ]


def test_what_log_is_given_arrives_as_it_is_where_it_holds_no_credential():
    calls = []
    source = Source({"token": TOKEN}, logging_to(calls))
    exc, page = ValueError("no answer"), {"page": 2}

    source.log(exc, page, 3)

    assert calls[0][0] is exc
    assert calls[0][1] is page


def test_log_masks_what_config_marks_beside_the_class(monkeypatch):
    calls = []
    monkeypatch.setitem(globals(), "CONFIG", {"params": [{"name": "code", "type": "password"}]})

    Source({"code": "the-code-9f3b"}, logging_to(calls)).log("code", "the-code-9f3b")

    assert calls == [("code", "***")]


def test_log_masks_without_a_logger_too(caplog):
    with caplog.at_level(logging.INFO, "panoply.source"):
        Source({"token": TOKEN}).log("token", TOKEN[:7], TOKEN[7:])

    assert caplog.messages == ["token *** ***"]


def test_log_masks_what_source_change_announces_from_when_its_handlers_hear_it():
    calls = []
    source = Source(
        {"access_token": "old-93c1f07d", "branch": "north-branch-77aLmN", "grant": {"page": "page-77aLmN3p"}},
        logging_to(calls),
    )
    source.on("source-change", lambda data: source.log("changed", data["access_token"]))

    source.source["access_token"] = "new-5a77e1c2"
    source.fire("source-change", {**source.source, "at": "odd-4407bd19e6"})
    source.source["access_token"] = "none"
    source.log("old-93c1f07d", "new-5a77e1c2", "odd-4407bd19e6", "north-branch-77aLmN", "page-77aLmN3p")

    assert calls == [
        ("changed", "***"),
        ("old-93c1f07d", "***", "***", "north-branch-77aLmN", "page-77aLmN3p"),
    ]


@pytest.mark.parametrize("data", [None, "text", {"token": object()}, {1: "odd-4407bd19e6"}])
def test_whatever_source_change_carries_its_handlers_hear_it(data):
    source = Source({"token": TOKEN})
    heard = listening(source)

    source.fire("source-change", data)

    assert heard == [("source-change", data)]


def test_secret_gives_back_the_very_value_and_has_it_masked_from_then_on():
    calls, hidden = [], []
    source = Source({}, logging_to(calls, hide=hidden.append))
    answer = {"access_token": "the-session-9f3b", "user": "joe-the-user"}

    assert source.secret(answer) is answer
    assert source.secret(None) is None
    source.log("session the-session-9f3b of joe-the-user")

    assert calls == [("session *** of joe-the-user",)]
    assert hidden == ["the-session-9f3b"]


def test_secret_tells_nobody_who_listens_to_events():
    source = Source({})
    heard = listening(source)

    source.secret(TOKEN)

    assert heard == []


def test_what_is_declared_before_the_constructor_of_the_base_is_told_once_there_are_options():
    calls, hidden = [], []

    class Late(panoply.DataSource):
        def __init__(self, source, options):
            self.secret(TOKEN)
            super().__init__(source, options)

    Late({}, logging_to(calls, hide=hidden.append)).log(TOKEN)

    assert (calls, hidden) == ([("***",)], [TOKEN])


class HasItsOwnNames(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.secret = source["secret"]
        self.mask = self.hide = self.hidden = self.declared = None


class NeverCallsTheBase(panoply.DataSource):
    def __init__(self, source, options):
        self.source, self.options = source, options


class CallsItLate(panoply.DataSource):
    def __init__(self, source, options):
        self.log("before there is anything")
        self.progress(0, 1)
        super().__init__(source, options)


class HasSlots(panoply.DataSource):
    __slots__ = ("page",)


class SetsNothing(panoply.DataSource):
    def __setattr__(self, name, value):
        if not name.startswith("_"):
            super().__setattr__(name, value)


class LogsInItsOwnWay(panoply.DataSource):
    def log(self, *msgs):
        super().log("mine:", *msgs)


@pytest.mark.parametrize("stream_class", [HasItsOwnNames, NeverCallsTheBase, CallsItLate, HasSlots, LogsInItsOwnWay])
def test_a_source_may_be_made_in_odd_ways_and_call_its_attributes_as_it_likes(stream_class):
    calls = []
    source = stream_class({"secret": TOKEN}, logging_to(calls))

    source.fire("source-change", {"at": "odd-4407bd19e6"})
    source.log(TOKEN, "odd-4407bd19e6", "text")

    assert calls[-1][-3:] == ("***", "***", "text")


def test_a_source_without_source_and_options_logs_all_the_same(caplog):
    with caplog.at_level(logging.INFO, "panoply.source"):
        SetsNothing({"token": TOKEN}).log("text")

    assert caplog.messages == ["text"]


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda source: pickle.loads(pickle.dumps(source))])
def test_a_source_can_be_copied_also_after_it_has_masked(duplicate):
    source = HasSlots({"token": TOKEN}, {})
    source.secret("the-session-9f3b")
    source.log(TOKEN)
    calls = []

    other = duplicate(source)
    other.options = logging_to(calls)
    other.log(f"{TOKEN} the-session-9f3b text")

    assert calls == [("*** *** text",)]


def test_repr_shows_no_credential():
    source = Source({"token": TOKEN}, {"refresh": {"client_secret": TOKEN}})
    source.secret("the-session-9f3b")
    source.log("text")

    ours = {name: value for name, value in vars(source).items() if name not in ("source", "options")}
    shown = f"{source!r} {source} {ours}"
    assert len(ours) > 1
    assert TOKEN not in shown
    assert "9f3b" not in shown


# --- with


class Closing(panoply.DataSource):
    closed = 0

    def close(self):
        self.closed += 1


class ClosingLater(Closing):
    async def close(self):
        await asyncio.sleep(0)
        self.closed += 1


def test_with_closes_a_source_also_where_something_fails():
    with Closing({}) as source:
        assert source.closed == 0
    assert source.closed == 1

    with pytest.raises(ZeroDivisionError), source:
        raise ZeroDivisionError
    assert source.closed == 2


@pytest.mark.parametrize("stream_class", [Closing, ClosingLater])
def test_async_with_closes_a_source_whether_its_close_is_async_or_not(stream_class):
    async def collect():
        async with stream_class({}) as source:
            assert source.closed == 0
        return source.closed

    assert asyncio.run(collect()) == 1


def test_with_says_that_an_async_close_wants_async_with():
    with pytest.raises(TypeError, match=r"ClosingLater\.close\(\) is async: use `async with`"), ClosingLater({}):
        pass
