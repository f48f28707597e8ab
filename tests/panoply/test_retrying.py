from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panoply.retrying import Backoff


def test_each_pause_may_be_longer_than_the_one_before_up_to_the_longest():
    backoff = Backoff(first=0.25, factor=2, longest=30, chance=lambda: 1.0)
    pauses = [backoff.pause(failures) for failures in range(1, 11)]
    assert pauses == [0.25, 0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_chance_decides_how_much_of_it_is_waited():
    assert Backoff(first=4, longest=4, chance=lambda: 0.25).pause(1) == 1
    assert Backoff(chance=lambda: 0.0).pause(9) == 0


@given(st.integers(1, 10**9))
def test_however_often_it_fails_the_pause_is_never_longer_than_the_longest(failures):
    assert 0 <= Backoff().pause(failures) <= 30


@pytest.mark.parametrize("wrong", [{"first": 0}, {"first": 31}, {"factor": 0.5}, {"longest": 0.1}])
def test_a_schedule_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError, match="first is above 0"):
        Backoff(**wrong)
