"""A review as JUnit XML: a suite for each group, a test for each rule."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from panoply_testing.review.formats._words import heading, remedy, summary, where
from panoply_testing.review.model import GROUPS

if TYPE_CHECKING:
    from panoply_testing.review.model import Review, Rule

__all__ = ["render"]

# What XML 1.0 cannot hold, not even escaped.
_FORBIDDEN: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(review: Review) -> str:
    """The whole review."""
    root = ET.Element("testsuites", name=_sound(f"panoply review of {heading(review)}"), time=f"{review.duration:.3f}")
    for group in GROUPS:
        rules = [rule for rule in review.rules if rule.group == group]
        if rules:
            _suite(root, review, group, rules)
    _total(root, [each for suite in root for each in suite])
    ET.SubElement(ET.SubElement(root, "properties"), "property", name="verdict", value=_sound(summary(review)))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(root: ET.Element, review: Review, group: str, rules: list[Rule]) -> None:
    suite = ET.SubElement(root, "testsuite", name=group, timestamp=review.started, time="0")
    for rule in rules:
        case = ET.SubElement(suite, "testcase", classname=f"review.{group}", name=rule.name, time="0")
        findings = [each for each in review.findings if each.rule == rule.name]
        missing = [each for each in review.unchecked if each.rule == rule.name]
        if findings:
            texts = [
                "\n".join(part for part in (where(each), each.found, remedy(review, each)) if part) for each in findings
            ]
            failure = ET.SubElement(case, "failure", type=rule.level, message=_sound(findings[0].found))
            failure.text = _sound("\n\n".join(texts))
        elif missing:
            ET.SubElement(case, "skipped", message=_sound(missing[0].reason))
        said = [
            f"ignored: {each.finding.found} ({each.reason})"
            for each in review.ignored
            if each.finding.rule == rule.name
        ]
        said += [each.text for each in review.notes if each.rule == rule.name]
        if said:
            ET.SubElement(case, "system-out").text = _sound("\n".join(said))
    _total(suite, list(suite))


def _total(element: ET.Element, cases: list[ET.Element]) -> None:
    element.set("tests", str(len(cases)))
    element.set("failures", str(sum(case.find("failure") is not None for case in cases)))
    element.set("errors", "0")
    element.set("skipped", str(sum(case.find("skipped") is not None for case in cases)))


def _sound(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
