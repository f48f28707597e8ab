"""`panoply.runner`: a source is driven as the platform drives it, and whatever it does ends up in the result."""

from __future__ import annotations

import io
import json
import logging
from types import ModuleType
from typing import ClassVar

import pytest

import panoply
from panoply.errors import LoadError, PanoplyException, RecordError
from panoply.masking import Mask
from panoply.runner import Observer, RunResult, is_credential, run
from panoply.sinks import JSONLSink


class Script(panoply.DataSource):
    """A source whose reads are given as a list: a batch, an exception to raise, or a function of the source."""

    steps: ClassVar[list] = []
    made: ClassVar[list] = []

    def __init__(self, source, options):
        super().__init__(source, options)
        self.left = list(self.steps)
        self.asked = []
        self.closed = 0
        self.made.append(self)

    def read(self, n=None):
        self.asked.append(n)
        step = self.left.pop(0) if self.left else None
        if isinstance(step, BaseException):
            raise step
        return step(self) if callable(step) else step

    def close(self):
        self.closed += 1


def module_of(*steps, base=Script, config=None, **members):
    module = ModuleType("shops.shop")
    module.Stream = type("Stream", (base,), {"steps": list(steps), "made": [], **members})
    module.CONFIG = config or {"title": "Shop", "params": [{"name": "key2", "type": "password"}]}
    return module


class Notes(Observer):
    def __init__(self):
        self.all = []

    def log(self, message):
        self.all.append(("log", message))

    def warning(self, message):
        self.all.append(("warning", message))

    def progress(self, loaded, total, message):
        self.all.append(("progress", loaded, total, message))

    def batch(self, reads, records):
        self.all.append(("batch", reads, records))

    def retry(self, error, attempt, attempts, pause):
        self.all.append(("retry", str(error), attempt, attempts, pause))

    def delivering(self):
        self.all.append(("delivering",))


class Collected:
    """A run, with all that can be seen of it."""

    def __init__(self, module, params=None, options=None, sink=None, **settings):
        self.stream = io.BytesIO()
        self.params = {} if params is None else params
        self.slept = []
        self.notes = Notes()
        self.mask = Mask()
        ticks = iter(range(1000))
        settings = {
            "sleep": self.slept.append,
            "observer": self.notes,
            "mask": self.mask,
            "clock": lambda: next(ticks),
            **settings,
        }
        self.result: RunResult = run(
            module, self.params, options, to=JSONLSink(self.stream) if sink is None else sink, **settings
        )
        self.source = module.Stream.made[-1] if module.Stream.made else None
        self.records = [json.loads(line) for line in self.stream.getvalue().splitlines()]

    @property
    def messages(self):
        return [f"{failure.during}: {failure.error}" for failure in self.result.failures]


def test_a_source_is_read_until_none_and_everything_is_counted():
    done = Collected(module_of([{"a": 1}, {"a": 2}], [], [{"a": 3, "__table": "other"}]))

    assert done.records == [
        {"__table": "shop", "a": 1},
        {"__table": "shop", "a": 2},
        {"__table": "other", "a": 3},
    ]
    assert done.result == RunResult(
        reads=3,
        records=3,
        tables={"shop": 2, "other": 1},
        retries=0,
        finished=True,
        delivered=True,
        failures=(),
        state={},
        duration=done.result.duration,
        summaries=done.result.summaries,
    )
    assert done.result.ok
    assert done.result.error is None
    assert not done.result.interrupted
    assert done.source.closed == 1
    assert [note for note in done.notes.all if note[0] == "batch"] == [
        ("batch", 1, 2),
        ("batch", 2, 2),
        ("batch", 3, 3),
    ]
    assert done.notes.all[-1] == ("delivering",)


def test_the_source_gets_the_very_dict_of_params_and_is_asked_for_batches_of_a_size():
    done = Collected(module_of([]), batch_size=7)

    assert done.source.source is done.params
    assert done.source.asked == [7, 7]


def test_an_async_source_is_driven_alike():
    class Async(Script):
        async def read(self, n=None):
            return Script.read(self, n)

        async def close(self):
            Script.close(self)

    done = Collected(module_of([{"a": 1}], ValueError("x"), [{"a": 2}], base=Async))

    assert done.result.ok
    assert done.result.retries == 1
    assert len(done.records) == 2
    assert done.source.closed == 1


