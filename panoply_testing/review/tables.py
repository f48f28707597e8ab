"""The rule that the README names each table: those that records went into in the contract's runs."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from panoply_testing.review._environment import needs_of
from panoply_testing.review._module_facts import module_of
from panoply_testing.review._pytest_facts import contract_of
from panoply_testing.review._site import Site, files_of
from panoply_testing.review.model import Finding, Outcome, Rule, Unchecked
from panoply_testing.review.packaging import README_FILE

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["RULES", "judge", "look"]

NAMED: Final = Rule(
    name="readme_names_each_table",
    group="packaging",
    level="SHOULD",
    claim="The README names each table that records went into in the contract's runs; `shop_RESOURCE` stands for many.",
    why="Users look in the README for what they get, and where.",
    fix="Say in the README which tables the source fills, and what a row of each one is.",
)

RULES: Final = (NAMED,)

# So many are told one by one.
_MOST: Final = 8

# What stands for something else in a name: {name}, <name>, *, an ellipsis, a word in capitals.
_PLACEHOLDER: Final = re.compile(
    r"\{[^{}]*\}|<[^<>]*>|\*+|\.\.\.|…|(?<![A-Za-z])[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)*(?![A-Za-z])"
)
_PART: Final = re.compile(r"[\W_]+")
_WORD: Final = re.compile(r"[^\s`|,;()\"']+")


def judge(readme: str, tables: Sequence[str]) -> Outcome:
    """Judge the README's text.

    Args:
        readme: the text.
        tables: the tables' names; what is in braces in one, is filled in later.
    """
    missing = [each for each in tables if "{" not in each and not _names(readme, each, tables)]
    if not missing:
        return Outcome(judged=(NAMED.name,))
    more = f" and {len(missing) - _MOST} more" if len(missing) > _MOST else ""
    found = (
        f"The README does not name the {'table' if len(missing) == 1 else 'tables'} {', '.join(missing[:_MOST])}{more}."
    )
    return Outcome(judged=(NAMED.name,), findings=(Finding(rule=NAMED.name, found=found, key=", ".join(missing)),))


def _names(text: str, table: str, tables: Sequence[str]) -> bool:
    if _says(text, table) or any(_stands_for(word, table) for word in _WORD.findall(text)):
        return True
    # What tells it from the others is enough: `orders`, of shop_orders and shop_customers.
    every = [_PART.split(each) for each in tables if "{" not in each]
    shared = sum(1 for _ in takewhile(lambda parts: len(set(parts)) == 1, zip(*every, strict=False)))
    own = "_".join(_PART.split(table)[shared:])
    return len(every) > 1 and bool(own) and _says(text, own)


def _says(text: str, name: str) -> bool:
    """Whether a text has a name, whole, in letters of either case; its parts may be words of their own."""
    pattern = _PART.pattern.join(map(re.escape, _PART.split(name.strip("_"))))
    return bool(re.search(rf"(?<![^\W_]){pattern}(?![^\W_])", text, re.IGNORECASE))


def _stands_for(word: str, table: str) -> bool:
    """Whether a word with something to be filled in may be a table's name, as `shop_RESOURCE` is."""
    parts = _PLACEHOLDER.split(word.rstrip(".:"))
    if len(parts) == 1 or not any(len(part.strip("_-. ")) > 1 for part in parts):
        return False
    return bool(re.fullmatch(".+".join(map(re.escape, parts)), table, re.IGNORECASE))


def look(site: Site) -> Outcome:
    """Read the README beside what the contract's runs have filled."""
    names = [path for path in site.fact(files_of) if README_FILE.search(path)]
    if not names:
        return _unchecked("there is no README")
    reason = site.fact(needs_of).missing
    if reason or any(each.problem for each in site.fact(module_of)):
        return _unchecked(reason or "the module cannot be imported")
    runs = [run for source in site.fact(contract_of).sources for run in source.runs]
    tables = list(dict.fromkeys(each.table for run in runs for each in run.tables))
    if not tables:
        return _unchecked("the contract's runs gave no record")
    text = (site.project.root / names[0]).read_text(encoding="utf-8", errors="replace")
    return judge(text, tables)


def _unchecked(reason: str) -> Outcome:
    return Outcome(unchecked=(Unchecked(rule=NAMED.name, reason=reason),))
