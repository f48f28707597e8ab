"""Rules about a project's own tests: that there are some, that they pass, need nobody, cover the source, and test something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from panoply_testing.report._words import count
from panoply_testing.review._asserting import Suite, read_suite
from panoply_testing.review._environment import needs_of
from panoply_testing.review._environments import undeclared_by_tests
from panoply_testing.review._module_facts import module_of
from panoply_testing.review._pytest_facts import Ran, own_tests_of
from panoply_testing.review._site import copied, files_of
from panoply_testing.review.model import Finding, Note, Outcome, Rule, Unchecked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from panoply_testing.review._pytest_facts import OwnTest
    from panoply_testing.review._site import Site

__all__ = ["RULES", "judge", "look"]

EXIST: Final = Rule(
    name="tests_exist",
    group="tests",
    level="MUST",
    claim="The project has tests of its own, beside the contract.",
    why="The contract knows what holds for every source; what this one reads, only its own tests can know.",
    fix="Write tests for what is particular to the source, against a far end that the tests start on the same machine.",
)
PASS: Final = Rule(
    name="tests_pass",
    group="tests",
    level="MUST",
    claim="The project's own tests pass.",
    why="A test that fails is either right, or tells every later reader to look away.",
    fix="Run `pytest` in the project, and mend the source or the test.",
)
NETWORK: Final = Rule(
    name="tests_need_no_network",
    group="tests",
    level="MUST",
    claim="The project's own tests reach for nothing outside of the machine that they run on.",
    why="A test that needs somebody's server fails when that is down, and needs an account that others do not have.",
    fix="Start a far end on the same machine, in a fixture (pytest-httpserver, SQLite, a temporary folder), and let the params lead there.",
)
COVER: Final = Rule(
    name="tests_cover_the_source",
    group="tests",
    level="SHOULD",
    claim="The project's own tests run 90 % of the source's lines, or as many as its settings ask for.",
    why="What no test runs may be broken today, and will be by the next change.",
    fix="Write tests that run the lines named here; errors and odd answers of the far end are where most of them are.",
)
ASSERT: Final = Rule(
    name="tests_assert_something",
    group="tests",
    level="SHOULD",
    claim="Each test can fail for more than an exception: it asserts something, by itself or through a helper.",
    why="A test that asserts nothing passes with whatever comes out, and still counts as coverage.",
    fix="Assert what the call has to give; where it has to raise, use pytest.raises.",
)

RULES: Final = (EXIST, PASS, NETWORK, COVER, ASSERT)

_NAMES: Final = tuple(rule.name for rule in RULES)

# So many files and lines are named: who mends these, runs the review again.
_MOST: Final = 5

# So many failed tests are told one by one.
_MOST_FAILED: Final = 20


def judge(ran: Ran, suite: Suite, *, least_coverage: float) -> Outcome:
    """Judge a run of the tests, and what is in them.

    Args:
        ran: what came of it.
        suite: the functions in the test files.
        least_coverage: percent of the lines.
    """
    if ran.problem and not ran.tests and not ran.broken:
        return Outcome(
            judged=(PASS.name,),
            findings=(Finding(rule=PASS.name, found=f"pytest {ran.problem}.", key="run"),),
            unchecked=_unchecked([EXIST, NETWORK, COVER, ASSERT], "pytest ran no test"),
        )
    if not ran.tests and not ran.broken:
        found = Finding(rule=EXIST.name, found="pytest finds no test beside the contract's checks.")
        return Outcome(
            judged=(EXIST.name,),
            findings=(found,),
            unchecked=_unchecked([PASS, NETWORK, COVER, ASSERT], "there are no tests"),
        )
    if ran.tests and not ran.broken and not ran.problem and all(test.outcome == "skipped" for test in ran.tests):
        reason = (
            f"all tests were skipped: {ran.tests[0].message.rstrip('.')}. In a review there is no network, and none of your "
            "environment's variables: let the tests start a far end of their own, on this machine"
        )
        return Outcome(judged=(EXIST.name,), unchecked=_unchecked([PASS, NETWORK, COVER, ASSERT], reason))
    reached = {each.test: each.where for each in ran.refused}
    judged = Outcome(
        judged=(EXIST.name, PASS.name, NETWORK.name, ASSERT.name),
        findings=(*_failed(ran, set(reached)), *_reaching(ran), *_asserting_nothing(ran.tests, suite)),
    )
    return judged + _covering(ran, least_coverage)


def _unchecked(rules: list[Rule], reason: str) -> tuple[Unchecked, ...]:
    return tuple(Unchecked(rule=rule.name, reason=reason) for rule in rules)


def _failed(ran: Ran, reached: set[str]) -> Iterator[Finding]:
    for name, message in ran.broken:
        # What an import reached for in vain is told by another rule.
        if not (ran.refused and "only this machine" in message):
            yield Finding(rule=PASS.name, found=f"{name} cannot be collected: {message}", path=_file(name), key=name)
    # A test that was refused the network has failed by that.
    failed = [test for test in ran.tests if test.outcome == "failed" and test.name not in reached]
    for test in failed[:_MOST_FAILED]:
        found = f"{_short(test.name)} fails: {test.message}"
        yield Finding(rule=PASS.name, found=found, path=test.path, line=test.line, key=test.name)
    if len(failed) > _MOST_FAILED:
        more = count(len(failed) - _MOST_FAILED, "more test")
        yield Finding(rule=PASS.name, found=f"{more} {'fails' if more.startswith('1 ') else 'fail'}.", key="more")
    if ran.problem:
        yield Finding(rule=PASS.name, found=f"pytest {ran.problem}.", key="run")
    elif any(not test.outcome for test in ran.tests):
        yield _unended(ran)


def _unended(ran: Ran) -> Finding:
    """Tests that came to no end, though nothing looks wrong with pytest's: somebody has ended all of it, or runs none."""
    missing = [test for test in ran.tests if not test.outcome]
    first = missing[0]
    if len(missing) == len(ran.tests):
        found = "pytest runs none of the tests that it finds."
    elif len(missing) == 1:
        found = f"{_short(first.name)} came to no end: it, or what it calls, has ended the whole run of pytest."
    else:
        found = (
            f"{_short(first.name)} came to no end, and {count(len(missing) - 1, 'more test')} after it: it, or what it calls, "
            "has ended the whole run of pytest."
        )
    fix = "Look for os._exit(), sys.exit() and pytest.exit() in it, and in what it calls; and for --collect-only in addopts."
    return Finding(rule=PASS.name, found=found, path=first.path, line=first.line, fix=fix, key="run")