def test_a_failed_read_is_called_again_on_the_same_object_after_a_growing_pause():
    errors = [OSError(str(i)) for i in range(3)]
    done = Collected(module_of([{"a": 1}], *errors, [{"a": 2}]))

    assert done.result.ok
    assert done.result.retries == 3
    assert done.slept == [0.5, 1.0, 2.0]
    assert [note for note in done.notes.all if note[0] == "retry"] == [
        ("retry", "0", 2, 4, 0.5),
        ("retry", "1", 3, 4, 1.0),
        ("retry", "2", 4, 4, 2.0),
    ]
    assert len(type(done.source).made) == 1
    assert len(done.records) == 2


def test_the_fourth_failure_in_a_row_ends_the_run():
    errors = [OSError(str(i)) for i in range(4)]
    done = Collected(module_of([{"a": 1}], *errors, [{"a": 2}]))

    assert done.messages == ["read() number 2: 3"]
    assert done.result.error is errors[3]
    assert not done.result.ok
    assert not done.result.finished
    assert done.result.delivered
    assert done.result.tables == {"shop": 1}
    assert done.source.closed == 1


def test_a_success_gives_three_more_calls_again():
    errors = [OSError()] * 3
    done = Collected(module_of(*errors, [], *errors, []))

    assert done.result.ok
    assert done.result.retries == 6


@pytest.mark.parametrize("error", [PanoplyException("refused", retryable=False), OSError("refused")])
def test_an_error_that_says_so_is_not_retried(error):
    error.retryable = False
    done = Collected(module_of(error, [{"a": 1}]))

    assert done.messages == ["read() number 1: refused"]
    assert done.slept == []
    assert done.source.closed == 1


@pytest.mark.parametrize("error", [KeyError("x"), KeyboardInterrupt(), SystemExit(2)])
def test_an_error_of_the_constructor_is_reported_and_not_retried(error):
    calls = []

    def init(self, source, options):
        calls.append(1)
        raise error

    done = Collected(module_of(__init__=init))

    assert done.result.error is error
    assert done.result.failures[0].during == "constructing Stream"
    assert done.result.delivered
    assert calls == [1]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(0), GeneratorExit()])
def test_what_is_no_exception_is_not_retried_and_the_source_is_closed(error):
    done = Collected(module_of([{"a": 1}], error, [{"a": 2}]))

    assert done.result.error is error
    assert done.result.interrupted is isinstance(error, KeyboardInterrupt)
    assert done.source.closed == 1
    assert done.records == [{"__table": "shop", "a": 1}]
    assert done.result.delivered


def test_ctrl_c_during_a_pause_ends_the_run():
    def interrupted(seconds):
        raise KeyboardInterrupt

    done = Collected(module_of(OSError("x"), [{"a": 1}]), sleep=interrupted)

    assert done.result.interrupted
    assert done.source.closed == 1


@pytest.mark.parametrize(
    ("batch", "message"),
    [
        (({"a": 1},), "gave a tuple; expected a list of dicts, or None"),
        ({"a": 1}, "gave a dict; .*Wrap it in a list"),
        ("text", "gave a str; "),
        (7, "gave an int; "),
        ([{"a": 1}, 3], "Item 1 of the batch is an int; expected a dict"),
        ([None], "Item 0 of the batch is None; expected a dict"),
    ],
)
def test_a_batch_of_another_shape_ends_the_run_and_is_named(batch, message):
    done = Collected(module_of(lambda _: batch))

    with pytest.raises(PanoplyException, match=message):
        raise done.result.error
    assert done.records == []
    assert done.slept == []
    assert done.source.closed == 1


def test_a_read_that_yields_is_told_to_return():
    def read(self, n=None):
        yield [{"a": 1}]

    async def read_async(self, n=None):
        yield [{"a": 1}]

    for fn, name in ((read, "a generator"), (read_async, "an async_generator")):
        assert f"gave {name}; " in str(Collected(module_of(read=fn)).result.error)
        assert "`yield`" in str(Collected(module_of(read=fn)).result.error)


def test_an_error_of_close_is_reported_after_success_too():
    def close(self):
        raise OSError("cannot close")

    done = Collected(module_of([{"a": 1}], close=close))

    assert done.messages == ["close(): cannot close"]
    assert done.result.finished
    assert done.result.delivered
    assert not done.result.ok


def test_an_error_of_close_does_not_hide_the_first_one():
    def close(self):
        raise OSError("cannot close")

    done = Collected(module_of(PanoplyException("first", retryable=False), close=close))

    assert done.messages == ["read() number 1: first", "close(): cannot close"]


