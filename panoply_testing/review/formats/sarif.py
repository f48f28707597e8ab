"""A review as SARIF 2.1.0, the form that code scanning takes."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from panoply_testing.review._baseline import print_of
from panoply_testing.review.formats._words import remedy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from panoply_testing.review.model import Finding, Review, Rule, Step

__all__ = ["render"]

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_LEVELS: Final = {"MUST": "error", "SHOULD": "warning"}

# Where a finding is about the project as a whole: code scanning shows nothing that has no place.
_WHOLE: Final = "pyproject.toml"


def render(review: Review) -> str:
    """The review as one run of one tool."""
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(review)]}
    return json.dumps(log, indent=1, ensure_ascii=False) + "\n"


def _run(review: Review) -> dict[str, Any]:
    return {
        "tool": {
            "driver": {
                "name": "panoply review",
                "version": review.kit_version or "0",
                "rules": [_rule(rule) for rule in review.rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": review.verdict != "incomplete",
                "exitCode": review.exit_code,
                "toolExecutionNotifications": [
                    {
                        "level": "warning",
                        "message": {"text": f"Not checked: {each.reason}"},
                        "associatedRule": {"id": each.rule, "index": _index(review, each.rule)},
                    }
                    for each in review.unchecked
                ],
            }
        ],
        "results": list(_results(review)),
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.name,
        "name": "".join(word.capitalize() for word in rule.name.split("_")),
        "shortDescription": {"text": rule.claim},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.fix, "markdown": f"**Why**: {rule.why}\n\n**What to do**: {rule.fix}"},
        "defaultConfiguration": {"level": _LEVELS[rule.level]},
        "properties": {"tags": [rule.group], "precision": "high", "problem.severity": _LEVELS[rule.level]},
    }


def _results(review: Review) -> Iterator[dict[str, Any]]:
    has_baseline = bool(review.known)
    for finding in review.findings:
        yield _result(review, finding) | ({"baselineState": "new"} if has_baseline else {})
    for finding in review.known:
        yield _result(review, finding) | {"baselineState": "unchanged"}
    for each in review.ignored:
        yield _result(review, each.finding) | {"suppressions": [{"kind": "external", "justification": each.reason}]}


def _result(review: Review, finding: Finding) -> dict[str, Any]:
    digest = hashlib.sha256("\0".join(print_of(finding)).encode("utf-8", "surrogatepass")).hexdigest()
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": _index(review, finding.rule),
        "level": _LEVELS[review.level(finding)],
        "message": {"text": f"{finding.found}\n{remedy(review, finding)}"},
        "locations": [{"physicalLocation": _place(review, finding.path, finding.line, finding.column)}],
        "partialFingerprints": {"panoplyReview/v1": digest},
    }
    if finding.flow:
        steps = [{"location": _step(review, step)} for step in finding.flow]
        result["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    return result


def _step(review: Review, step: Step) -> dict[str, Any]:
    return {"physicalLocation": _place(review, step.path, step.line), "message": {"text": step.what}}


def _place(review: Review, path: str, line: int, column: int = 0) -> dict[str, Any]:
    uri = quote(f"{review.folder}{path or _WHOLE}", errors="surrogateescape")
    region = {"startLine": line or 1} | ({"startColumn": column} if column else {})
    return {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}, "region": region}


def _index(review: Review, name: str) -> int:
    return next(index for index, rule in enumerate(review.rules) if rule.name == name)
