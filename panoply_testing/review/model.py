"""What a review is made of: rules, findings, and what could not be checked. Values only.

How they come about is the business of the modules with rules, and how they look that of the formats.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

if TYPE_CHECKING:
    from panoply_testing.checks import Level

__all__ = ["GROUPS", "Finding", "Group", "Outcome", "Rule", "Step", "Unchecked"]

Group = Literal[
    "project", "contract", "tests", "code", "dependencies", "packaging", "git", "config", "egress", "stability"
]

# In this order they are shown.
GROUPS: Final[tuple[Group, ...]] = get_args(Group)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that a review looks at.

    Attributes:
        name: public, and never changes its meaning; snake_case, as a claim that holds of a good project: `tag_is_annotated`.
        level: a breach of a MUST, and one of a SHOULD that nobody has given a reason for, makes a project not ready.
        claim: the rule in one sentence.
        why: what goes wrong where it is broken.
        fix: what to do, in words for somebody who has not read the rule.
    """

    name: str
    group: Group
    level: Level
    claim: str
    why: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One place on the way of a value through the code: `what` it does there, as in "param token is put into an f-string"."""

    path: str
    line: int
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One breach of one rule.

    Attributes:
        rule: the rule's name.
        found: what is there, in one sentence. Never a credential, and never a value of the user's.
        path: the file, relative to the project, with `/`. Empty: it is about the project as a whole.
        line, column: counted from 1. 0: it is about the whole file.
        fix: what to do here, where that is more than the rule says for all places.
        flow: how a value got there, from where it came from on.
        key: what stays the same when lines move, for baselines: a function's name, a param's. Empty: `found` is used.
    """

    rule: str
    found: str
    path: str = ""
    line: int = 0
    column: int = 0
    fix: str = ""
    flow: tuple[Step, ...] = ()
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchecked:
    """A rule that nobody could judge, and why. It counts neither as kept nor as broken."""

    rule: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of some rules. A rule that was judged and has no finding is kept.

    Attributes:
        judged: the names of the rules that were looked at.
    """

    judged: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
