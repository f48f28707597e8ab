"""What a check says: findings, and the verdict that they add up to. Values only; how they look is the report's business."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Finding", "Verdict", "failed", "passed", "skipped"]


# A place that takes more characters than these is told last.
_SHORT = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One breach of one rule.

    Attributes:
        place: where it happened, as a person would say it: "read 3, record 17".
        expected: what the rule asks for there.
        received: what was there instead. Never a value of the user's, never a credential.
        fix: what to do about it, in words for somebody who has not read the contract.
        source: the source's own line, "acme/source.py:41 in read", where it is known.
        detail: more lines to look at, such as the stack that hung.
        replay: the option with which the check's command repeats just this, "--panoply-fault=reset@17:once". Empty: there is none.
    """

    place: str
    expected: str
    received: str
    fix: str
    source: str = ""
    detail: tuple[str, ...] = ()
    replay: str = ""

    def again(self, command: str) -> str:
        """The command that repeats just this; `command`: the one that repeats the check."""
        return command if self.replay in command else f"{command} {self.replay}"

    @property
    def gist(self) -> str:
        """Where, and what was there: the finding in one sentence, which may be cut at its end."""
        if self.received.startswith(self.place):
            return self.received
        return f"{self.place}: {self.received}" if len(self.place) <= _SHORT else f"{self.received} ({self.place})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one check.

    Attributes:
        findings: the breaches, worst or first one first. None: the rule is kept, as far as was looked.
        looked_at: what the verdict rests on, as in "12 reads".
        notes: what is worth knowing and breaks nothing.
        skip: why the check could not be judged; then nothing else counts.
    """

    findings: tuple[Finding, ...] = ()
    looked_at: str = ""
    notes: tuple[str, ...] = ()
    skip: str | None = None


def passed(looked_at: str, *notes: str) -> Verdict:
    """The rule is kept; `looked_at` says by how much."""
    return Verdict(looked_at=looked_at, notes=notes)


def failed(*findings: Finding, notes: tuple[str, ...] = ()) -> Verdict:
    """The rule is broken, as each of the findings shows."""
    return Verdict(findings=findings, notes=notes)


def skipped(reason: str) -> Verdict:
    """The rule could not be judged, and this is why."""
    return Verdict(skip=reason)
