"""`_ticking`: what is said of a long run, and that nothing is said of a short one."""

from __future__ import annotations

import pytest

from panoply_testing._ticking import PATIENCE, PAUSE, Ticker
from panoply_testing.observation import Batch, Step
from panoply_testing.plans import CLEAN, UNREAD

STEPS = [
    Step(kind="construct", call="Stream(source, options)", number=1, seconds=0.0),
    Step(kind="read", call="read(1000)", number=1, seconds=0.0, batch=Batch(type_name="list", records=1200)),
    Step(kind="read", call="read(1000)", number=2, seconds=0.0),
]


class Far:
    """A clock, and what was written."""

    def __init__(self, *, on_screen):
        self.now = 100.0
        self.written = ""
        self.ticker = Ticker("mymod", self.write, on_screen=on_screen, clock=lambda: self.now)

    def write(self, text):
        self.written += text

    def after(self, seconds, plan=CLEAN):
        self.now += seconds
        self.ticker.news(plan, STEPS)


@pytest.mark.parametrize("on_screen", [True, False])
def test_of_a_short_run_nothing_is_said(on_screen):
    far = Far(on_screen=on_screen)
    far.after(0)
    far.after(PATIENCE - 0.1)
    far.ticker.done()
    assert far.written == ""


def test_of_a_long_run_a_line_is_written_now_and_then():
    far = Far(on_screen=False)
    far.after(0)
    far.after(PATIENCE)
    far.after(1)
    far.after(PAUSE)
    far.ticker.done()
    assert far.written == (
        "mymod: a run from start to end: 2 reads, 1,200 records, 5 s\n"
        "mymod: a run from start to end: 2 reads, 1,200 records, 16 s\n"
    )


def test_on_a_screen_the_line_is_written_over_and_taken_away_again():
    far = Far(on_screen=True)
    far.after(0)
    far.after(PATIENCE)
    far.after(1)
    far.ticker.done()
    assert far.written.count("\n") == 0
    assert far.written.count("mymod: ") == 2
    assert far.written.endswith("\r\x1b[K")


def test_each_run_has_its_own_time():
    far = Far(on_screen=False)
    far.after(0)
    far.after(PATIENCE - 1)
    far.after(2, UNREAD)
    assert far.written == ""
