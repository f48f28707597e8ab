"""Rules about CONFIG as it is handed in, and about words that came from the template or from another source."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Final

from panoply_testing.review._environment import needs_of
from panoply_testing.review._module_facts import ModuleFacts, module_of
from panoply_testing.review._site import files_of
from panoply_testing.review.model import Finding, Note, Outcome, Rule, Unchecked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from panoply_testing.review._project import Project
    from panoply_testing.review._site import Site

__all__ = ["RULES", "are_related", "judge_config", "judge_template", "judge_words", "look"]

READY: Final = Rule(
    name="config_is_ready",
    group="config",
    level="MUST",
    claim="CONFIG has no finding in its review profile, which takes what is advice during development for an error.",
    why="It is the form that users fill in: an icon that is missing, or a param without a title, is the first thing that they see.",
    fix="Run `panoply config --review MODULE` until it has nothing to say.",
)
FILLED: Final = Rule(
    name="template_is_filled_in",
    group="config",
    level="MUST",
    claim="No file, and no file's name, holds what the template's language would have replaced.",
    why="Where one was forgotten, the project was not made by the template's tool, and others may be missing.",
    fix="Put in what belongs there, or start anew with `panoply new`.",
)
WORDS: Final = Rule(
    name="texts_are_about_this_source",
    group="config",
    level="SHOULD",
    claim="CONFIG's title and keywords, the README's heading and the description are about this source, not about the one that it was copied from.",
    why="Users find a source by these words, and do not find this one.",
    fix="Write these texts for this source.",
)

RULES: Final = (READY, FILLED, WORDS)

# The contract's config_secrets_are_masked says the same.
_MASKED: Final = "a type that is masked"


def judge_config(modules: Iterable[ModuleFacts], *, with_contract: bool) -> Outcome:
    """Judge what checking CONFIG came to.

    Args:
        modules: the source's modules.
        with_contract: whether the contract is looked at as well, which tells what is wrong at any time.
    """
    findings, notes = [], []
    for module in modules:
        for each in module.config:
            where = f"CONFIG: {each.path}" if each.path else "CONFIG"
            if each.level != "error":
                notes.append(Note(rule=READY.name, text=f"{where}: {each.found}. {each.fix}"))
            elif not (with_contract and (each.before or each.expected == _MASKED)):
                found = f"{where}: found {each.found}; expected {each.expected}."
                findings.append(
                    Finding(rule=READY.name, found=found, fix=each.fix, key=f"{each.path}: {each.expected}")
                )
        if not module.has_config and not with_contract:
            findings.append(Finding(rule=READY.name, found=f"{module.name} has no CONFIG.", key=module.name))
    return Outcome(judged=(READY.name,), findings=tuple(findings), notes=tuple(notes))


# ---------------------------------------------------------------------- the template

_TEMPLATE: Final = re.compile(
    r"\{\{[^{}\n]*\bcookiecutter\b|\{%[^%\n]*\bcookiecutter\b|\bcookiecutter\.[a-z_]+\s*(\||\}\})"
)


def judge_template(texts: Mapping[str, str]) -> Outcome:
    """Judge the project's files, given as text by their path."""
    findings = []
    for path, text in texts.items():
        if "{{" in path:
            findings.append(Finding(rule=FILLED.name, found="The name of this file has not been filled in.", path=path))
            continue
        match = _TEMPLATE.search(text)
        if match:
            line = text.count("\n", 0, match.start()) + 1
            findings.append(
                Finding(
                    rule=FILLED.name, found="Here is the template's own language.", path=path, line=line, key="template"
                )
            )
    return Outcome(judged=(FILLED.name,), findings=tuple(findings))


# ---------------------------------------------------------------------- another source

# Products, whose names say which source a text is about; not companies, who have many.
_PRODUCTS: Final = frozenset(
    [
        "airtable",
        "amplitude",
        "asana",
        "braintree",
        "chargebee",
        "dropbox",
        "dynamodb",
        "elasticsearch",
        "freshdesk",
        "github",
        "gitlab",
        "hubspot",
        "instagram",
        "intercom",
        "jira",
        "klaviyo",
        "linkedin",
        "mailchimp",
        "marketo",
        "mixpanel",
        "mongodb",
        "mysql",
        "netsuite",
        "notion",
        "outbrain",
        "paypal",
        "pinterest",
        "pipedrive",
        "plaid",
        "postgres",
        "postgresql",
        "quickbooks",
        "recurly",
        "redshift",
        "sendgrid",
        "sentry",
        "shopify",
        "slack",
        "snapchat",
        "snowflake",
        "stripe",
        "taboola",
        "tiktok",
        "trello",
        "twilio",
        "typeform",
        "woocommerce",
        "xero",
        "youtube",
        "zendesk",
        "zoho",
        "zuora",
    ]
)

