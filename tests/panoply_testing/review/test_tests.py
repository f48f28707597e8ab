"""A project's own tests: run, measured, and read."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from review_projects import SOURCE, TESTS, put, site_of

from panoply_testing.report.model import SourceReport
from panoply_testing.review import _recorder
from panoply_testing.review import tests as family
from panoply_testing.review._asserting import read_suite
from panoply_testing.review._pytest_facts import Covered, OwnTest, Ran, Refused, contract_of, own_tests_of
from panoply_testing.review.tests import judge

NAMES = tuple(rule.name for rule in family.RULES)

ONE = OwnTest(name="tests/test_a.py::test_a", path="tests/test_a.py", line=3, function="test_a", outcome="passed")
FULL = (Covered(path="shop/source.py", statements=10),)
GOOD = Ran(tests=(ONE,), covered=FULL)
SUITE = read_suite({"tests/test_a.py": "def test_a():\n    assert 1 + 1 == 2\n"})


def rules(outcome):
    return [each.rule for each in outcome.findings]


def judged(ran, suite=SUITE):
    return judge(ran, suite, least_coverage=90)


def test_good_tests_have_no_finding():
    outcome = judged(GOOD)
    assert rules(outcome) == []
    assert sorted(outcome.judged) == sorted(NAMES)
    assert outcome.unchecked == ()


def test_no_tests_are_one_finding_and_the_rest_is_not_checked():
    outcome = judged(Ran(sources=(SourceReport(name="shop"),)))
    assert rules(outcome) == ["tests_exist"]
    assert {each.rule for each in outcome.unchecked} == set(NAMES) - {"tests_exist"}


def test_a_failed_test_is_told_with_its_place():
    failed = OwnTest(
        name="tests/test_a.py::test_b", path="tests/test_a.py", line=9, outcome="failed", message="assert 1 == 2"
    )
    (finding,) = judged(Ran(tests=(ONE, failed), covered=FULL)).findings
    assert (finding.rule, finding.path, finding.line) == ("tests_pass", "tests/test_a.py", 9)
    assert "test_b fails: assert 1 == 2" in finding.found


def test_a_failure_comes_down_to_what_pytest_marks_as_its_error():
    told = "file x.py, line 1\n  def test_a(api): pass\nE       fixture 'api' not found\n>       available fixtures: tmp_path\n\nx.py:1"
    assert _recorder._last(told) == "fixture 'api' not found"
    assert _recorder._last("collected\nno such thing") == "no such thing"
    assert _recorder._last("") == ""


def test_of_many_failures_the_rest_is_counted():
    failed = tuple(
        OwnTest(name=f"tests/test_a.py::test_{number}", path="tests/test_a.py", line=1, outcome="failed")
        for number in range(30)
    )
    findings = judged(Ran(tests=failed, covered=FULL)).findings
    assert len(findings) == 21
    assert "10 more tests fail" in findings[-1].found


@pytest.mark.parametrize(
    "problem", ["did not end within 600 seconds, while test_a ran", "ended with exit code 3: INTERNALERROR"]
)
def test_a_run_that_came_to_no_end_is_a_finding(problem):
    assert rules(judged(Ran(problem=problem))) == ["tests_pass"]
    assert rules(judged(Ran(problem=problem, tests=(ONE,), covered=FULL))) == ["tests_pass"]


@pytest.mark.parametrize(
    ("outcomes", "found"),
    [
        (("passed", ""), "test_1 came to no end: it, or"),
        (("passed", "", "", ""), "test_1 came to no end, and 2 more tests after it: it, or"),
        (("", ""), "runs none of the tests"),
    ],
)
def test_a_run_that_ends_before_its_tests_is_a_finding_whatever_its_exit_code(outcomes, found):
    tests = tuple(
        OwnTest(name=f"tests/test_a.py::test_{number}", path="tests/test_a.py", line=1, outcome=outcome)
        for number, outcome in enumerate(outcomes)
    )
    (finding,) = judged(Ran(tests=tests, covered=FULL)).findings
    assert finding.rule == "tests_pass"
    assert found in finding.found


def test_a_test_that_needs_the_network_is_not_told_twice():
    failed = OwnTest(
        name="tests/test_a.py::test_n", path="tests/test_a.py", line=5, outcome="failed", message="gaierror"
    )
    ran = Ran(tests=(ONE, failed), covered=FULL, refused=(Refused(where="api.example.com:443", test=failed.name),))
    (finding,) = judged(ran).findings
    assert finding.rule == "tests_need_no_network"
    assert "test_n reaches for api.example.com:443" in finding.found


def test_a_test_that_is_content_without_the_network_needs_it_all_the_same():
    ran = Ran(tests=(ONE,), covered=FULL, refused=(Refused(where="api.example.com:443", test=ONE.name),))
    assert rules(judged(ran)) == ["tests_need_no_network"]


def test_what_conftest_reaches_for_is_told():
    ran = Ran(tests=(ONE,), covered=FULL, refused=(Refused(where="api.example.com:443", test=""),))
    assert rules(judged(ran)) == ["tests_need_no_network"]


def test_what_a_check_of_the_contract_reaches_for_is_not_the_tests():
    ran = Ran(tests=(ONE,), covered=FULL, refused=(Refused(where="api.example.com:443", test="shop::read_terminates"),))
    assert rules(judged(ran)) == []


@pytest.mark.parametrize(
    ("missing", "found"), [(1, []), (2, ["tests_cover_the_source"]), (10, ["tests_cover_the_source"])]
)
def test_coverage_has_a_threshold(missing, found):
    covered = (Covered(path="shop/source.py", statements=10, missing=tuple(range(1, missing + 1))),)
    assert rules(judged(Ran(tests=(ONE,), covered=covered))) == found


def test_lines_that_no_test_runs_are_named():
    covered = (
        Covered(path="shop/source.py", statements=10, missing=(3, 4, 5, 9)),
        Covered(path="tests/test_a.py", statements=9),
    )
    (finding,) = judged(Ran(tests=(ONE,), covered=covered)).findings
    assert "60 % of the source's lines" in finding.found
    assert "shop/source.py: 3-5, 9" in finding.found
    assert (finding.path, finding.line) == ("shop/source.py", 3)


def test_tests_that_were_all_skipped_say_nothing():
    skipped = replace(ONE, outcome="skipped", message="there is no database here")
    outcome = judged(Ran(tests=(skipped,), covered=(Covered(path="shop/source.py", statements=1, missing=(1,)),)))
    assert (outcome.findings, outcome.judged) == ((), ("tests_exist",))
    (reason,) = {each.reason for each in outcome.unchecked}
    assert reason.startswith("all tests were skipped: there is no database here. In a review there is no network")


def test_coverage_tells_of_tests_that_were_skipped():
    ran = Ran(
        tests=(ONE, replace(ONE, outcome="skipped")), covered=(Covered(path="shop/a.py", statements=1, missing=(1,)),)
    )
    assert "(without 1 test that was skipped)" in judged(ran).findings[0].found


def test_coverage_that_was_not_measured_is_not_taken_for_any():
    assert [each.rule for each in judged(Ran(tests=(ONE,))).unchecked] == ["tests_cover_the_source"]


# ---------------------------------------------------------------------- tests that assert nothing

NOTHING = {
    "only a call": "def test_a(): stream.read()",
    "an assertion that cannot fail": "def test_a(): assert True",
    "a tuple": "def test_a(): assert (x == 1, 'message')",
    "the same on both sides": "def test_a(): assert x == x",
    "or true": "def test_a(): assert x or True",
    "swallowed": "def test_a():\n    try:\n        assert x\n    except AssertionError:\n        pass",
    "swallowed by a bare except": "def test_a():\n    try:\n        assert x\n    except:\n        print('failed')",
    "a helper that asserts nothing": "def run(): return 1\ndef test_a(): run()",
    "a helper named like one that asserts": "def check(x): print(x)\ndef test_a(): check(1)",
    "helpers in a circle": "def one(): two()\ndef two(): one()\ndef test_a(): one()",
    "a print": "def test_a(): print(stream.read() == [])",
    "a comparison without assert": "def test_a(): stream.read() == []",
    "in a class": "class TestA:\n    def test_a(self): self.stream.read()",
    "async": "async def test_a(): await stream.read()",
}

SOMETHING = {
    "assert": "def test_a(): assert x == 1",
    "raises": "def test_a():\n    with pytest.raises(ValueError): f()",
    "raises, beside a function of that name": "def raises(): return 1\ndef test_a():\n    with pytest.raises(ValueError): f()",
    "what a fixture has put there": "class TestA:\n    def test_a(self): self.run_it(1)",
    "two calls of the same": "def test_a(): assert id(f()) == id(f())",
    "raises, imported": "def test_a():\n    with raises(ValueError): f()",
    "warns": "def test_a():\n    with pytest.warns(UserWarning): f()",
    "fail": "def test_a():\n    if x: pytest.fail('x')",
    "its own exception": "def test_a():\n    if x: raise RuntimeError('x')",
    "unittest": "class TestA(unittest.TestCase):\n    def test_a(self): self.assertEqual(1, x)",
    "a mock": "def test_a(): mock.assert_called_once_with(1)",
    "a helper": "def same(a, b): assert a == b\ndef test_a(): same(1, x)",
    "a helper of a helper": "def same(a, b): assert a == b\ndef all_same(x): same(x, 1)\ndef test_a(): all_same(x)",
    "a helper in a loop": "def same(a): assert a\ndef test_a():\n    for each in x: same(each)",
    "a method": "class TestA:\n    def same(self, x): assert x\n    def test_a(self): self.same(1)",
    "a fixture that asserts at its end": "@pytest.fixture\ndef api():\n    yield 1\n    assert done\ndef test_a(api): f(api)",
    "a fixture that is used": "@pytest.fixture\ndef api():\n    yield 1\n    assert done\n@pytest.mark.usefixtures('api')\ndef test_a(): f()",
    "a fixture that gives a helper": "@pytest.fixture\ndef run():\n    def run(x): assert x\n    return run\ndef test_a(run): run(1)",
    "a library's helper": "def test_a(): numpy.testing.assert_allclose(x, y)",
    "a server's": "def test_a(httpserver): httpserver.check_assertions()",
    "a property": "@given(st.text())\ndef test_a(text): parse(text)",
    "a property by its module": "@hypothesis.given(st.text())\ndef test_a(text): parse(text)",
    "raised again": "def test_a():\n    try:\n        assert x\n    except AssertionError:\n        print(1)\n        raise",
    "another exception is caught": "def test_a():\n    try:\n        assert x\n    except KeyError:\n        pass",
    "asserted in the handler": "def test_a():\n    try:\n        f()\n    except Exception as exc:\n        assert exc.args",
    "in a nested function": "def test_a():\n    def check_it(x): assert x\n    run(check_it)",
}


def asserts(text):
    cls = "TestA" if "class TestA" in text else ""
    return read_suite({"tests/test_a.py": text}).asserts("tests/test_a.py", cls, "test_a")


@pytest.mark.parametrize("case", NOTHING)
def test_a_test_that_asserts_nothing_is_known(case):
    assert asserts(NOTHING[case]) is False


@pytest.mark.parametrize("case", SOMETHING)
def test_a_test_that_asserts_is_not_mistaken(case):
    assert asserts(SOMETHING[case]) is True


def test_helpers_may_be_in_other_files():
    suite = read_suite(
        {"tests/helpers.py": "def same(a): assert a", "tests/test_a.py": "def test_a(): helpers.same(1)"}
    )
    assert suite.asserts("tests/test_a.py", "", "test_a")


def test_what_cannot_be_read_is_nobody_s_fault():
    assert read_suite({"tests/test_a.py": "def ("}).asserts("tests/test_a.py", "", "test_a") is None


# ---------------------------------------------------------------------- really run

WRONG = """
import socket
import pytest
from shop import Stream


