"""What a person sees of a run: the row at the bottom of a terminal, lines in a pipe, and how much of it."""

from __future__ import annotations

import contextlib
import io
import logging
import sys
import warnings
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from panoply.cli._display import Loudness
from panoply.cli._pace import Pace, Reading, duration, rate
from panoply.cli._row import Row, shortened
from panoply.cli._screen import Screen
from panoply.masking import Mask

TOKEN = "hunter2/hunter2"

READING = Reading(
    records=1200, loaded=3, total=4, share=0.75, rate=663.0, left=12.0, elapsed=71.0, message="page 3 of table orders"
)


def row(width, reading=READING, head="shop: 1,200 records", **settings):
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None, **settings)
    drawn = Row(console).drawn(head, reading)
    return "".join(segment.text for segment in console.render(drawn) if not segment.control)


def test_a_wide_row_has_everything():
    text = row(120)

    for part in ("shop: 1,200 records", "━", " 75% ", "663/s", "0:12 left", "1:11", "page 3 of table orders"):
        assert part in text


@pytest.mark.parametrize(
    ("width", "there", "not_there"),
    [
        (80, ["━", "75%", "663/s", "0:12 left", "1:11", "page"], []),
        (60, ["━", "75%", "0:12 left", "1:11", "663/s"], ["page"]),
        (40, ["1,200 records", "75%", "━"], ["663/s", "left", "page"]),
    ],
)
def test_a_narrow_row_keeps_what_matters_most(width, there, not_there):
    text = row(width)

    assert all(part in text for part in there), text
    assert not any(part in text for part in not_there), text


@given(
    st.integers(5, 250),
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=60),
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=300),
    st.sampled_from([None, 0.0, 0.5, 1.0]),
    st.floats(0, 1e12),
)
def test_a_row_never_wraps(width, head, message, share, number):
    reading = replace(READING, message=message, share=share, rate=number or None, left=number or None, elapsed=number)

    lines = row(width, reading, head).rstrip("\n").split("\n")

    assert len(lines) == 1
    # The echo of Ctrl-C has room behind it.
    assert cell_len(lines[0].rstrip()) <= width - 2


def test_a_terminal_that_knows_ascii_only_gets_that():
    class Ascii(io.StringIO):
        encoding = "ascii"

    console = Console(file=Ascii(), width=120, force_terminal=True, color_system=None)
    text = "".join(each.text for each in console.render(Row(console).drawn("shop", READING)) if not each.control)

    assert text.isascii()
    assert "---" in text


def test_text_is_shortened_by_the_columns_that_it_takes():
    assert shortened("日本語日本語", 12) == "日本語日本語"
    assert shortened("日本語日本語", 11) == "日本語日..."
    assert shortened("abcdef", 2) == "ab"


# How far and how fast


@pytest.fixture
def clock():
    return [0.0]


@pytest.fixture
def pace(clock):
    return Pace(lambda: clock[0])


def test_rate_and_time_left_follow_from_the_last_calls(pace, clock):
    for second in range(1, 11):
        clock[0] = float(second)
        pace.batch(100 * second)
        pace.progress(second, 40, f"page {second}")

    now = pace.now()
    assert (now.records, now.loaded, now.total, now.percent, now.message) == (1000, 10, 40, 25, "page 10")
    assert now.rate == pytest.approx(100)
    assert now.left == 30
    assert now.elapsed == 10


def test_a_total_that_grows_does_not_cost_the_time_left(pace, clock):
    for second in range(1, 11):
        clock[0] = float(second)
        pace.progress(second, 40 + second, "")

    assert pace.now().left is not None


def test_while_the_source_does_not_know_there_is_no_share_and_later_there_is_again(pace):
    pace.progress(1, 2, "a")
    pace.progress(None, None, "waiting")
    assert (pace.now().share, pace.now().percent, pace.now().left, pace.now().message) == (None, None, None, "waiting")
    pace.progress(3, 4, "b")
    assert (pace.now().share, pace.now().percent) == (0.75, 75)


@pytest.mark.parametrize("numbers", [("1", "2"), (3, 2), (0, 0), (1.5, 2), (True, True), (-1, 2), (None, 2), ([], {})])
def test_what_is_no_progress_shows_none(pace, numbers):
    pace.progress(*numbers, "")

    assert pace.now().share is None


def test_a_hundred_percent_is_all():
    assert replace(READING, loaded=99_999, total=100_000).percent == 99
    assert replace(READING, loaded=0, total=9).percent == 0


def test_numbers_are_short():
    assert [duration(seconds) for seconds in (0, 65.9, 605, 3599, 3600, 90_000)] == [
        *("0:00", "1:05", "10:05", "59:59", "1:00:00", "1 day, 1:00:00")
    ]
    assert [rate(each) for each in (0.25, 9.96, 1234.5)] == ["0.2/s", "10.0/s", "1,234/s"]


# Lines


