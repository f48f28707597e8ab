"""REVIEW.md has the rules of the review as they are, and the ways that they are tested with.

To write it anew: python tests/test_review_page.py > REVIEW.md
"""

from __future__ import annotations

import re
import sys
import tomllib
from itertools import groupby
from pathlib import Path

if __name__ == "__main__":
    # Where pytest finds modules, by its settings.
    sys.path[:0] = [str(Path(__file__).parent / each) for each in ("panoply_testing", "panoply_testing/review")]

from typing import TYPE_CHECKING

from ways import WAYS

from panoply_testing.review._settings import ReviewSettings
from panoply_testing.review.families import every_rule

if TYPE_CHECKING:
    from panoply_testing.review.model import Rule

ROOT = Path(__file__).parent.parent

HEAD = """\
# The rules of the review

`panoply review` looks at each of them. What breaks a MUST has to be mended; what breaks a SHOULD as well, or it is given a reason:

```toml
[tool.panoply.review]
ignore = { rule_name = "the reason, which the report shows" }
```

Names never change their meaning: settings, `--only` and `--ignore` can rely on them, and on those of the groups.
`mistakes_are_noticed` and `verdict_is_stable` take minutes, and `dependencies_have_no_known_vulnerabilities` asks a database on the
network: they are looked at with `--thorough`, and are "not checked" without.

Below each rule there is what breaks it, and what only looks like that and does not: the projects that the rules are tested
with (`make review-matrix`). There are other ways to break a rule.
"""


def page() -> str:
    groups = [(group, list(rules)) for group, rules in groupby(every_rule(), key=lambda rule: rule.group)]
    parts = [HEAD, "\n## The rules\n"]
    for group, rules in groups:
        parts.append(f"\n**[{group}](#{group})**\n\n")
        parts += (f"- [`{rule.name}`](#{rule.name}) ({rule.level}): {rule.claim}\n" for rule in rules)
    for group, rules in groups:
        parts.append(f"\n## {group}\n")
        parts += (section(rule) for rule in rules)
    return "".join(parts)


def section(rule: Rule) -> str:
    """All there is to say of one rule, below a heading that is its name."""
    ways = WAYS[rule.name]
    lines = [
        f"### `{rule.name}`",
        f"**{rule.level}.** {rule.claim}",
        f"**Why:** {rule.why}",
        f"**What to do:** {rule.fix}",
        "Broken by:",
        "\n".join(f"- {escaped(each.phrase)}" for each in ways.broken),
        "Not broken by:",
        "\n".join(f"- {escaped(each.phrase)}" for each in ways.kept),
    ]
    return "\n" + "\n\n".join(lines) + "\n"


def escaped(phrase: str) -> str:
    """A phrase as Markdown shows it: two underscores would make it bold, an asterisk would slant it."""
    return re.sub(r"([_*`<\[])", r"\\\1", phrase)


def test_the_page_lists_every_rule_as_it_is():
    assert (ROOT / "REVIEW.md").read_text(encoding="utf-8") == page(), __doc__


def test_each_rule_has_a_section_that_links_lead_to():
    text = page()
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    # As GitHub makes an anchor of a heading.
    anchors = [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]
    assert len(set(anchors)) == len(anchors)
    links = re.findall(r"\]\(#([^)]+)\)", text)
    assert set(links) <= set(anchors)
    assert {rule.name for rule in every_rule()} <= set(links)


README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_names_rules_and_settings_that_there_are():
    names = {rule.name for rule in every_rule()} | {rule.group for rule in every_rule()}
    (settings,) = [
        code for code in re.findall(r"```toml\n(.*?)```", README, re.DOTALL) if "[tool.panoply.review]" in code
    ]
    read = ReviewSettings.read(tomllib.loads(settings)["tool"]["panoply"]["review"], tuple(names))
    assert read.ignore
    asked = re.findall(r"panoply review [^\n`]*?--(?:only|ignore) ([a-z_,]+)", README)
    assert len(asked) >= 2
    assert {name for each in asked for name in each.split(",")} <= names


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201 - that is what it is called for