def _reaching(ran: Ran) -> Iterator[Finding]:
    tests = {test.name: test for test in ran.tests}
    for name in dict.fromkeys(each.test for each in ran.refused):
        test = tests.get(name)
        if name and test is None:
            # A check of the contract: what the source reaches for there, the contract judges.
            continue
        where = ", ".join(each.where for each in ran.refused if each.test == name)
        # One setup may be for many tests: it is the first one that reaches out.
        who = _short(name) if test else "Before the first test begins, the project"
        yield Finding(
            rule=NETWORK.name,
            found=f"{who} reaches for {where}.",
            path=test.path if test else "",
            line=test.line if test else 0,
            key=name or "import",
        )


def _asserting_nothing(tests: tuple[OwnTest, ...], suite: Suite) -> Iterator[Finding]:
    seen = set()
    for test in tests:
        where = test.path, test.cls, test.function
        if not test.function or test.outcome in ("skipped", "xfailed") or where in seen:
            continue
        seen.add(where)
        if suite.asserts(*where) is False:
            name = f"{test.cls}.{test.function}" if test.cls else test.function
            found = f"{name} asserts nothing."
            yield Finding(rule=ASSERT.name, found=found, path=test.path, line=test.line, key=name)


def _covering(ran: Ran, least: float) -> Outcome:
    if ran.covered is None:
        return Outcome(unchecked=_unchecked([COVER], "coverage could not be measured in the run of the tests"))
    tests = {test.path for test in ran.tests}
    files = [each for each in ran.covered if each.path not in tests and not each.path.endswith("conftest.py")]
    lines = sum(each.statements for each in files)
    missing = sum(len(each.missing) for each in files)
    percent = 100 * (lines - missing) / lines if lines else 100
    if percent >= least:
        return Outcome(judged=(COVER.name,))
    worst = sorted((each for each in files if each.missing), key=lambda each: -len(each.missing))
    skipped = sum(test.outcome == "skipped" for test in ran.tests)
    without = f" (without {count(skipped, 'test')} that {'was' if skipped == 1 else 'were'} skipped)" if skipped else ""
    named = "; ".join(f"{each.path}: {_ranges(each.missing)}" for each in worst[:_MOST])
    rest = f"; and {count(len(worst) - _MOST, 'more file')}" if len(worst) > _MOST else ""
    return Outcome(
        judged=(COVER.name,),
        findings=(
            Finding(
                rule=COVER.name,
                found=f"The tests run {int(percent * 10) / 10:g} % of the source's lines{without}; {least:g} % are asked for. Not run: {named}{rest}.",
                path=worst[0].path,
                line=worst[0].missing[0],
                key="coverage",
            ),
        ),
    )


