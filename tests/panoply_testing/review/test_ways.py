"""What breaks a rule gives a finding of that rule, and what only looks like it gives none: with whole projects, on disk.

Each is taken to the rule that is to tell; `make review-matrix` takes each to the whole review, where no other rule that has
to hold may tell of it as well. Where a rule runs the source or builds it, a usual run of these tests takes one way of many.
"""

from __future__ import annotations

import os

import pytest
from ways import WAYS, Ways, every_way, make, way_of
from ways._making import VERSION, way
from ways._secrets import EVERY as SECRETS
from ways._surroundings import surrounded

from panoply_testing.review import review
from panoply_testing.review.families import FAMILIES, every_rule
from panoply_testing.review.formats import FORMATS, rendered

FEWEST_BROKEN, FEWEST_KEPT = 3, 2

# All of them would take minutes: of each family every so many are tried, the fewer the more it costs to look at one.
EVERY_SO_MANY = {
    "contract": 24,
    "tests": 16,
    "packaging": 16,
    "code": 8,
    "leaks": 5,
    "dependencies": 4,
    "installs": 4,
    "git": 4,
    "module": 4,
    "config": 8,
    "compatibility": 8,
    "egress": 8,
    "tables": 8,
}


def lacking(ways: dict[str, Ways]) -> list[str]:
    """What the table has too little of."""
    return [
        f"{rule.name}: {kind}"
        for rule in every_rule()
        for kind, least in (("broken", FEWEST_BROKEN), ("kept", FEWEST_KEPT))
        if len({each.phrase for each in getattr(ways.get(rule.name, Ways(broken=(), kept=())), kind)}) < least
    ]


def test_each_rule_has_several_ways_and_look_alikes():
    assert lacking(WAYS) == []
    assert WAYS.keys() == {rule.name for rule in every_rule()}


def test_a_rule_without_ways_would_be_missed():
    ways = WAYS["tag_is_annotated"]
    fewer = WAYS | {"tag_is_annotated": Ways(broken=ways.broken[:2], kept=ways.kept[:1] * 2)}
    assert lacking(fewer) == ["tag_is_annotated: broken", "tag_is_annotated: kept"]
    del fewer["tag_is_annotated"]
    assert len(lacking(fewer)) == 2


def test_each_is_told_in_words_that_fit_a_list():
    for ways in WAYS.values():
        for each in (*ways.broken, *ways.kept):
            assert each.phrase == each.phrase.strip(" .;")
            assert "\n" not in each.phrase


def tried() -> list[tuple[str, int, bool]]:
    """Those that a usual run tries."""
    families = {rule.name: family.name for family in FAMILIES for rule in family.rules}
    counted: dict[str, int] = {}
    found = []
    for rule, number, is_broken in every_way():
        if way_of(rule, number, is_broken=is_broken).is_slow:
            continue
        family = families[rule]
        counted[family] = counted.get(family, -1) + 1
        if os.environ.get("PANOPLY_ALL_WAYS") or counted[family] % EVERY_SO_MANY.get(family, 1) == 0:
            found.append((rule, number, is_broken))
    return found


@pytest.fixture(scope="module")
def around(tmp_path_factory):
    with surrounded(tmp_path_factory.mktemp("around")):
        yield


def called(rule: str, number: int, *, is_broken: bool) -> str:
    """A name for a test."""
    return f"{rule}-{'' if is_broken else 'not '}{way_of(rule, number, is_broken=is_broken).phrase}"


@pytest.mark.parametrize(
    ("rule", "number", "is_broken"),
    [pytest.param(*each, id=called(each[0], each[1], is_broken=each[2])) for each in tried()],
)
def test_a_way_is_told_and_a_look_alike_is_not(around, tmp_path, rule, number, is_broken):
    each = way_of(rule, number, is_broken=is_broken)
    done = review(make(each, tmp_path), only=[rule], thorough=each.is_thorough)
    assert bool(done.findings) == is_broken, done
    assert {found.rule for found in done.findings} <= {rule}
    # What was found stands, whatever else nobody could look at.
    assert is_broken or done.unchecked == ()
    texts = "".join(rendered(done, form) for form in FORMATS)
    assert not any(secret in texts for secret in SECRETS)


def test_the_project_that_nothing_was_done_to_is_right(around, tmp_path):
    done = review(make(way("nothing"), tmp_path), only=["git", "release", "config", "dependencies", "project"])
    assert (done.version, done.findings) == (VERSION.removeprefix("v"), ())