_GENERIC: Final = frozenset(
    [
        "a",
        "an",
        "and",
        "api",
        "apis",
        "by",
        "connector",
        "data",
        "database",
        "db",
        "etl",
        "files",
        "for",
        "from",
        "in",
        "into",
        "io",
        "of",
        "on",
        "or",
        "panoply",
        "python",
        "sdk",
        "source",
        "sources",
        "the",
        "to",
    ]
)


def judge_words(project: Project, module: ModuleFacts, readme: str) -> Outcome:
    """Judge the texts of a source by whether they are about the same thing."""
    findings = tuple(
        Finding(rule=WORDS.name, found=found, path=path, key=found) for path, found in _alien(project, module, readme)
    )
    return Outcome(judged=(WORDS.name,), findings=findings)


def _alien(project: Project, module: ModuleFacts, readme: str) -> Iterator[tuple[str, str]]:
    title = module.title
    names = (project.name, *project.modules)
    own = {word for text in (title, *names) for word in _words(text)}
    heading = _heading(readme)
    if title and not any(are_related(title, name) for name in names) and _products(title):
        yield "", f"CONFIG's title is {title!r}, and the project is called {project.name}."
    # A README may begin with a word of its own, as long as it names somewhere what it is about.
    is_named = title.casefold() in readme.casefold()
    if heading and not is_named and not any(are_related(heading, each) for each in (title, *names)):
        yield "README", f"The README's heading is {heading!r}; CONFIG's title is {title!r}."
    for keyword in module.keywords:
        if _products(keyword) and not _products(keyword) & own and keyword.casefold() not in readme.casefold():
            yield "", f"CONFIG has the keyword {keyword!r}, which is another product's name."
    description = str(project.table.get("description", ""))
    strangers = _products(description) - own
    if (
        strangers
        and not _products(description) & own
        and not any(are_related(description, each) for each in (title, *names))
    ):
        yield "pyproject.toml", f"The description in pyproject.toml speaks of {', '.join(sorted(strangers))}."


def _heading(readme: str) -> str:
    for line, after in zip(readme.splitlines(), [*readme.splitlines()[1:], ""], strict=False):
        if line.startswith("# "):
            return line[2:].strip()
        if line.strip() and re.fullmatch(r"[=~#*-]{3,}", after.strip()):
            return line.strip()
    return ""


def _words(text: str) -> set[str]:
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return {word.casefold() for word in re.findall(r"[^\W_]+", parted)} - _GENERIC


def _products(text: str) -> set[str]:
    return _words(text) & _PRODUCTS


# Of two names that are spelled much alike, one is short for the other.
_ALIKE: Final = 0.6


def are_related(one: str, other: str) -> bool:
    """Whether two names may be of the same thing: in doubt they are."""
    first, second = _words(one), _words(other)
    if not first or not second or not (one.isascii() and other.isascii()):
        # In another alphabet a package has another name.
        return True
    if first & second:
        return True
    joined = [
        "".join(word.casefold() for word in re.findall(r"[A-Za-z0-9]+", text) if word.casefold() not in _GENERIC)
        for text in (one, other)
    ]
    if joined[0] in joined[1] or joined[1] in joined[0]:
        return True
    initials = [_initials(text) for text in (one, other)]
    if any(
        len(each) > 1 and each in word for each, words in zip(initials, (second, first), strict=True) for word in words
    ):
        return True
    return difflib.SequenceMatcher(None, joined[0], joined[1]).ratio() >= _ALIKE


def _initials(text: str) -> str:
    """`Google Analytics 4` is ga4."""
    words = re.findall(r"[A-Za-z0-9]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text))
    return "".join(word if word.isdigit() else word[0] for word in words).casefold()


def look(site: Site) -> Outcome:
    """Read CONFIG as the module has it, and the project's texts."""
    root = site.project.root
    texts = {}
    for path in site.fact(files_of):
        file = root / path
        if file.is_file() and not file.is_symlink() and file.stat().st_size <= site.settings.largest_file:
            data = file.read_bytes()
            texts[path] = "" if b"\0" in data else data.decode("utf-8", "replace")
    outcome = judge_template(texts)
    missing = site.fact(needs_of).missing
    modules = () if missing else site.fact(module_of)
    broken = missing or next((f"importing {each.name} {each.problem}" for each in modules if each.problem), "")
    if broken:
        return outcome + Outcome(unchecked=tuple(Unchecked(rule=rule.name, reason=broken) for rule in (READY, WORDS)))
    readme = next((text for path, text in texts.items() if re.fullmatch(r"(?i)readme(\.\w+)?", path)), "")
    outcome += judge_config(modules, with_contract="contract_is_kept" in site.names)
    return outcome + judge_words(site.project, modules[0], readme)
