"""What a review is made of: rules, findings, and what could not be checked. Values only.

How they come about is the business of the modules with rules, and how they look that of the formats.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, get_args

from panoply.errors import PanoplyException

if TYPE_CHECKING:
    from panoply_testing.checks import Level
    from panoply_testing.review._dossier import Dossier

__all__ = [
    "GROUPS",
    "CannotReview",
    "Finding",
    "Group",
    "Ignored",
    "Note",
    "Outcome",
    "Review",
    "Rule",
    "Step",
    "Unchecked",
    "Verdict",
]

Group = Literal[
    "project",
    "contract",
    "tests",
    "code",
    "dependencies",
    "packaging",
    "git",
    "release",
    "config",
    "egress",
    "stability",
]

# In this order they are shown.
GROUPS: Final[tuple[Group, ...]] = get_args(Group)

# What a review comes to. `incomplete`: nothing was found, and a rule that has to hold could not be judged.
Verdict = Literal["ready", "findings", "incomplete"]

_EXIT_CODES: Final[dict[Verdict, int]] = {"ready": 0, "findings": 1, "incomplete": 2}


class CannotReview(PanoplyException):
    """There is nothing to review, or what is asked for is of no use: the message says why, and what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=False)


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
class Note:
    """What is worth knowing of a rule, and breaks nothing."""

    rule: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """A finding that the project's author has given a reason for."""

    finding: Finding
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
    notes: tuple[Note, ...] = ()

    def __add__(self, other: Outcome) -> Outcome:
        """What became of the rules of both."""
        return Outcome(
            judged=self.judged + other.judged,
            findings=self.findings + other.findings,
            unchecked=self.unchecked + other.unchecked,
            notes=self.notes + other.notes,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What a review of one project came to.

    Attributes:
        project: its name. `module`: the source's module. `version`: empty where nobody knows it.
        rules: all that were asked for, in the order of their groups.
        judged: the names of those that were looked at.
        findings: worst first. `known`: those that the baseline has as well. `ignored`: those with a reason.
        left_out: the names of the rules that were not asked for.
        folder: where in its repository the project is, with a `/` at its end; empty: at the top.
        seconds: how long each family of rules took; they run side by side.
        started: a time as ISO 8601 writes it.
        dossier: what else a reviewer has to know; None: nobody asked for it.
    """

    project: str
    module: str = ""
    version: str = ""
    kit_version: str = ""
    folder: str = ""
    rules: tuple[Rule, ...] = ()
    judged: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    known: tuple[Finding, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    notes: tuple[Note, ...] = ()
    left_out: tuple[str, ...] = ()
    seconds: tuple[tuple[str, float], ...] = ()
    duration: float = 0.0
    started: str = ""
    dossier: Dossier | None = field(default=None, repr=False)

    def rule(self, name: str) -> Rule:
        """The rule of that name."""
        return next(rule for rule in self.rules if rule.name == name)

    def level(self, finding: Finding | Unchecked) -> Level:
        """How much it matters: as much as its rule."""
        return self.rule(finding.rule).level

    @property
    def kept(self) -> tuple[str, ...]:
        """The names of the rules that were judged, and that nothing was found against."""
        broken = {each.rule for each in (*self.findings, *self.known, *(each.finding for each in self.ignored))}
        missing = {each.rule for each in self.unchecked}
        return tuple(name for name in self.judged if name not in broken | missing)

    @property
    def verdict(self) -> Verdict:
        """Whether the project is ready to be handed in."""
        if self.findings:
            return "findings"
        return "incomplete" if any(self.level(each) == "MUST" for each in self.unchecked) else "ready"

    @property
    def exit_code(self) -> int:
        """0: ready; 1: there are findings; 2: what has to hold could not be reviewed."""
        return _EXIT_CODES[self.verdict]
