"""What gets installed along with a source: from values; and from a real package index, and a real pip-audit, on this machine."""

from __future__ import annotations

import json
import os
import stat

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from panoply_testing.review import installs as family
from panoply_testing.review._environment import Needs
from panoply_testing.review._index import Audited, Published, Vulnerability, audited, published
from panoply_testing.review._installed import Library
from panoply_testing.review.installs import Known, judge

SDK = "panoply-python-sdk"
MEGABYTE = 2**20


def library(name, needs=(), licence="MIT", version="2.0"):
    return Library(name=name, version=version, needs=tuple(map(Requirement, needs)), licence=licence)


LIBRARIES = {
    each.name: each
    for each in (
        library(SDK, ["urllib3>=1.26.9"]),
        library("requests", ["urllib3<3,>=1.21", "certifi"]),
        library("urllib3"),
        library("certifi", licence="MPL-2.0"),
        library("psycopg2-binary", licence="LGPL with exceptions"),
        library("gplib", licence="GPL-3.0-or-later"),
        library("agplib", licence="GNU Affero General Public License v3"),
        library("lgplib", licence="GNU Lesser General Public License v3 (LGPLv3)"),
        library("duallib", licence="MIT OR GPL-2.0-only"),
        library("carrier", ["gplib"]),
        library("chooser", ["gplib; extra == 'more'"]),
        library("silentlib", licence=""),
    )
}


def judged(*declared, most=40, largest=100 * MEGABYTE, **known):
    known = {"libraries": LIBRARIES, "audited": Audited(), **known}
    return judge(Needs(run=tuple(map(Requirement, declared))), Known(**known), most=most, largest=largest)


def told(outcome):
    return [(each.rule, each.found) for each in outcome.findings]


@pytest.mark.parametrize(
    "name",
    ["requests", "requests>=2", "lgplib", "duallib", "psycopg2-binary", "chooser", "nothing; python_version < '3'"],
)
def test_what_is_right_has_no_finding(name):
    outcome = judged(SDK, name)
    assert (outcome.findings, outcome.unchecked) == ((), ())
    assert set(outcome.judged) == {rule.name for rule in family.RULES}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gplib", "GPL-3.0-or-later"),
        ("agplib", "Affero"),
        ("carrier", "gplib, which carrier brings along,"),
        ("chooser[more]", "gplib, which chooser brings along,"),
    ],
)
def test_a_licence_that_binds_is_told(name, said):
    ((rule, found),) = told(judged(SDK, name))
    assert rule == "dependency_licences_are_permissive"
    assert said in found


def test_a_library_that_says_nothing_of_its_licence_is_noted():
    outcome = judged(SDK, "silentlib")
    assert outcome.findings == ()
    assert any("silentlib" in each.text for each in outcome.notes)


# ---------------------------------------------------------------------- whether it exists


@pytest.mark.parametrize(
    ("name", "said", "found"),
    [
        ("nowhere", Published(), "knows no nowhere"),
        ("requests>=99", Published(versions=(Version("2.31"), Version("2.32"))), "the newest one is 2.32"),
        ("requests<2,>1", Published(versions=(Version("2.31"),)), "in the range"),
    ],
)
def test_what_does_not_exist_is_told(name, said, found):
    outcome = judged(SDK, name, published={Requirement(name).name: said})
    ((rule, text),) = told(outcome)
    assert rule == "dependencies_exist"
    assert found in text


@pytest.mark.parametrize(
    ("name", "said"),
    [("elsewhere", Published(versions=(Version("1"),))), ("requests>=2.31", Published(versions=(Version("2.32"),)))],
)
def test_what_exists_need_not_be_installed_here(name, said):
    outcome = judged(SDK, name, published={Requirement(name).name: said})
    assert outcome.findings == ()
    assert "dependencies_exist" in outcome.judged


@pytest.mark.parametrize("said", [{}, {"nowhere": Published(problem="the package index cannot be reached")}])
def test_what_nobody_could_ask_is_not_checked(said):
    outcome = judged(SDK, "nowhere", published=said)
    assert outcome.findings == ()
    assert "dependencies_exist" not in outcome.judged
    assert "nowhere" in next(each.reason for each in outcome.unchecked if each.rule == "dependencies_exist")


# ---------------------------------------------------------------------- how much it is


def test_many_libraries_are_told():
    many = {f"part-{number}": library(f"part-{number}") for number in range(41)}
    libraries = {**LIBRARIES, **many, "large": library("large", list(many))}
    ((rule, found),) = told(judged(SDK, "large", libraries=libraries))
    assert rule == "installs_are_small"
    assert found.startswith("42 libraries")
    assert told(judged(SDK, "large", libraries=libraries, most=42)) == []


