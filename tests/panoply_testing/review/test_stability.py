"""Tests that pass by luck are found by changing what they take for granted, and it is told what that is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from review_projects import site_of

from panoply_testing.report.model import CheckResult, SourceReport
from panoply_testing.review import _repeats
from panoply_testing.review import stability as family
from panoply_testing.review._pytest_facts import OwnTest, Ran
from panoply_testing.review._repeats import Changed, Repeated, circumstances, differences, repeats_of
from panoply_testing.review.stability import judge


def test_it_is_done_only_where_it_was_asked_for(project, tmp_path):
    assert "--thorough" in family.look(site_of(project(), tmp_path / "scratch")).unchecked[0].reason


@pytest.mark.parametrize("hour", range(24))
def test_in_the_other_time_zone_it_is_another_day(hour):
    now = datetime(2024, 5, 1, hour, 30, tzinfo=UTC)
    zone = circumstances(now)["In another time zone"].environment["TZ"]
    offsets = {"<+14>-14": "Pacific/Kiritimati", "<-12>12": "Etc/GMT+12"}
    assert now.astimezone(ZoneInfo(offsets.get(zone, zone))).day != now.day


def ran(outcome="passed", checked="passed", **more):
    return Ran(
        tests=(OwnTest(name="tests/test_a.py::test_a", path="tests/test_a.py", line=3, outcome=outcome),),
        sources=(SourceReport(name="shop", checks=(CheckResult(name="a", level="MUST", outcome=checked),)),),
        **more,
    )


@pytest.mark.parametrize(
    ("now", "names"),
    [
        (ran(), []),
        (ran("failed"), ["tests/test_a.py::test_a"]),
        (ran(checked="warned"), ["shop::a"]),
        (ran(broken=(("tests/test_b.py", "no"),)), ["tests/test_b.py"]),
        (Ran(problem="ended with exit code 3"), ["pytest"]),
        (Ran(), ["tests/test_a.py::test_a", "shop::a"]),
    ],
)
def test_each_test_and_check_is_compared(now, names):
    assert [each.name for each in differences(ran(), now, "So")] == names


def test_what_fails_either_way_is_no_difference():
    assert differences(ran("failed", broken=(("b", "x"),)), ran("failed", broken=(("b", "y"),)), "So") == []


def test_one_finding_names_what_changed_and_what_came_of_it():
    changed = [
        Changed(circumstance="In another time zone", name=f"test_{each}", before="passed", now="failed", message="no")
        for each in range(5)
    ]
    (finding,) = judge(Repeated(changed=tuple(changed))).findings
    assert finding.found.startswith(
        "In another time zone, it comes out differently: test_0 was passed, and is failed (no);"
    )
    assert finding.found.endswith("; and 2 more tests.")
    assert judge(Repeated(problem="it stood still")).unchecked[0].reason == "it stood still"


# Each of them passes where the others do.
LUCKY = """\
import os
from datetime import datetime, timezone
from pathlib import Path

from shop import Stream

seen = []


def test_the_zone():
    assert datetime.now().date() == datetime.now(timezone.utc).date(), Stream


def test_the_locale(tmp_path):
    (tmp_path / "x").write_text("\\u00e4")
    assert (tmp_path / "x").read_text() == "\\u00e4"


def test_the_folder():
    assert Path("pyproject.toml").exists()


def test_first():
    seen.append(1)


def test_second():
    assert seen


def test_the_seed():
    assert os.environ.get("PYTHONHASHSEED") is None


def test_by_itself():
    counter = Path(COUNTER)
    assert not counter.exists()
    counter.touch()


def test_right():
    assert sorted({"b", "a"}) == ["a", "b"]
"""


def test_each_circumstance_is_told_from_the_others(project, tmp_path, monkeypatch):
    monkeypatch.setattr(_repeats, "_RUNS", {"tests": _repeats.own_tests_of})
    folder = project({"tests/test_source.py": LUCKY.replace("COUNTER", repr(str(tmp_path / "counter")))})
    site = replace(site_of(folder, tmp_path / "scratch", "tests_pass"), thorough=True)
    found = {each.circumstance: each.name.rpartition("::")[2] for each in repeats_of(site).changed}
    assert found == {
        "Run once more, with nothing changed": "test_by_itself",
        "With another hash seed": "test_the_seed",
        "In another time zone": "test_the_zone",
        "In a locale whose encoding is ASCII": "test_the_locale",
        "In another working folder": "test_the_folder",
        "In the reverse order": "test_second",
    }


def test_the_contract_comes_to_the_same_everywhere(project, tmp_path, monkeypatch):
    monkeypatch.setattr(_repeats, "_RUNS", {"contract": _repeats.contract_of})
    site = replace(site_of(project(), tmp_path / "scratch", "contract_is_kept"), thorough=True)
    outcome = family.look(site)
    assert (outcome.judged, outcome.findings, outcome.unchecked) == (("verdict_is_stable",), (), ())
