"""The contract in a pytest session: its items, what selects them, and what the terminal shows."""

from __future__ import annotations

import functools
import os
import sys
import time
import xml.etree.ElementTree as ET
from dataclasses import replace

import psutil
import pytest

from panoply_testing import items
from panoply_testing.contract import CONTRACT
from panoply_testing.findings import Finding, failed

ENDS = "mymod::read_ends_with_none"
LISTS = "mymod::read_returns_list_of_dicts"
EVERY_CHECK = [f"mymod::{check.name}" for check in CONTRACT]
OWN = ["tests/test_own.py::test_own", "tests/test_own.py::test_other"]

# Breaks read_returns_list_of_dicts, and nothing else that the tests look at.
WRONG = """
import panoply

CONFIG = {"title": "x", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.batches = iter(["text"])

    def read(self, n=None):
        return next(self.batches, None)
"""


# ---------------------------------------------------------------------- the items


def test_each_check_is_an_item_behind_the_projects_own_tests(project):
    assert project.collected("--panoply-source=mymod") == OWN + EVERY_CHECK


def test_the_items_are_the_same_when_they_are_run(project):
    outcomes = project.outcomes("--panoply-source=mymod")
    assert list(outcomes) == OWN + EVERY_CHECK
    assert outcomes[ENDS] == "PASSED"


def test_every_check_is_judged_or_says_why_not(project):
    result = project.run("--panoply-source=mymod", "-v", "-rs")
    skipped = [line for line in result.outlines if line.startswith("SKIPPED [1] mymod::")]
    assert len(skipped) + len([line for line in result.outlines if " PASSED " in line]) == len(CONTRACT) + len(OWN)
    assert all(len(line.partition(": ")[2]) > 20 for line in skipped), skipped
    assert "not implemented" not in result.stdout.str()


def test_a_check_that_cannot_be_judged_is_skipped_by_name_and_with_the_reason(project):
    project.write(
        "mymod.py", "import panoply\nCONFIG = {}\nclass Stream(panoply.DataSource):\n  def __init__(self): pass\n"
    )
    result = project.run("--panoply-source=mymod", "-rs", ENDS)
    result.stdout.fnmatch_lines([f"SKIPPED [[]1[]] {ENDS}: The source could not be constructed*"])


def test_without_a_source_there_are_no_checks(project):
    assert project.collected() == OWN


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["-k", "ends_with_none"], [ENDS]),
        (["-k", "mymod and list_of"], [LISTS]),
        (["--deselect", ENDS, "-k", "ends_with_none or list_of"], [LISTS]),
        ([ENDS], [ENDS]),
        ([ENDS, LISTS], [LISTS, ENDS]),
        ([ENDS, "tests/test_own.py::test_own"], [OWN[0], ENDS]),
        (["tests", ENDS], [*OWN, ENDS]),
        (["mymod"], EVERY_CHECK),
        (["tests/test_own.py"], OWN + EVERY_CHECK),
        (["tests/test_own.py::test_own"], OWN[:1] + EVERY_CHECK),
    ],
)
def test_the_usual_ways_to_select_tests_select_checks(project, args, expected):
    assert project.collected("--panoply-source=mymod", *args) == expected


@pytest.mark.parametrize("args", [[ENDS], [ENDS, "tests"], ["tests/test_own.py", "-k", "ends_with or own or other"]])
def test_they_do_so_in_several_processes_too(project, args):
    expected = {ENDS: "PASSED", **({} if args == [ENDS] else dict.fromkeys(OWN, "PASSED"))}
    assert project.outcomes("--panoply-source=mymod", "-n2", *args, apart=True) == expected


def test_asking_for_one_check_takes_no_notice_of_the_projects_tests(project):
    project.write("tests/test_broken.py", "raise SystemError")
    project.write(
        "tests/conftest.py", "import pytest\n@pytest.fixture\ndef panoply_params(): return {'from': 'conftest'}\n"
    )
    project.write(
        "mymod.py",
        "import panoply\nCONFIG={}\nclass Stream(panoply.DataSource):\n  def read(self, n=None):\n    assert self.source['from'] == 'conftest'\n",
    )
    result = project.run("--panoply-source=mymod", ENDS)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["collected 1 item"])


