"""Which findings are known from an earlier review, so that only what is new is told."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from panoply_testing.review.model import CannotReview

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from panoply_testing.review.model import Finding

__all__ = ["Print", "parted", "print_of", "read_baseline"]

# What stays the same of a finding when lines move.
Print = tuple[str, str, str]


def print_of(finding: Finding) -> Print:
    """By which a finding is known again."""
    return finding.rule, finding.path, finding.key or finding.found


def read_baseline(path: Path) -> Counter[Print]:
    """The findings of a report in JSON, those that were known then among them.

    Raises:
        CannotReview: it is none.
    """
    try:
        report: Any = json.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise CannotReview(f"{path}: cannot be read: {exc.strerror}.") from None
    except ValueError:
        report = None
    try:
        findings = [*report["findings"], *report["known"]]
        return Counter((str(each["rule"]), str(each["path"]), str(each["key"] or each["found"])) for each in findings)
    except (KeyError, TypeError):
        raise CannotReview(
            f"{path}: is no report of a review in JSON. Write one: panoply review --format json --output {path}"
        ) from None


def parted(findings: Iterable[Finding], baseline: Counter[Print]) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """The findings that are new, and those that are known: as often as the baseline has each."""
    left = Counter(baseline)
    new, known = [], []
    for finding in findings:
        name = print_of(finding)
        if left[name]:
            left[name] -= 1
            known.append(finding)
        else:
            new.append(finding)
    return tuple(new), tuple(known)