def test_a_record_that_cannot_be_sent_is_named_by_its_place():
    done = Collected(module_of([{"a": 1}], [{"a": 2}, {"a": {"b": float("nan")}}]))

    assert isinstance(done.result.error, RecordError)
    assert done.messages[0].startswith('item 1 of the batch of read() number 2: record["a"]["b"]: ')
    assert done.result.records == 2
    assert done.source.closed == 1


def test_what_the_sink_cannot_deliver_is_a_failure():
    error = OSError("disk full")
    sink = JSONLSink(io.BytesIO())
    sink.flush = lambda: (_ for _ in ()).throw(error)

    done = Collected(module_of([{"a": 1}]), sink=sink)

    assert done.messages == ["delivering records: disk full"]
    assert done.result.finished
    assert not done.result.delivered
    assert done.source.closed == 1


def test_only_what_this_run_wrote_is_counted():
    sink = JSONLSink(io.BytesIO())
    sink.write("shop", {})

    assert Collected(module_of([{"a": 1}]), sink=sink).result.tables == {"shop": 1}


def test_rows_of_record_groups_and_raw_messages_are_written():
    group = {"data": [{"a": 1}, {"a": 2}], "metadata": {"resource_id": "orders", "timestamp": "x"}}
    done = Collected(module_of(lambda s: [group, s.raw("tag", b"x", {}), {"a": 3}]), {"destination": "dest"})

    assert [(record["__table"], record.get("a"), record.get("raw")) for record in done.records] == [
        ("dest_orders", 1, None),
        ("dest_orders", 2, None),
        ("dest", None, "eA=="),
        ("dest", 3, None),
    ]


def test_a_destination_that_the_source_sets_on_the_way_counts():
    def read(source):
        source.source["destination"] = "{a}"
        return [{"a": "x"}]

    assert Collected(module_of(read)).result.tables == {"x": 1}


def test_a_module_without_a_stream_is_refused():
    with pytest.raises(LoadError, match="empty has no Stream"):
        run(ModuleType("empty"), {}, to=JSONLSink(io.BytesIO()))


def test_what_a_source_declares_is_masked_in_all_that_is_shown_of_it():
    class Declares(Script):
        def read(self, n=None):
            token = self.secret("the-session-9f3b")
            self.options["logger"](("session", token[:9], token[9:]))
            self.progress(1, 1, f"read with {token}")
            raise panoply.PanoplyException(token, retryable=False)

    heard = []
    done = Collected(module_of(base=Declares), options={"hide": heard.append})

    assert ("log", "session *** ***") in done.notes.all
    assert ("progress", 1, 1, "read with ***") in done.notes.all
    assert done.mask.apply(str(done.result.error)) == "***"
    assert heard == ["the-session-9f3b"]


def test_what_a_source_declares_is_masked_also_where_its_constructor_fails():
    class Declares(Script):
        def __init__(self, source, options):
            super().__init__(source, options)
            raise ValueError(self.secret("the-session-9f3b"))

    done = Collected(module_of(base=Declares))

    assert done.mask.apply(str(done.result.error)) == "***"


def test_what_the_form_does_not_draw_is_masked_if_it_looks_like_a_credential():
    config = {"title": "Shop", "params": [{"name": "ref", "hidden": True}, {"name": "mode", "hidden": True}]}
    done = Collected(module_of([], config=config), {"ref": "9b1deb4d-3b7d-4bad", "mode": "production"})

    assert done.mask.apply("9b1deb4d-3b7d-4bad in production") == "*** in production"


def test_the_logger_is_called_with_one_tuple_and_logs_are_masked():
    def read(source):
        source.log("key", source.source["key2"], 3)
        source.options["logger"]("two", "arguments")
        source.progress(1, 2, f"half of {source.source['key2']}")
        source.progress(None, None, None)

    done = Collected(module_of(read), {"key2": "hunter2hunter2"})

    assert done.notes.all == [
        ("log", "key *** 3"),
        ("log", "two arguments"),
        ("progress", 1, 2, "half of ***"),
        ("progress", None, None, ""),
        ("delivering",),
    ]


def test_what_config_marks_is_a_credential_also_where_its_icon_is_wrong():
    marks = {"title": "Shop", "icon": "shop.png", "params": [{"name": "word", "type": "password"}, {"name": "shop"}]}

    assert list(map(is_credential(module_of(config=marks)), ["word", "shop"])) == [True, False]


def test_a_logger_among_the_options_is_kept_and_the_options_stay_as_they_are():
    heard = []
    options = {"logger": heard.append, "other": 1}

    done = Collected(module_of(lambda s: s.log("a", 1)), options=options)

    assert heard == [("a", 1)]
    assert {key: done.source.options[key] for key in options} == options
    assert set(options) == {"logger", "other"}
    given: dict = {}
    assert "logger" in Collected(module_of(), options=given).source.options
    assert given == {}