def test_a_check_that_does_not_exist_is_no_missing_file(project):
    result = project.run("--panoply-source=mymod", "mymod::read_ends")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert result.errlines == ["ERROR: mymod has no check 'read_ends'. Did you mean read_ends_with_none?", ""]


def test_x_stops_at_the_first_check_that_fails(project):
    project.write("mymod.py", WRONG)
    outcomes = project.outcomes("--panoply-source=mymod", "-x", "tests", LISTS, ENDS)
    assert list(outcomes.values()) == ["PASSED", "PASSED", "FAILED"]


@pytest.mark.parametrize("option", ["--lf", "--ff", "--nf", "--sw"])
def test_what_failed_last_is_known_next_time(project, option):
    project.write("mymod.py", WRONG)
    project.write("tests/test_own.py", "def test_fails(): assert 0\n\ndef test_passes(): pass\n")
    project.write("tests/test_right.py", "def test_right(): pass\n")
    run = functools.partial(project.pytester.runpytest_inprocess, "-p", "no:hypothesispytest")
    first = run("--panoply-source=mymod", "tests", LISTS, "mymod::close_is_idempotent")
    first.assert_outcomes(failed=2, passed=3)
    again = run("--panoply-source=mymod", "tests", LISTS, "mymod::close_is_idempotent", option)
    # --sw stops at the first.
    expected = {"--lf": (0, 2), "--sw": (0, 1)}.get(option, (3, 2))
    found = again.parseoutcomes()
    assert (found.get("passed", 0), found["failed"]) == expected


@pytest.mark.parametrize(
    "args",
    [
        ["-s"],
        ["--capture=sys"],
        ["--capture=tee-sys"],
        ["-p", "no:logging"],
        ["-p", "no:terminal"],
        ["-W", "error"],
        ["-q"],
        ["-p", "no:xdist", "-p", "no:timeout"],
        ["--import-mode=importlib"],
        ["--strict-markers", "--strict-config"],
        ["-n2"],
        ["--tb=native", "--showlocals"],
    ],
    ids=" ".join,
)
def test_pytests_own_options_make_no_difference(project, args):
    apart = args[0] in ("-s", "-W", "-n2")
    result = project.run("--panoply-source=mymod", ENDS, LISTS, OWN[0], *args, apart=apart)
    assert result.ret == 0
    assert not result.errlines
    if "no:terminal" not in args:
        result.assert_outcomes(passed=3)


def test_a_junit_file_knows_the_checks_by_name(project):
    project.write("mymod.py", WRONG)
    project.run("--panoply-source=mymod", "--junitxml=junit.xml", ENDS, LISTS, "mymod::logs_hide_credentials")
    cases = {case.get("name"): case for case in ET.parse(project.path / "junit.xml").iter("testcase")}
    assert {case.get("classname") for case in cases.values()} == {"mymod"}
    assert "a str" in cases["read_returns_list_of_dicts"].find("failure").text
    assert cases["logs_hide_credentials"].find("skipped") is not None


# ---------------------------------------------------------------------- where a source is


@pytest.mark.parametrize(
    ("file", "target", "name"),
    [
        ("acme/__init__.py", "acme", "acme"),
        ("acme/__init__.py", "./acme", "acme"),
        ("acme/__init__.py", "acme/", "acme"),
        ("acme.py", "acme.py", "acme"),
        ("src/acme/__init__.py", "acme", "acme"),
        ("src/acme/__init__.py", "src/acme", "acme"),
        ("src/acme.py", "acme", "acme"),
        ("group/acme.py", "group.acme", "group.acme"),
        ("panoply/acme/__init__.py", "panoply.acme", "panoply.acme"),
    ],
)
def test_a_source_is_found_by_name_and_by_path(project, file, target, name):
    project.write(file, (project.path / "mymod.py").read_text())
    if file.startswith("group"):
        project.write("group/__init__.py", "")
    assert project.outcomes(f"--panoply-source={target}", f"{name}::read_ends_with_none") == {
        f"{name}::read_ends_with_none": "PASSED"
    }


