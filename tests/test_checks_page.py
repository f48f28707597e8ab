"""CHECKS.md lists the contract as it is. To write it anew: python tests/test_checks_page.py > CHECKS.md"""

from __future__ import annotations

import re
from pathlib import Path

from panoply_testing.contract import CONTRACT

ROOT = Path(__file__).parent.parent

HEAD = """\
# The checks of the data source contract

`pytest --panoply-source=mymod` runs each of them as a test, `mymod::NAME`. A breach of a MUST fails it; one of a SHOULD is a
warning, and fails under `--panoply-strict`. What cannot be judged is skipped, and says what to provide. Names never change
their meaning: known issues, `-k` and `--deselect` can rely on them.

| check | level | the rule | why |
| --- | --- | --- | --- |
"""


def page() -> str:
    rows = (f"| `{check.name}` | {check.level} | {check.rule} | {check.why} |\n" for check in CONTRACT)
    return HEAD + "".join(rows)


def test_the_page_lists_every_check_as_it_is():
    assert (ROOT / "CHECKS.md").read_text(encoding="utf-8") == page(), __doc__


def test_no_text_of_a_check_breaks_the_table():
    assert not [check.name for check in CONTRACT if re.search(r"[|\n]", check.rule + check.why)]


def test_the_readme_counts_them_right():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    must = sum(check.level == "MUST" for check in CONTRACT)
    assert f"The contract has {len(CONTRACT)} checks" in readme
    assert f"{must} of which a source must pass; the other {len(CONTRACT) - must} are warnings" in readme


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201 - that is what it is called for
