"""Which findings of a review are only what comes of others: one mistake is told once, where it can be mended. Values in, values out.

The contract sees what a source does, the rules about code where it is written. Where both tell of the same, the place is of
more use; that the contract fails by it as well is worth a note. The next review has the contract's word again, if it was
about something else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from panoply_testing.review._code_leaks import SINK_WORDS
from panoply_testing.review.model import Finding, Note

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["without_consequences"]

_CONTRACT: Final = "contract_is_kept"

# For each check of the contract the rules about code that tell of the same, with its place.
_CAUSES: Final = {
    "network_calls_time_out": frozenset({"calls_have_time_limits"}),
    "faults_are_reported": frozenset({"failures_are_not_swallowed"}),
    "read_survives_a_fault": frozenset({"failures_are_not_swallowed", "constructor_does_no_work"}),
    "bad_credentials_fail_clearly": frozenset({"failures_are_not_swallowed"}),
    "module_imports_quietly": frozenset({"nothing_is_printed", "constructor_does_no_work"}),
}

# The checks that look for credentials, each with the last steps of the ways on which one gets there.
_LEAKS: Final = "credentials_stay_inside"
_SINKS: Final = {
    check: frozenset(SINK_WORDS[kind] for kind in kinds)
    for check, kinds in {
        "logs_hide_credentials": ("log", "logging", "print", "warning"),
        "progress_hides_credentials": ("progress",),
        "errors_hide_credentials": ("raise", "request"),
        "state_hides_credentials": ("state",),
        "processes_hide_credentials": ("process",),
        "repr_hides_credentials": tuple(SINK_WORDS),
    }.items()
}

# A source logs at many places, and the contract names the one; of the rest it knows the function, if that.
_PLACED: Final = "logs_hide_credentials"


# A source that reaches for somebody else does so in the project's own tests, too.
_NETWORK: Final = "tests_need_no_network"
_ELSEWHERE: Final = "runs_reach_nobody_else"


def without_consequences(findings: Iterable[Finding]) -> tuple[tuple[Finding, ...], tuple[Note, ...]]:
    """The findings but for those that only come of others; and a note for each of these."""
    every = tuple(findings)
    elsewhere = {host for each in every if each.rule == _ELSEWHERE for host in _hosts(each)}
    left, notes = [], []
    for each in every:
        if each.rule == _NETWORK and set(_hosts(each)) <= elsewhere:
            notes.append(Note(rule=each.rule, text=f"{each.found} It is the source that does, as {_ELSEWHERE} tells."))
            continue
        causes = [other for other in every if _comes_of(each, other)]
        if not causes:
            left.append(each)
            continue
        named = ", ".join(dict.fromkeys(other.rule for other in causes))
        notes.append(Note(rule=each.rule, text=f"{_check(each)} fails as well, by what {named} tells."))
    return tuple(left), tuple(notes)


def _hosts(finding: Finding) -> list[str]:
    """The hosts that something reaches for, as the findings about that name them."""
    return finding.found.partition(" reaches for ")[2].partition(", which ")[0].rstrip(".").split(", ")


def _check(finding: Finding) -> str:
    """The check of the contract that a finding is about."""
    return finding.key.rpartition("::")[2] if finding.rule == _CONTRACT else ""


def _comes_of(finding: Finding, cause: Finding) -> bool:
    check = _check(finding)
    if cause.rule != _LEAKS:
        return cause.rule in _CAUSES.get(check, ())
    if not cause.flow or cause.flow[-1].what not in _SINKS.get(check, ()):
        return False
    places = {(step.path, step.line) for step in cause.flow}
    return check != _PLACED or not finding.line or (finding.path, finding.line) in places