def test_large_libraries_are_told():
    sizes = {"requests": 90 * MEGABYTE, "certifi": 11 * MEGABYTE, "urllib3": 500 * MEGABYTE}
    ((rule, found),) = told(judged(SDK, "requests", sizes=sizes))
    assert rule == "installs_are_small"
    assert "2 libraries with 101 MB" in found
    assert "requests (90 MB)" in found
    # urllib3 is there for the SDK in any case.
    assert "urllib3" not in found
    assert told(judged(SDK, "requests", sizes=sizes, largest=101 * MEGABYTE)) == []


def test_what_is_not_installed_leaves_doubt():
    outcome = judged(SDK, "elsewhere", published={"elsewhere": Published(versions=(Version("1"),))})
    doubtful = {
        "installs_are_small",
        "dependency_licences_are_permissive",
        "dependencies_have_no_known_vulnerabilities",
    }
    assert {each.rule for each in outcome.unchecked} == doubtful


# ---------------------------------------------------------------------- how safe it is


def test_a_known_hole_is_told_with_the_version_that_mends_it():
    hole = Vulnerability(name="certifi", version="2.0", identifier="PYSEC-1", mended=("2.1",))
    (finding,) = judged(SDK, "requests", audited=Audited(found=(hole,))).findings
    assert finding.rule == "dependencies_have_no_known_vulnerabilities"
    assert "certifi 2.0" in finding.found
    assert "PYSEC-1" in finding.found
    assert "certifi>=2.1" in finding.fix


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (None, "--thorough"),
        (Audited(problem="pip-audit is not installed"), "not installed"),
        (Audited(unknown=("certifi",)), "knows nothing of certifi"),
    ],
)
def test_what_nobody_has_asked_about_is_not_safe(said, reason):
    outcome = judged(SDK, "requests", audited=said)
    assert outcome.findings == ()
    (unchecked,) = outcome.unchecked
    assert reason in unchecked.reason
    assert "dependencies_have_no_known_vulnerabilities" not in outcome.judged


def test_dependencies_that_a_build_decides_on_are_not_judged():
    outcome = judge(Needs(is_dynamic=True), Known(libraries={}), most=1, largest=1)
    assert (outcome.findings, outcome.judged) == ((), ())
    assert len(outcome.unchecked) == len(family.RULES)


# ---------------------------------------------------------------------- who is asked


@pytest.fixture
def index(httpserver, monkeypatch, tmp_path):
    """A package index on this machine, which pip is set up with, and nothing else that is set up here."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", httpserver.url_for("/simple"))
    monkeypatch.setenv("HOME", str(tmp_path))
    links = "".join(
        f'<a href="/files/thing-{each}-py3-none-any.whl">thing-{each}</a>' for each in ("1.0", "1.5", "2.0")
    )
    httpserver.expect_request("/simple/thing/").respond_with_data(f"<html>{links}</html>", content_type="text/html")
    return httpserver


def test_the_index_is_asked_for_versions(index):
    assert max(published("thing").versions) == Version("2.0")
    assert published("no-such-thing") == Published()


def test_an_index_that_is_not_there_is_no_answer(index, monkeypatch):
    index.stop()
    assert "cannot be reached" in published("thing").problem


def test_an_index_that_fails_is_no_answer(index):
    index.clear()
    index.expect_request("/simple/thing/").respond_with_data("out of order", status=503)
    assert published("thing").problem


@pytest.fixture
def pip_audit(monkeypatch, tmp_path):
    """A command called pip-audit, which says this."""

    def pip_audit(text, code=0):
        script = tmp_path / "bin" / "pip-audit"
        script.parent.mkdir(exist_ok=True)
        (tmp_path / "said").write_text(text)
        script.write_text(f"#!/bin/sh\ncat {tmp_path}/said\nexit {code}\n")
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{script.parent}{os.pathsep}{os.environ['PATH']}")
        monkeypatch.setattr("panoply_testing.review._index.find_spec", lambda name: None)

    return pip_audit


def test_pip_audit_is_asked_for_holes(pip_audit, tmp_path):
    entries = [
        {"name": "requests", "version": "2.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"], "aliases": []}]},
        {"name": "certifi", "version": "2.0", "vulns": []},
        {"name": "urllib3", "skip_reason": "Dependency not found"},
    ]
    pip_audit(json.dumps({"dependencies": entries, "fixes": []}), code=1)
    asked = {"requests": "2.0", "certifi": "2.0", "urllib3": "2.0"}
    hole = Vulnerability(name="requests", version="2.0", identifier="PYSEC-1", mended=("2.1",))
    assert audited(asked, tmp_path) == Audited(found=(hole,), unknown=("urllib3",))


def test_a_pip_audit_that_gives_no_list_is_no_answer(pip_audit, tmp_path):
    pip_audit("", code=1)
    assert audited({"requests": "2.0"}, tmp_path).problem


def test_without_pip_audit_nobody_is_asked(monkeypatch, tmp_path):
    monkeypatch.setattr("panoply_testing.review._index.find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "pip install pip-audit" in audited({"requests": "2.0"}, tmp_path).problem
