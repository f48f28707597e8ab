"""What the contract found is what the review says of it."""

from __future__ import annotations

from review_projects import SOURCE, site_of

from panoply_testing.findings import Finding
from panoply_testing.report.model import CheckResult, SourceReport
from panoply_testing.review import contract as family
from panoply_testing.review._pytest_facts import Ran
from panoply_testing.review.contract import judge


def ran(*checks, problem=""):
    return Ran(problem=problem, sources=(SourceReport(name="shop", checks=checks),))


def check(name="read_ends_with_none", outcome="passed", **more):
    return CheckResult(name=name, level="MUST", outcome=outcome, **more)


BREACH = Finding(
    place="read 3", expected="None", received="an empty list", fix="Return None.", source="shop/source.py:41 in read"
)


def test_a_failed_check_is_one_finding_in_its_own_words():
    (finding,) = judge(ran(check(), check("records_are_json", "failed", findings=(BREACH, BREACH)))).findings
    assert finding.found == "records_are_json (MUST): read 3: an empty list. And 1 more of this check."
    assert (finding.path, finding.line, finding.fix) == ("shop/source.py", 41, "Return None.")


def test_a_fixture_that_fails_is_one_as_well():
    (finding,) = judge(ran(check(outcome="error", reason="fixture 'x' not found"))).findings
    assert "fixture 'x' not found." in finding.found


def test_known_issues_and_skipped_checks_are_told_and_break_nothing():
    outcome = judge(
        ran(
            check("a_check", "known issue", reason="known issue: not before May"),
            check("b_check", "skipped", reason="no state"),
            check("c_check", "skipped", reason="no state"),
        )
    )
    assert outcome.findings == ()
    assert [note.text for note in outcome.notes] == [
        "a_check is a known issue: not before May",
        "b_check, c_check could not be judged: no state",
    ]


def test_a_source_that_was_never_read_does_not_keep_it():
    outcome = judge(ran(check(outcome="skipped", reason="there is no database here"), check("log_is_used")))
    assert outcome.findings == ()
    assert [each.reason for each in outcome.unchecked] == ["shop was not read: there is no database here"]


def test_a_check_that_the_project_leaves_out_is_a_finding():
    (finding,) = judge(ran(check(outcome="not run"))).findings
    assert "leave it out" in finding.found


def test_what_a_run_did_not_come_to_counts_neither_way():
    outcome = judge(ran(check(outcome="not run"), problem="did not end within 600 seconds"))
    assert outcome.findings == ()
    assert "did not end within 600 seconds" in outcome.unchecked[0].reason
    assert judge(Ran(problem="ended with exit code 3")).judged == ()


BROKEN = SOURCE.replace("return None", "return []")


def test_a_source_that_breaks_it_is_told_where(project, tmp_path):
    folder = project({"shop/source.py": BROKEN})
    text = (
        (folder / "pyproject.toml")
        .read_text()
        .replace('testpaths = ["tests"]', 'testpaths = ["tests"]\npanoply_max_reads = 20')
    )
    (folder / "pyproject.toml").write_text(text)
    outcome = family.look(site_of(folder, tmp_path / "scratch", "contract_is_kept"))
    assert outcome.judged == ("contract_is_kept",)
    assert any("read_ends_with_none" in each.found for each in outcome.findings)
    assert {each.rule for each in outcome.findings} == {"contract_is_kept"}


def test_what_the_environment_lacks_is_not_held_against_the_source(project, tmp_path):
    folder = project()
    text = (
        (folder / "pyproject.toml")
        .read_text()
        .replace('"panoply-python-sdk"', '"panoply-python-sdk>=99", "no-such-library"')
    )
    (folder / "pyproject.toml").write_text(text)
    outcome = family.look(site_of(folder, tmp_path / "scratch", "contract_is_kept"))
    (unchecked,) = outcome.unchecked
    assert "panoply-python-sdk>=99 (here: " in unchecked.reason
    assert "no-such-library (not installed)" in unchecked.reason
    assert outcome.findings == ()