def test_it_fails():
    assert Stream({"token": "made-up"}, {}).read() == []


def test_it_calls_and_is_content():
    Stream({"token": "made-up"}, {}).read()


def test_it_asks_somebody_else():
    with pytest.raises(OSError):
        socket.create_connection(("192.0.2.1", 80), timeout=1)


@pytest.mark.skip(reason="later")
def test_it_is_skipped():
    pass


@pytest.mark.parametrize("token", ["a", "b"])
def test_it_is_right(token):
    assert Stream({"token": token}, {}).read(1) == [{"number": 1}]
"""


def test_tests_are_run_read_and_measured(project, tmp_path):
    untested = (
        SOURCE + "\n    def other(self):\n" + "".join(f"        self.a{number} = {number}\n" for number in range(10))
    )
    folder = project(
        {"tests/test_source.py": WRONG, "shop/source.py": untested, "tests/test_broken.py": "import no_such_module\n"}
    )
    outcome = family.look(site_of(folder, tmp_path / "scratch", *NAMES))
    found = {(each.rule, each.found.split()[0]): each for each in outcome.findings}
    assert set(found) == {
        ("tests_pass", "tests/test_broken.py"),
        ("tests_pass", "test_it_fails"),
        ("tests_need_no_network", "test_it_asks_somebody_else"),
        ("tests_assert_something", "test_it_calls_and_is_content"),
        ("tests_cover_the_source", "The"),
    }
    assert "192.0.2.1:80" in found["tests_need_no_network", "test_it_asks_somebody_else"].found
    assert found["tests_pass", "test_it_fails"].line == 7
    assert not list(folder.rglob("__pycache__"))
    assert not (folder / ".pytest_cache").exists()


HARMLESS = """
import os
import socket
import threading
from hypothesis import given, strategies as st


