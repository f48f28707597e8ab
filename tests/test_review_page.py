"""REVIEW.md lists the rules of the review as they are. To write it anew: python tests/test_review_page.py > REVIEW.md"""

from __future__ import annotations

import re
import tomllib
from itertools import groupby
from pathlib import Path

from panoply_testing.review._settings import ReviewSettings
from panoply_testing.review.families import every_rule

ROOT = Path(__file__).parent.parent

HEAD = """\
# The rules of the review

`panoply review` looks at each of them. What breaks a MUST has to be mended; what breaks a SHOULD as well, or it is given a reason:

```toml
[tool.panoply.review]
ignore = { rule_name = "the reason, which the report shows" }
```

Names never change their meaning: settings, `--only` and `--ignore` can rely on them, and on those of the groups.
`mistakes_are_noticed` and `verdict_is_stable` take minutes: they are looked at with `--thorough`, and are "not checked" without.
"""


def page() -> str:
    parts = [HEAD]
    for group, rules in groupby(every_rule(), key=lambda rule: rule.group):
        parts.append(
            f"\n## {group}\n\n| rule | level | what holds | why | what to do |\n| --- | --- | --- | --- | --- |\n"
        )
        parts += (f"| `{rule.name}` | {rule.level} | {rule.claim} | {rule.why} | {rule.fix} |\n" for rule in rules)
    return "".join(parts)


def test_the_page_lists_every_rule_as_it_is():
    assert (ROOT / "REVIEW.md").read_text(encoding="utf-8") == page(), __doc__


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