def test_a_source_that_is_installed_beside_the_sdk_is_found(project, monkeypatch):
    noting = "import os, pathlib\npathlib.Path(f'imported-by-{os.getpid()}').touch()\n"
    project.write("site/panoply/acme/__init__.py", noting + (project.path / "mymod.py").read_text())
    monkeypatch.syspath_prepend(project.path / "site")
    assert project.outcomes("--panoply-source=panoply.acme", "panoply.acme::read_ends_with_none") == {
        "panoply.acme::read_ends_with_none": "PASSED"
    }
    # To be found it need not be imported: that is only done where it is watched.
    assert list(project.path.glob("imported-by-*"))
    assert not (project.path / f"imported-by-{os.getpid()}").exists()


def test_several_sources_each_have_their_items(project):
    project.write("other.py", WRONG)
    outcomes = project.outcomes("--panoply-source=mymod", "--panoply-source=other", "-k", "list_of")
    assert outcomes == {LISTS: "PASSED", "other::read_returns_list_of_dicts": "FAILED"}


def test_a_source_that_is_named_twice_is_tested_once(project):
    assert project.collected("--panoply-source=mymod", "--panoply-source=./mymod.py", "mymod") == EVERY_CHECK


def test_two_sources_of_one_name_are_refused(project):
    project.write("other/mymod.py", WRONG)
    result = project.run("--panoply-source=mymod", "--panoply-source=other/mymod.py")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --panoply-source: mymod and other/mymod.py are both called mymod*"])


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("mymdo", "ERROR: --panoply-source: There is no module 'mymdo': * Did you mean 'mymod'?"),
        ("mymod.inner", "ERROR: --panoply-source: There is no module 'mymod.inner'*"),
        ("panoply.nope", "ERROR: --panoply-source: There is no module 'panoply.nope'*"),
        ("./nope.py", "ERROR: --panoply-source: There is no './nope.py' in *"),
        ("tests", "ERROR: --panoply-source: The folder 'tests' is not a package: it has no __init__.py."),
        ("my mod", "ERROR: --panoply-source: 'my mod' is neither the name of a module nor*"),
    ],
)
def test_a_source_that_does_not_exist_is_a_usage_error(project, target, message):
    args = ["-n2"] if target == "mymdo" else []
    result = project.run(f"--panoply-source={target}", *args)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])
    assert "Traceback" not in result.stderr.str() + result.stdout.str()


def test_without_the_extra_it_is_said_once_how_to_install_it(project, monkeypatch):
    monkeypatch.setitem(sys.modules, "psutil", None)

    result = project.run("--panoply-source=mymod")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [
            "ERROR: testing a source needs the extra 'testing'. Install it with: python -m pip install 'panoply-python-sdk?testing?'"
        ]
    )


def test_a_source_that_cannot_be_imported_is_a_failed_check(project):
    project.write("mymod.py", "import nowhere_to_be_found")
    result = project.run("--panoply-source=mymod", "mymod::stream_is_data_source")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*ModuleNotFoundError*nowhere_to_be_found*"])


# ---------------------------------------------------------------------- named in the ini file


@pytest.mark.parametrize(
    ("args", "contract"),
    [
        ([], True),
        (["."], True),
        (["tests"], True),
        (["tests/test_own.py"], False),
        (["tests/test_own.py::test_own"], False),
        (["tests/test_own.py", ENDS], True),
        (["tests/test_own.py", "--panoply-source=mymod"], True),
        (["tests/test_own.py", "-n2"], False),
        (["tests/test_own.py", "--panoply-source", "mymod", "-n2"], True),
    ],
    ids=lambda value: " ".join(value) or "nothing" if isinstance(value, list) else None,
)
def test_a_source_of_the_ini_file_is_left_out_where_single_tests_are_asked_for(project, args, contract):
    project.ini("panoply_source = mymod")
    outcomes = project.outcomes("-k", "test_own or test_other or ends_with_none", *args, apart="-n2" in args)
    assert (ENDS in outcomes) is contract
    assert OWN[0] in outcomes


def test_a_source_of_the_ini_file_is_found_from_any_folder(project, monkeypatch):
    project.ini("panoply_source = ./mymod.py")
    monkeypatch.chdir(project.path / "tests")
    # As ever, pytest shows the ids as they look from there.
    assert project.outcomes("-k", "ends_with_none") == {f"../{ENDS}": "PASSED"}
    assert project.outcomes(ENDS) == {f"../{ENDS}": "PASSED"}


