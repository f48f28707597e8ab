"""`panoply.DataSource`: what published sources rely on."""

from __future__ import annotations

import base64
import json
import logging
import subprocess
import sys

import pytest

import panoply


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
