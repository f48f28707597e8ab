"""Mistakes are made in a source, each in one place; and that nobody notices them is told."""

from __future__ import annotations

import ast
from concurrent.futures import Future
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from review_projects import RIGHT, SOURCE, site_of

from panoply_testing.report.model import CheckResult, SourceReport
from panoply_testing.review import _mutant_runs
from panoply_testing.review import mutation as family
from panoply_testing.review._mutant_runs import Tried, is_clean, mutants_tried
from panoply_testing.review._mutants import Mutant, choose, mutants_of, seed_of
from panoply_testing.review._pytest_facts import OwnTest, Ran, contract_of, own_tests_of
from panoply_testing.review._site import source_texts
from panoply_testing.review.mutation import judge


def changed(code):
    """The kinds and the changed lines of all mutants of a function's body."""
    text = "class Stream:\n    def read(self, n):\n" + "".join(f"        {line}\n" for line in code.splitlines())
    found = []
    for mutant in mutants_of({"a.py": text}):
        new = [line.strip() for line in mutant.text.splitlines() if line not in text.splitlines()]
        found.append((mutant.kind, new[0] if new else ""))
    return [each for each in found if each[0] != "bodies"]


@pytest.mark.parametrize(
    ("code", "mutants"),
    [
        ("x = 1\nreturn None", [("end", "return []")]),
        ("x = 1\nreturn", [("end", "return []")]),
        ("return self.rows", [("end", "return None")]),
        ("self.page += 1", [("counting", "self.page += 2")]),
        ("self.loaded += len(rows)", [("counting", "pass")]),
        ("x = page - 1", [("counting", "x = page - 0")]),
        ("self.progress(1, 2)", [("calls", "pass")]),
        ("await self.response.raise_for_status()", []),
        ("if a < b: x()", [("conditions", "if a <= b: x()")]),
        ("if n > 0: x()", [("conditions", "if n <= 0: x()")]),
        ("if a is  not None: x()", [("conditions", "if a is None: x()")]),
        ("if rows: x()", [("conditions", "if not (rows): x()")]),
        ("raise ValueError('x' + str(1 + 1))", []),
        ("x()\nraise ValueError('x' + str(1 + 1))", [("errors", "pass")]),
        # Words, limits, what is false anyway.
        ("self.log(n + 1)\nreturn 0", []),
        ("if 'ä' == a: x()", [("conditions", "if 'ä' != a: x()")]),
        ("x: int = b", []),
        ("return (\n  a +\n  1)", [("end", "return None")]),
    ],
)
def test_a_mistake_is_made_in_one_place(code, mutants):
    if code.startswith("await"):
        assert mutants_of({"a.py": code}) == []
    elif code.startswith("return (\n"):
        assert [kind for kind, _ in changed(code)] == ["end", "counting"]
    else:
        assert changed(code) == mutants


def test_an_emptied_function_does_nothing_and_those_that_do_nothing_are_left_alone():
    text = (
        "class Stream:\n"
        '    def close(self):\n        """Close."""\n        self.a.close()\n        self.b.close()\n'
        "    def __init__(self):\n        self.a = 1\n"
        "    def __repr__(self):\n        return self.a\n"
        "    def nothing(self):\n        raise NotImplementedError\n"
        "    @property\n    def a(self):\n        self.x()\n"
    )
    (mutant,) = [each for each in mutants_of({"a.py": text}) if each.kind == "bodies"]
    assert (mutant.function, mutant.line) == ("Stream.close", 4)
    assert '"""Close."""\n        pass\n    def __init__' in mutant.text


@pytest.mark.parametrize("text", ["", "x = (", "\0", "def f(): pass", "x = 1 + 1\n"])
def test_where_there_is_nothing_to_break_there_are_no_mutants(text):
    assert mutants_of({"a.py": text}) == []


def test_every_mutant_is_python_and_differs():
    texts = {name: text for name, text in RIGHT.items() if name.endswith(".py")}
    mutants = mutants_of(texts)
    assert len(mutants) > 8
    for mutant in mutants:
        ast.parse(mutant.text)
        assert ast.dump(ast.parse(mutant.text)) != ast.dump(ast.parse(texts[mutant.path]))


POOL = mutants_of({"shop/source.py": SOURCE})


@given(seed=st.integers(), number=st.integers(0, 30))
def test_a_choice_is_of_all_kinds_and_can_be_repeated(seed, number):
    chosen = choose(POOL, number, seed)
    assert chosen == choose(POOL, number, seed)
    assert len(chosen) == min(number, len(POOL))
    assert all(each in POOL for each in chosen)
    kinds = {each.kind for each in POOL}
    assert len({each.kind for each in chosen}) == min(number, len(kinds))