@pytest.fixture
def shown():
    return io.StringIO()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\x1b[31mred\x1b[0m and \x1b]8;;https://a.io\x07link\x1b]8;;\x07", "red and link"),
        ("a\x1b[2Jb\x00c\x9bd\x08", "ab c d "),
        ("\u202egnirts\u202c\u2066x\u2069", " gnirts  x "),
        ("hunter2\x1b[0m/hunter2", "***"),
        ("\ud800", "?"),
        ("שלום", "שלום"),
    ],
)
def test_a_line_does_nothing_to_the_terminal(shown, text, line):
    screen = Screen(shown, Mask([TOKEN]))

    screen.log(text)
    screen.printed(text)

    assert shown.getvalue() == f"{line}\n{line}\n"


def test_a_message_stays_in_its_line(shown):
    now = [0.0]
    screen = Screen(shown, Mask([TOKEN]), clock=lambda: now[0])
    now[0] = 60.0

    screen.progress(None, None, "a\nb\x1b[2J\r hunter2\x1b[1m/hunter2 " + "c" * 5000)

    assert shown.getvalue() == f"0 records so far: a b *** {'c' * 192}\n"


LOUD = {
    "quiet": (Loudness(quiet=True), ["ERROR lib: e"]),
    "error": (Loudness(level="error"), ["printed", "Warning: ours", "ERROR lib: e"]),
    "warning": (Loudness(), ["log", "printed", "Warning: ours", "W: odd", "WARNING lib: w", "ERROR lib: e"]),
    "info": (
        Loudness(level="info"),
        ["log", "printed", "Warning: ours", "W: odd", "INFO lib: i", "WARNING lib: w", "ERROR lib: e"],
    ),
    "debug": (
        Loudness(level="debug"),
        ["log", "printed", "Warning: ours", "W: odd", "DEBUG lib: d", "INFO lib: i", "WARNING lib: w", "ERROR lib: e"],
    ),
}


@pytest.mark.parametrize("name", LOUD)
def test_how_much_is_shown_can_be_chosen(shown, monkeypatch, name):
    loudness, expected = LOUD[name]
    screen = Screen(shown, Mask(), loudness)
    monkeypatch.setattr(warnings, "formatwarning", lambda message, *rest: f"W: {message}\n")
    library = logging.getLogger("lib")
    monkeypatch.setattr(library, "level", logging.DEBUG)

    with screen.capturing(), warnings.catch_warnings():
        warnings.simplefilter("always")
        screen.log("log")
        sys.stdout.write("printed\n")
        screen.warning("ours")
        warnings.warn("odd", stacklevel=1)
        for say in (library.debug, library.info, library.warning, library.error):
            say(say.__name__[0])

    assert shown.getvalue().splitlines() == expected


def test_capturing_leaves_everything_as_it_was(shown):
    root = logging.getLogger()
    before = sys.stdout, sys.stderr, root.level, list(root.handlers), warnings.showwarning

    with contextlib.suppress(KeyboardInterrupt), Screen(shown, Mask()).capturing():
        sys.stdout.write("unfinished")
        raise KeyboardInterrupt

    assert (sys.stdout, sys.stderr, root.level, list(root.handlers), warnings.showwarning) == before
    assert shown.getvalue() == "unfinished\n"


def test_nothing_is_shown_after_the_end(shown):
    screen = Screen(shown, Mask())

    screen.end(0)
    screen.line("late")

    assert shown.getvalue() == ""


# In a terminal

WAITING = """
import sys
import panoply

CONFIG = {"title": "Waiting", "params": []}

class Stream(panoply.DataSource):
    reads = 0

    def read(self, n=None):
        self.reads += 1
        if self.reads == 1:
            self.progress(None, None, "preparing an export")
        elif self.reads == 2:
            self.progress(1, 4, "page 1")
        elif self.reads == 3:
            self.progress(None, None, "waiting again")
        elif self.reads == 4:
            self.progress(3, 4, "page 3")
        else:
            return None
        sys.stdin.readline()
        return [{}] * 1000
"""


def test_a_spinner_while_nobody_knows_and_the_bar_after_it(folder, in_terminal):
    (folder / "waiting.py").write_text(WAITING)
    dialogue = in_terminal("run", "waiting", "--to", "out.jsonl", columns=70)

    for message in ("preparing an", "page 1", "waiting again", "page 3"):
        dialogue.until(message)
        dialogue.answer("\n")

    assert dialogue.end() == 0
    rows = [row for row in dialogue.shown.replace("\n", "\r").split("\r") if "record" in row and "Collected" not in row]
    for message, percent in (("preparing an", None), ("page 1", " 25%"), ("waiting again", None), ("page 3", " 75%")):
        (text,) = [row for row in rows if message in row][-1:]
        assert ("%" in text) == (percent is not None)
        assert percent is None or percent in text
        assert ("━" in text) == (percent is not None)