def _ranges(lines: tuple[int, ...]) -> str:
    """`12-15, 20`, cut after a few."""
    found: list[list[int]] = []
    for line in lines:
        if found and line == found[-1][1] + 1:
            found[-1][1] = line
        else:
            found.append([line, line])
    texts = [f"{first}-{last}" if first != last else f"{first}" for first, last in found]
    return ", ".join(texts[:_MOST]) + (", ..." if len(texts) > _MOST else "")


def _file(name: str) -> str:
    return name.partition("::")[0]


def _short(name: str) -> str:
    return name.partition("::")[2] or name


def look(site: Site) -> Outcome:
    """Run the tests, where this environment has what they need."""
    needs = site.fact(needs_of)
    reason = needs.missing
    reason = reason or ("the module cannot be imported" if any(each.problem for each in site.fact(module_of)) else "")
    if reason:
        return Outcome(unchecked=_unchecked(list(RULES), reason))
    ran = site.fact(own_tests_of)
    lacking = _lacking(ran)
    if lacking and needs.unmet_tests:
        reason = (
            f"the tests need {lacking}, and this environment lacks {', '.join(needs.unmet_tests)}. "
            f"Install it: pip install -e '.{needs.extra}'"
        )
        return Outcome(unchecked=_unchecked(list(RULES), reason))
    tree = site.fact(copied)
    texts = {}
    for path in site.fact(files_of):
        if _is_for_tests(path, site.project.tops) and (tree / path).is_file():
            texts[path] = (tree / path).read_text(encoding="utf-8", errors="replace")
    judged = judge(ran, read_suite(texts), least_coverage=site.settings.least_coverage)
    return judged + Outcome(notes=tuple(_surroundings(site)))


def _surroundings(site: Site) -> Iterator[Note]:
    """What the tests have had of this environment that another one may lack."""
    undeclared = sorted(site.fact(undeclared_by_tests))
    if not undeclared:
        return
    are = "are" if undeclared[1:] else "is"
    text = (
        f"The tests import {', '.join(undeclared)}, which {are} installed here and which the project declares nowhere."
    )
    yield Note(rule=PASS.name, text=text)


def _is_for_tests(path: str, tops: tuple[str, ...]) -> bool:
    """Whether a file may hold tests or their helpers; what the source itself raises asserts nothing."""
    *folders, name = path.split("/")
    is_source = any(path == top or path.startswith(f"{top}/") for top in tops)
    is_test = name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py"
    return name.endswith(".py") and (not is_source or is_test or bool({"test", "tests", "testing"} & set(folders)))


def _lacking(ran: Ran) -> str:
    """The module that was not there to be imported, if that is what kept the tests from running."""
    for text in (ran.problem, *(message for _, message in ran.broken)):
        if "No module named " in text:
            return text.partition("No module named ")[2].split()[0].strip("'\"")
    return ""