def test_the_seed_is_the_codes():
    assert seed_of({"a": "x", "b": "y"}) == seed_of({"b": "y", "a": "x"})
    assert seed_of({"a": "x"}) != seed_of({"a": "y"})


def some(number):
    return tuple(
        Mutant(path="a.py", line=each + 1, function="read", kind="end", what=f"`{each}` is left out", text="")
        for each in range(number)
    )


@pytest.mark.parametrize(("missed", "findings"), [(0, 0), (1, 0), (2, 0), (3, 3), (8, 8)])
def test_a_quarter_may_be_missed(missed, findings):
    outcome = judge(Tried(noticed=some(8)[missed:], missed=some(8)[:missed], wanted=8))
    assert len(outcome.findings) == findings
    assert f"8 mistakes made; {8 - missed} noticed." in outcome.notes[0].text
    assert ("Not noticed: a.py:1: `0` is left out" in outcome.notes[0].text) is (0 < missed <= 2)
    if findings:
        assert outcome.findings[0].found == "Nothing fails where, in read, `0` is left out."


def test_what_there_was_no_time_for_is_told():
    assert judge(Tried(wanted=8)).unchecked[0].reason.startswith("the time was over")
    assert "1 mistake made, of 8" in judge(Tried(noticed=some(1), wanted=8)).notes[0].text
    assert judge(Tried()).judged == ("mistakes_are_noticed",)


def test_it_is_done_only_where_it_was_asked_for(project, tmp_path):
    site = site_of(project(), tmp_path / "scratch")
    assert "--thorough" in family.look(site).unchecked[0].reason
    off = replace(site, thorough=True, settings=replace(site.settings, mutants=0))
    assert "settings" in family.look(off).unchecked[0].reason


def check(outcome):
    return (SourceReport(name="shop", checks=(CheckResult(name="a", level="MUST", outcome=outcome),)),)


@pytest.mark.parametrize(
    ("ran", "clean"),
    [
        (Ran(tests=(OwnTest(name="a", path="a.py", line=1, outcome="passed"),)), True),
        (Ran(tests=(OwnTest(name="a", path="a.py", line=1, outcome="failed"),)), False),
        (Ran(tests=(OwnTest(name="a", path="a.py", line=1),)), False),
        (Ran(problem="ended"), False),
        (Ran(broken=(("a.py", "no"),)), False),
        (Ran(sources=check("passed")), True),
        (Ran(sources=check("known issue")), True),
        (Ran(sources=check("warned")), False),
    ],
)
def test_a_mistake_is_noticed_by_whatever_fails(ran, clean):
    assert is_clean(ran) is clean


PASSED = Ran(tests=(OwnTest(name="a", path="a", line=1, outcome="passed"),), sources=check("passed"))


def with_runs(site, tests, contract):
    """A site at which both runs have been made already."""
    for gather, ran in ((own_tests_of, tests), (contract_of, contract)):
        found = Future()
        found.set_result(ran)
        site._facts[gather] = found
    return replace(site, thorough=True)


def test_what_the_tests_or_the_contract_notice_is_told_from_what_nothing_does(project, tmp_path, monkeypatch):
    rows = '        return [{"number": number} for number in batch]\n'
    marked = SOURCE.replace(rows, f"        if len(batch) > 900:\n            self._left += [4]\n{rows}")
    folder = project({"shop/source.py": marked})
    site = with_runs(site_of(folder, tmp_path / "scratch"), PASSED, PASSED)
    pool = mutants_of(source_texts(site))
    # The first one is noticed by a test, the second one by a check, and the last one by nothing.
    wanted = ("`return None`", "`self.progress(", "`self._left += [4]`")
    chosen = [next(each for each in pool if each.what.startswith(what)) for what in wanted]
    monkeypatch.setattr(_mutant_runs, "choose", lambda *_: chosen)
    outcome = mutants_tried(site)
    assert (outcome.noticed, outcome.missed) == (tuple(chosen[:2]), tuple(chosen[2:]))
    assert (folder / "shop/source.py").read_text() == marked


@pytest.mark.parametrize(
    ("tests", "contract", "problem"),
    [
        (replace(PASSED, problem="ended"), PASSED, "own tests fail"),
        (PASSED, Ran(sources=check("warned")), "the contract is not kept"),
        (Ran(), PASSED, "no test"),
        (PASSED, Ran(sources=check("skipped")), "no check"),
    ],
)
def test_what_fails_or_is_skipped_anyway_can_notice_nothing(project, tmp_path, tests, contract, problem):
    assert problem in mutants_tried(with_runs(site_of(project(), tmp_path / "scratch"), tests, contract)).problem
