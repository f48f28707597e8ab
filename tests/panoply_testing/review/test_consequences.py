"""One mistake is told once, by the rule that knows its place; what the contract says of something else is told as well."""

from __future__ import annotations

import pytest

from panoply_testing.review._consequences import without_consequences
from panoply_testing.review.model import Finding, Step


def contract(check, line=0):
    return Finding(
        rule="contract_is_kept",
        found="It fails.",
        path="shop/source.py" if line else "",
        line=line,
        key=f"shop::{check}",
    )


def leak(how):
    steps = (
        Step(path="shop/source.py", line=12, what="it is put into a text"),
        Step(path="shop/source.py", line=20, what=how),
    )
    return Finding(rule="credentials_stay_inside", found="It is.", path="shop/source.py", line=20, flow=steps)


LEAK = leak("it is logged")
SWALLOWED = Finding(rule="failures_are_not_swallowed", found="Nothing.", path="shop/source.py", line=30)
NO_LIMIT = Finding(rule="calls_have_time_limits", found="No time limit.", path="shop/source.py", line=30)


@pytest.mark.parametrize(
    ("check", "cause"),
    [
        (contract("logs_hide_credentials", 20), LEAK),
        (contract("logs_hide_credentials", 12), LEAK),
        (contract("logs_hide_credentials"), LEAK),
        # The contract names the function.
        (contract("progress_hides_credentials", 3), leak("it is in a progress message")),
        (contract("errors_hide_credentials", 40), leak("it is in an exception")),
        (contract("network_calls_time_out"), NO_LIMIT),
        (contract("faults_are_reported", 40), SWALLOWED),
    ],
)
def test_what_only_comes_of_another_is_a_note(check, cause):
    left, (note,) = without_consequences([check, cause])
    assert left == (cause,)
    assert note.rule == "contract_is_kept"
    assert check.key.partition("::")[2] in note.text
    assert cause.rule in note.text


@pytest.mark.parametrize(
    "findings",
    [
        # Somewhere else.
        (contract("logs_hide_credentials", 40), LEAK),
        # Something else.
        (contract("read_stays_at_eof", 20), LEAK),
        (contract("network_calls_time_out"), LEAK),
        # On another way.
        (contract("errors_hide_credentials", 20), LEAK),
        # Nothing else tells of it.
        (contract("logs_hide_credentials", 20),),
        # Another rule, whose finding has a name like a check's.
        (Finding(rule="tests_pass", found="It fails.", key="tests::logs_hide_credentials"), LEAK),
    ],
)
def test_what_may_be_about_something_else_is_told(findings):
    assert without_consequences(findings) == (findings, ())


def reaching(rule, found):
    return Finding(rule=rule, found=found, path="shop/source.py", line=3)


ELSEWHERE = reaching(
    "runs_reach_nobody_else", "The source reaches for stats.acme.test:443, which is named here and by no param."
)


def test_tests_that_reach_where_the_source_does_are_a_note():
    network = reaching("tests_need_no_network", "test_rows reaches for stats.acme.test:443.")
    left, (note,) = without_consequences([network, ELSEWHERE])
    assert left == (ELSEWHERE,)
    assert note.rule == "tests_need_no_network"
    assert "runs_reach_nobody_else" in note.text


def test_tests_that_reach_for_more_are_told():
    network = reaching("tests_need_no_network", "test_rows reaches for stats.acme.test:443, api.acme.test:443.")
    assert without_consequences([network, ELSEWHERE]) == ((network, ELSEWHERE), ())
    assert without_consequences([network]) == ((network,), ())