# ---------------------------------------------------------------------- sources that misbehave


@pytest.mark.parametrize(
    ("body", "check", "message"),
    [
        ("while True: pass", "read_terminates", "*did not return within 0.5 seconds*"),
        ("return []", "read_ends_with_none", "*50 reads*"),
        ("import os; os._exit(3)", "read_terminates", "*ended the process: exited with code 3*"),
        ("import sys; sys.exit(3)", "read_ends_with_none", "*SystemExit*"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "read_terminates", "*killed by SIGKILL*"),
    ],
)
def test_a_source_out_of_control_is_reported_and_the_session_goes_on(project, body, check, message):
    project.write(
        "mymod.py",
        f"import panoply\nCONFIG = {{}}\nclass Stream(panoply.DataSource):\n  def read(self, n=None):\n    {body}\n",
    )
    project.write("other.py", WRONG)
    before = set(psutil.Process().children(recursive=True))
    limits = ["--panoply-read-timeout=0.5", "--panoply-max-reads=50"]
    result = project.run(
        "--panoply-source=mymod", "--panoply-source=other", *limits, f"mymod::{check}", "other::close_is_idempotent"
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines([message])
    time.sleep(0.1)
    assert set(psutil.Process().children(recursive=True)) <= before


def test_what_a_source_prints_stays_out_of_the_session(project):
    project.write(
        "mymod.py",
        "import os, panoply\nCONFIG = {}\nclass Stream(panoply.DataSource):\n  def read(self, n=None):\n"
        "    print('noise ' * 100_000)\n    os.system('echo noise; echo noise >&2')\n",
    )
    result = project.run("--panoply-source=mymod", "-s", ENDS, apart=True)
    assert result.ret == 0
    assert "noise" not in result.stdout.str() + result.stderr.str()


# ---------------------------------------------------------------------- what the terminal shows


SHOULD = "mymod::batches_are_large"


def test_a_failure_says_how_to_repeat_just_this_check(project):
    project.write("mymod.py", WRONG)
    args = ["--panoply-source", "mymod", "--panoply-param", "token=made-up"]
    for more in ([], ["-n1"]):
        result = project.run(*args, *more, LISTS, apart=bool(more))
        command = f"pytest --panoply-source=mymod --panoply-param=token=... {LISTS}"
        result.stdout.fnmatch_lines([f"    again     {command}"])


def test_what_a_local_server_logs_does_not_bury_what_a_check_says(project):
    project.write("mymod.py", WRONG)
    project.write(
        "conftest.py",
        "import pytest\n@pytest.fixture\ndef panoply_params():\n  print(*range(400), sep='\\n')\n  return {}\n",
    )
    project.write("tests/test_own.py", "def test_own(panoply_params): assert False\n")
    result = project.run("--panoply-source=mymod", LISTS)
    result.stdout.fnmatch_lines(["*Captured stdout setup*", "(390 lines before these are left out; *", "390", "399"])
    assert "389" not in result.outlines
    # The project's own tests are the project's affair.
    assert "1" in project.run("tests/test_own.py").outlines


@pytest.mark.parametrize("args", [[], ["-n2"], ["-q"]], ids=["one process", "several", "quiet"])
def test_what_fails_nothing_is_shown_at_the_end(project, args):
    project.write("mymod.py", (project.path / "mymod.py").read_text().replace('"title": "Token", ', ""))
    result = project.run("--panoply-source=mymod", "mymod::config_is_valid", *args, apart="-n2" in args)
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        ["*= panoply: worth a look =*", "mymod::config_is_valid", "  CONFIG: params[[]0[]].title: *"]
    )


def test_a_breach_of_a_should_rule_is_shown_and_fails_only_under_strict(project, monkeypatch):
    breach_of_should(monkeypatch)
    result = project.run("--panoply-source=mymod", ENDS)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*= panoply: worth a look =*", ENDS, "  read_ends_with_none (SHOULD)"])
    assert project.outcomes("--panoply-source=mymod", ENDS, "--panoply-strict") == {ENDS: "FAILED"}
    project.ini("panoply_strict = true")
    assert project.outcomes("--panoply-source=mymod", ENDS) == {ENDS: "FAILED"}