def test_it_speaks_to_this_machine():
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(("localhost", server.getsockname()[1])):
            pass
    assert socket.getaddrinfo("localhost", 80)


@given(st.just(1))
def test_it_may_take_its_time(number):
    threading.Event().wait(0.25)
    assert number == 1


def test_it_knows_nothing_of_the_reviewer():
    assert "A_TOKEN_OF_THE_REVIEWER" not in os.environ
    assert os.path.expanduser("~").startswith(os.environ["HOME"])
"""


def test_this_machine_can_be_reached_and_no_secret_of_the_reviewer_s(project, tmp_path, monkeypatch):
    monkeypatch.setenv("A_TOKEN_OF_THE_REVIEWER", "hush")
    folder = project({"tests/test_more.py": HARMLESS, "tests/test_source.py": TESTS})
    outcome = family.look(site_of(folder, tmp_path / "scratch", *NAMES))
    assert outcome.findings == ()
    assert outcome.unchecked == ()


@pytest.mark.parametrize(
    ("conftest", "message"),
    [
        ("import no_such_module\n", "No module named 'no_such_module'"),
        ("raise SystemExit(3)\n", "exit code 3"),
        ("import os\nos._exit(7)\n", "exit code 7"),
    ],
)
def test_a_run_that_cannot_begin_says_why(project, tmp_path, conftest, message):
    folder = project()
    put(folder, "tests/conftest.py", conftest)
    (finding,) = family.look(site_of(folder, tmp_path / "scratch", *NAMES)).findings
    assert finding.rule == "tests_pass"
    assert message in finding.found


def test_a_run_that_does_not_end_is_ended_and_says_where(project, tmp_path):
    endless = "import threading\n\ndef test_slow():\n    threading.Event().wait()\n    assert threading\n"
    site = site_of(project({"tests/test_source.py": endless}), tmp_path / "scratch", *NAMES)
    with ThreadPoolExecutor(1) as pool:
        ran = pool.submit(own_tests_of, site)
        record = site.scratch / "tests/tests.jsonl"
        while not ran.done() and not (record.exists() and '"began"' in record.read_text()):
            site.stopped.wait(0.05)
        # As when its time is up.
        site.stopped.set()
    assert ran.result().problem == "did not end within 600 seconds, while tests/test_source.py::test_slow ran"


FIXED = """
import socket
import pytest


@pytest.fixture(scope="session", autouse=True)
def server():
    with socket.socket() as server:
        server.bind(("127.0.0.1", {port}))
        server.listen()
        yield server


@pytest.fixture
def panoply_params():
    return {{"token": "made-up"}}
"""


def test_runs_that_want_the_same_port_do_not_fail_by_each_other(project, tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = project({"tests/conftest.py": FIXED.format(port=port)})
    site = site_of(folder, tmp_path / "scratch", *NAMES, "contract_is_kept")
    with ThreadPoolExecutor(2) as pool:
        contract, own = pool.submit(contract_of, site), pool.submit(own_tests_of, site)
    assert [each.outcome for each in own.result().tests] == ["passed"]
    (source,) = contract.result().sources
    assert {each.outcome for each in source.checks} <= {"passed", "skipped"}
