"""The rule that the verdict does not hang on circumstances: the same tests, run again where all of them are others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from panoply_testing.report._words import count
from panoply_testing.review._environment import needs_of
from panoply_testing.review._module_facts import module_of
from panoply_testing.review._repeats import Changed, Repeated, repeats_of
from panoply_testing.review.model import Finding, Outcome, Rule, Unchecked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from panoply_testing.review._site import Site

__all__ = ["RULES", "judge", "look"]

STABLE: Final = Rule(
    name="verdict_is_stable",
    group="stability",
    level="SHOULD",
    claim="The tests and the contract come to the same with another hash seed, time zone, locale, working folder and order of tests.",
    why="What passes here by luck fails elsewhere: the platform's machines have another time zone, and nobody's working folder.",
    fix="Say what was taken for granted: the time zone (datetime.now(UTC)), the encoding (open(..., encoding=...)), the folder "
    "(Path(__file__).parent), the order of a set (sorted), what an earlier test has left behind.",
)

RULES: Final = (STABLE,)

# So many tests are named for each circumstance.
_MOST: Final = 3


def judge(repeated: Repeated) -> Outcome:
    """Judge what came out differently."""
    if repeated.problem:
        return _unchecked(repeated.problem)
    return Outcome(judged=(STABLE.name,), findings=tuple(_differing(repeated.changed)))


def _differing(changed: tuple[Changed, ...]) -> Iterator[Finding]:
    for circumstance in dict.fromkeys(each.circumstance for each in changed):
        these = [each for each in changed if each.circumstance == circumstance]
        named = "; ".join(f"{each.name} {_became(each)}" for each in these[:_MOST])
        more = f"; and {count(len(these) - _MOST, 'more test')}" if len(these) > _MOST else ""
        yield Finding(
            rule=STABLE.name,
            found=f"{circumstance}, it comes out differently: {named}{more}.",
            path=these[0].path,
            line=these[0].line,
            key=circumstance,
        )


def _became(changed: Changed) -> str:
    before, now = (each or "does not come to its end" for each in (changed.before, changed.now))
    said = f" ({changed.message})" if changed.message else ""
    return f"was {before}, and is {now}{said}" if changed.before and changed.now else f"{now}{said}"


def _unchecked(reason: str) -> Outcome:
    return Outcome(unchecked=(Unchecked(rule=STABLE.name, reason=reason),))


def look(site: Site) -> Outcome:
    """Repeat the runs, where there is time for that."""
    if not site.thorough:
        return _unchecked("it takes minutes; --thorough does it")
    reason = site.fact(needs_of).missing
    reason = reason or ("the module cannot be imported" if any(each.problem for each in site.fact(module_of)) else "")
    return _unchecked(reason) if reason else judge(site.fact(repeats_of))
