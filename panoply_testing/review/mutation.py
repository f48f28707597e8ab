"""The rule that mistakes are noticed: a few are made in the source on purpose, and its tests, or the contract, have to fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from panoply_testing.report._words import count
from panoply_testing.review._environment import needs_of
from panoply_testing.review._module_facts import module_of
from panoply_testing.review._mutant_runs import Tried, mutants_tried
from panoply_testing.review.model import Finding, Note, Outcome, Rule, Unchecked

if TYPE_CHECKING:
    from panoply_testing.review._site import Site

__all__ = ["RULES", "judge", "look"]

NOTICED: Final = Rule(
    name="mistakes_are_noticed",
    group="tests",
    level="SHOULD",
    claim="Of a few small mistakes that are made in the source on purpose, its tests and the contract notice three quarters.",
    why="Tests that pass with a mistake in the source pass with the next one, too, which nobody has made on purpose.",
    fix="Write a test that fails with the mistake; or remove the code, if it makes no difference.",
)

RULES: Final = (NOTICED,)

# Some mistakes make no difference to anybody; up to this share of them, nothing is said.
_MOST_MISSED: Final = 0.25


def judge(tried: Tried) -> Outcome:
    """Judge what was noticed."""
    if tried.problem:
        return _unchecked(tried.problem)
    done = len(tried.noticed) + len(tried.missed)
    if tried.wanted and not done:
        return _unchecked("the time was over before the first mistake was tried")
    if not done:
        note = Note(rule=NOTICED.name, text="There is nothing in the source in which a mistake could be made.")
        return Outcome(judged=(NOTICED.name,), notes=(note,))
    cut = f", of {tried.wanted} that there were to be, had time not run out" if done < tried.wanted else ""
    text = f"{count(done, 'mistake')} made{cut}; {len(tried.noticed)} noticed."
    missed = tried.missed if len(tried.missed) > _MOST_MISSED * done else ()
    if tried.missed and not missed:
        text = f"{text} Not noticed: {'; '.join(f'{each.path}:{each.line}: {each.what}' for each in tried.missed)}."
    return Outcome(
        judged=(NOTICED.name,),
        findings=tuple(
            Finding(
                rule=NOTICED.name,
                found=f"Nothing fails where, in {each.function}, {each.what}.",
                path=each.path,
                line=each.line,
                key=f"{each.function}:{each.what}",
            )
            for each in missed
        ),
        notes=(Note(rule=NOTICED.name, text=text),),
    )


def _unchecked(reason: str) -> Outcome:
    return Outcome(unchecked=(Unchecked(rule=NOTICED.name, reason=reason),))


def look(site: Site) -> Outcome:
    """Make the mistakes, where there is time for that."""
    if not site.settings.mutants:
        return _unchecked("the project's settings ask for no mutants")
    if not site.thorough:
        return _unchecked("it takes minutes; --thorough does it")
    reason = site.fact(needs_of).missing
    reason = reason or ("the module cannot be imported" if any(each.problem for each in site.fact(module_of)) else "")
    return _unchecked(reason) if reason else judge(site.fact(mutants_tried))
