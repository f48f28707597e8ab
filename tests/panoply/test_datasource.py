"""`panoply.DataSource`: what published sources rely on."""

from __future__ import annotations

import base64
import datetime as dt
import json
import logging
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
