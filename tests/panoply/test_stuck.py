"""`panoply._stuck`: who is interrupted and comes back is left in peace."""

from __future__ import annotations

import signal

import pytest

from panoply._stuck import Calls, watching


def test_a_call_that_an_interrupt_ends_is_not_called_stuck():
    calls, told = Calls(), []

    with watching(calls, told.append, told.append), pytest.raises(KeyboardInterrupt), calls.one():
        signal.raise_signal(signal.SIGINT)

    assert told == []


def test_an_interrupt_while_nothing_is_called_is_nobody_elses_affair():
    calls, told = Calls(), []

    with watching(calls, told.append, told.append), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)

    assert told == []