def breach_of_should(monkeypatch):
    """Let read_ends_with_none be a SHOULD rule that every source breaks."""
    finding = Finding(place="read 1", expected="more", received="less", fix="mend it")
    contract = [
        replace(check, level="SHOULD", judge=lambda *_: failed(finding)) if f"mymod::{check.name}" == ENDS else check
        for check in CONTRACT
    ]
    monkeypatch.setattr(items, "CONTRACT", contract)


# ---------------------------------------------------------------------- known issues


def test_a_known_issue_is_expected_to_fail_and_its_reason_is_shown(project):
    project.write("mymod.py", WRONG)
    project.ini("panoply_known_issues =", "    read_returns_list_of_dicts: the far end sends text")
    result = project.run("--panoply-source=mymod", LISTS, "-rx")
    assert result.ret == 0
    result.assert_outcomes(xfailed=1)
    result.stdout.fnmatch_lines(
        [
            "*= panoply: worth a look =*",
            LISTS,
            "  known issue: the far end sends text",
            f"XFAIL {LISTS} - known issue: *",
        ]
    )


def test_a_known_issue_that_is_none_any_more_fails(project):
    project.ini("panoply_known_issues = read_returns_list_of_dicts: the far end sends text")
    result = project.run("--panoply-source=mymod", LISTS)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*the far end sends text", "read_returns_list_of_dicts passes now. Remove its line from*"]
    )


def test_a_known_issue_of_a_should_rule_is_one_although_it_would_not_fail(project, monkeypatch):
    breach_of_should(monkeypatch)
    project.ini("panoply_known_issues = read_ends_with_none: small pages")
    assert project.outcomes("--panoply-source=mymod", ENDS) == {ENDS: "XFAIL"}


def test_a_fixture_that_fails_is_no_known_issue(project):
    project.ini("panoply_known_issues = read_returns_list_of_dicts: the far end sends text")
    project.write("conftest.py", "import pytest\n@pytest.fixture\ndef panoply_params(): raise OSError('no server')\n")
    project.run("--panoply-source=mymod", LISTS).assert_outcomes(errors=1)


# ---------------------------------------------------------------------- projects without a source


def test_a_project_that_does_not_use_the_plugin_imports_nothing_of_it(project):
    project.write(
        "tests/test_own.py",
        """
import sys

def test_own():
    ours = {name for name in sys.modules if name.partition(".")[0] in ("panoply", "panoply_testing")}
    assert ours == {"panoply_testing", "panoply_testing.plugin"}
    assert not {"boto3", "botocore", "jsonschema", "moto", "werkzeug", "orjson", "requests"} & set(sys.modules)
""",
    )
    result = project.pytester.run(
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:xdist",
        "-p",
        "no:pytest_httpserver",
        "-p",
        "no:hypothesispytest",
        "-v",
    )
    result.assert_outcomes(passed=1)


def test_help_names_each_option_and_ini_key(project):
    text = project.run("--help").stdout.str()
    for name in ("source", "params", "param", "options", "max-reads", "read-timeout", "strict", "report"):
        assert f"--panoply-{name}" in text
        assert f"panoply_{name.replace('-', '_')} (" in text
    assert "panoply_known_issues (" in text


def test_the_projects_hooks_see_the_checks(project):
    project.write("conftest.py", "def pytest_itemcollected(item): item.add_marker('seen')\n")
    project.ini("markers = seen: by the hook")
    assert project.collected("--panoply-source=mymod", "-m", "seen") == OWN + EVERY_CHECK


def test_params_that_a_fixture_pushes_aside_are_said_to_be_unused(project):
    project.write(
        "conftest.py", "import pytest\n\n@pytest.fixture\ndef panoply_params():\n    return {'user': 'ada'}\n"
    )

    result = project.run("--panoply-source=mymod", "--panoply-param=url=hunter22", "--panoply-param=user=ada")

    assert "The params given to pytest (url) are not used: a fixture panoply_params" in result.stdout.str()
    assert "hunter22" not in result.stdout.str()
