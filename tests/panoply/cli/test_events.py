"""`panoply run --json`: one JSON object a line on standard error, and nothing else."""

from __future__ import annotations

import io
import json
import logging
import math
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from panoply.cli._display import Loudness
from panoply.cli._events import Events
from panoply.masking import Mask

ROOT = Path(__file__).parents[3]
TOKEN = "hunter2/hunter2"


def events_of(text):
    return [json.loads(line) for line in text.splitlines()]


def kinds(text):
    return [event["event"] for event in events_of(text)]


# As typed


def test_all_that_a_run_lets_out_becomes_an_event(panoply_command):
    done = panoply_command("run", "shop", "--pages", "1", "--mode", "chatty", "--json")

    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 2
    found = events_of(done.stderr)
    assert (found[0]["event"], found[0]["module"], found[0]["target"]) == ("start", "shop", "-")
    assert "apiToken" in found[0]["params"]
    said = {(each.get("source"), each["message"].partition("\n")[0]) for each in found if "message" in each}
    assert {
        ("source", "logged ***"),
        ("output", "printed ***"),
        ("output", "to stderr ***"),
        ("output", "bytes"),
        ("output", "child"),
        ("output", "closed"),
        ("logging", "library ***"),
        (None, "page 1"),
    } <= said
    assert any(each["event"] == "warning" and "UserWarning: warned ***" in each["message"] for each in found)
    last = found[-1]
    assert (last["event"], last["exit_code"], last["ok"], last["records"], last["tables"]) == (
        *("summary", 0, True, 2),
        {"shop": 2},
    )
    assert all(each["time"].endswith("Z") and datetime.fromisoformat(each["time"]) for each in found)
    assert "hunter2" not in done.stderr


def test_a_failure_is_told_in_parts(panoply_command):
    done = panoply_command("run", "shop", "--mode", "fail", "--json")

    error, summary = events_of(done.stderr)[-2:]
    assert (error["event"], error["during"], error["type"], error["message"], error["stopped"]) == (
        *("error", "read() number 1", "PanoplyException", "refused: ***"),
        False,
    )
    assert error["place"].startswith("shop.py:")
    assert "traceback" not in error
    assert (summary["exit_code"], summary["ok"], done.returncode) == (1, False, 1)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["shop", "--nonsense"], "No such option '--nonsense'"),
        (["shop", "--pages", "hunter2"], "--pages expects a number"),
        (["shop", "--to", "nowhere"], "There is no target 'nowhere'"),
        (["nothing"], "There is no module 'nothing'"),
        ([], "There is no MODULE"),
    ],
)
def test_what_cannot_begin_is_told_by_events_too(panoply_command, words, message):
    done = panoply_command("run", *words, "--json")

    found = events_of(done.stderr)
    # What the target has to say is heard when the run begins.
    assert [each["event"] for each in found if each["event"] != "start"] == ["error", "summary"]
    assert message in found[-2]["message"]
    assert (found[-1]["exit_code"], done.returncode, done.stdout) == (2, 2, "")
    assert "hunter2" not in done.stderr


def test_ctrl_c_is_told(panoply_command):
    done = panoply_command("run", "shop", "--mode", "interrupt", "--json", "-q")

    assert [each["event"] for each in events_of(done.stderr)] == ["error", "summary"]
    assert events_of(done.stderr)[0]["stopped"] is True
    assert events_of(done.stderr)[1]["exit_code"] == done.returncode == 130


# One by one


@pytest.fixture
def clock():
    return [0.0]


@pytest.fixture
def stream():
    return io.StringIO()


@pytest.fixture
def events(stream, clock):
    return Events(stream, Mask([TOKEN]), clock=lambda: clock[0], today=lambda: datetime(2026, 1, 2, tzinfo=UTC))


def test_an_event_is_a_line_of_ascii_with_the_time(events, stream):
    events.log("ж\n\u2028\ud800")

    assert stream.getvalue() == (
        '{"event": "log", "time": "2026-01-02T00:00:00.000Z", "source": "source", "level": "info", '
        '"message": "\\u0436\\n\\u2028?"}\n'
    )


def test_what_comes_very_often_is_paced_and_the_last_of_it_is_never_lost(events, stream, clock):
    for page in range(1000):
        clock[0] = page / 1000
        events.progress(page, 1000, "")
        events.batch(page, 10 * page)
    events.log("done")

    found = events_of(stream.getvalue())
    assert len(found) < 20
    assert [each.get("loaded", each.get("records")) for each in found[-3:]] == [999, 9990, None]
    told = [each.get("loaded", each.get("reads")) for each in found[:-1]]
    assert told == sorted(told)


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ({"a": {"token": TOKEN, TOKEN: [TOKEN]}}, {"a": {"token": "***", "***": ["***"]}}),
        ({1: (math.nan, -math.inf, 1.5, None, True)}, {"1": ["nan", "-inf", 1.5, None, True]}),
        ({"at": datetime(2026, 1, 2, tzinfo=UTC)}, {"at": "2026-01-02 00:00:00+00:00"}),
    ],
)
def test_whatever_is_in_an_event_is_json_and_masked(events, stream, state, told):
    events.state(state)

    assert events_of(stream.getvalue())[0]["state"] == told
    assert "NaN" not in stream.getvalue()


def test_each_thing_that_a_run_tells_has_its_event(events, stream):
    events.start({"module": "m"})
    events.retry(ValueError(TOKEN), 2, 4, 0.5)
    events.delivered(5)
    events.warning("careful")
    with events.capturing():
        sys.stdout.write("printed\n")
        logging.getLogger("lib").error("bad %s", TOKEN, exc_info=ValueError(TOKEN))
    events.error(["Error: a", "  at b"])
    events.end(1)
    events.log("late")

    assert kinds(stream.getvalue()) == ["start", "retry", "delivered", "warning", "log", "log", "error", "summary"]
    retry, logged, error = (events_of(stream.getvalue())[index] for index in (1, 5, 6))
    assert (retry["type"], retry["message"], retry["attempt"], retry["attempts"], retry["pause"]) == (
        *("ValueError", "***", 2, 4),
        0.5,
    )
    assert (logged["logger"], logged["level"], logged["message"]) == ("lib", "error", "bad ***")
    assert "ValueError: ***" in logged["traceback"]
    assert error["message"] == "a\n  at b"
    assert "hunter2" not in stream.getvalue()


def test_quiet_leaves_errors_and_the_end(stream):
    events = Events(stream, Mask(), Loudness(quiet=True))

    events.start({})
    events.log("x")
    events.printed("x")
    events.warning("x")
    events.progress(1, 2, "x")
    events.batch(1, 2)
    events.error(["x"])
    events.end(1)

    assert kinds(stream.getvalue()) == ["error", "summary"]


def test_a_reader_who_has_gone_away_is_no_failure():
    class Gone(io.StringIO):
        def write(self, text):
            raise BrokenPipeError

    Events(Gone(), Mask()).log("x")


def test_the_readme_lists_each_event():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    code = "".join(
        (ROOT / "panoply" / "cli" / name).read_text(encoding="utf-8") for name in ("_events.py", "_choosing.py")
    )

    known = set(re.findall(r'(?:_tell|_unless_quiet|_paced|event_line)\("(\w+)"', code))
    assert len(known) > 8
    assert {event for event in known if f"\n| `{event}` | " not in readme} == set()