def test_credentials_among_the_options_are_hidden():
    options = {"refresh": {"client": "client-12345"}, "api_secret": "secret-12345"}
    done = Collected(module_of(lambda s: s.log("client-12345", "secret-12345")), options=options)

    assert done.notes.all[0] == ("log", "*** ***")


def test_params_that_the_config_marks_or_that_are_named_so_are_hidden_and_others_are_not():
    params = {"key2": "marked-12345", "password": "named-12345", "other": "plain-12345"}
    done = Collected(module_of(lambda s: s.log(*s.source.values())), params)

    assert done.notes.all[0] == ("log", "*** *** plain-12345")


def test_an_invalid_config_still_leaves_the_names():
    module = module_of(lambda s: s.log(*s.source.values()), config={"params": 3})

    assert Collected(module, {"password": "named-12345"}).notes.all[0] == ("log", "***")


def test_a_token_announced_by_source_change_is_hidden_from_then_on():
    def read(source):
        source.fire(
            "source-change", {"access_token": "tok-12345", "odd": {"name": "odd-12345"}, "host": "db.example.com"}
        )
        source.log("tok-12345", "odd-12345", "db.example.com")

    done = Collected(module_of(read), {"host": "db.example.com"})

    assert done.notes.all[0] == ("log", "*** *** db.example.com")


def test_a_token_that_the_source_puts_among_its_params_is_hidden_from_then_on():
    def read(source):
        source.source["access_token"] = "tok-12345"
        raise PanoplyException("tok-12345", retryable=False)

    done = Collected(module_of(read))

    assert done.mask.apply(str(done.result.error)) == "***"


def test_the_states_of_records_that_were_delivered_are_merged():
    def read(number):
        def step(source):
            inner = {"x": 1}
            source.state(f"s{number}", {"last": number, f"only{number}": inner})
            inner["x"] = "changed later"
            return [{"a": float("nan") if number == 3 else 1}]

        return step

    assert Collected(module_of(read(1), read(2))).result.state == {"last": 2, "only1": {"x": 1}, "only2": {"x": 1}}
    assert Collected(module_of(read(1), read(3))).result.state == {"last": 1, "only1": {"x": 1}}


def test_a_handler_for_events_survives_odd_payloads(caplog):
    def read(source):
        for event in ("progress", "source-change", "source-state"):
            source.fire(event, None)
            source.fire(event, ["x"])
        return []

    with caplog.at_level(logging.CRITICAL):
        assert Collected(module_of(read)).result.ok


def test_an_observer_that_raises_does_not_leave_the_source_open():
    class Broken(Observer):
        def batch(self, reads, records):
            raise ValueError("observer")

    done = Collected(module_of([{"a": 1}], [{"a": 2}]), observer=Broken())

    assert done.messages == ["writing records: observer"]
    assert done.source.closed == 1


@pytest.mark.parametrize("mistake", [KeyError("nme"), TypeError("progress()"), AttributeError("x"), IndexError(3)])
def test_an_end_right_after_a_mistake_of_the_source_is_no_end(mistake):
    collected = Collected(module_of([{"id": 1}], mistake, None))

    assert not collected.result.ok
    assert not collected.result.finished
    (failure,) = collected.result.failures
    assert f"read() raised {type(mistake).__name__} and, called again, gave None" in str(failure.error)
    assert failure.error.__cause__ is mistake
    assert collected.result.records == 1


def test_an_end_right_after_a_failed_connection_is_believed_but_not_in_silence():
    collected = Collected(module_of([{"id": 1}], ConnectionError("reset"), None))

    assert collected.result.ok
    assert any("Had it already taken records in hand, they are lost" in str(note) for note in collected.notes.all)


def test_a_mistake_is_one_also_where_it_came_in_the_shape_of_sdk_3():
    class Wrapped(Script):
        @panoply.wrap_errors(panoply.Phase.COLLECT)
        def read(self, n=None):
            return super().read(n)

    collected = Collected(module_of([{"id": 1}], KeyError("nme"), None, base=Wrapped))

    (failure,) = collected.result.failures
    assert "read() raised KeyError and, called again, gave None" in str(failure.error)
    assert isinstance(failure.error.__cause__, panoply.DataSourceException)


def test_a_mistake_after_which_the_source_goes_on_is_tried_again():
    collected = Collected(module_of(KeyError("nme"), [{"id": 1}], None))

    assert collected.result.ok
    assert collected.result.retries == 1
