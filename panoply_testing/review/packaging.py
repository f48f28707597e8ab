"""Rules about what is handed out: the wheel and what is in it, its name, and the files that its users read."""

from __future__ import annotations

import re
import sys
from importlib.metadata import packages_distributions
from typing import TYPE_CHECKING, Final

from packaging.utils import canonicalize_name

from panoply_testing.review._environment import needs_of
from panoply_testing.review._known_libraries import KNOWN_LIBRARIES
from panoply_testing.review._module_facts import module_of
from panoply_testing.review._site import files_of
from panoply_testing.review._wheel_facts import WheelFacts, version_of, wheel_of
from panoply_testing.review.model import Finding, Outcome, Rule, Unchecked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from panoply_testing.review._module_facts import ModuleFacts, ParamFact
    from panoply_testing.review._project import Project
    from panoply_testing.review._site import Site

__all__ = [
    "README_FILE",
    "RULES",
    "judge_changelog",
    "judge_metadata",
    "judge_name",
    "judge_readme",
    "judge_wheel",
    "look",
]

BUILDS: Final = Rule(
    name="wheel_builds",
    group="packaging",
    level="MUST",
    claim="A wheel can be built from what the project declares.",
    why="The wheel is what gets installed where the source runs.",
    fix="Run `python -m build --wheel` in the project, and mend what it names.",
)
WHOLE: Final = Rule(
    name="wheel_holds_the_package",
    group="packaging",
    level="MUST",
    claim="The wheel holds every module, sub-package and data file of the source's package.",
    why="In the checkout all of it is found; where the source runs, only what is in the wheel.",
    fix="Let the build include it: name the package itself (hatchling), or find packages and declare package data (setuptools).",
)
IMPORTS: Final = Rule(
    name="wheel_imports",
    group="packaging",
    level="MUST",
    claim="The source's module can be imported from the wheel, away from the checkout, and keeps the contract's rules for modules there.",
    why="What relies on a file beside the project works for its author, and for nobody else.",
    fix="Read files of the package with importlib.resources, and let the wheel hold them.",
)
SHADOWS: Final = Rule(
    name="package_shadows_no_library",
    group="packaging",
    level="MUST",
    claim="No package or module that the wheel installs has the name of one of Python's own, or of a known library.",
    why="Whoever has both installed gets one of them, and which one is a matter of luck.",
    fix="Name the package after the source: source_stripe, not stripe; and leave tests and docs out of the wheel.",
)
METADATA: Final = Rule(
    name="metadata_is_complete",
    group="packaging",
    level="SHOULD",
    claim="The metadata in pyproject.toml name a description, a readme, the Python that is needed, a licence and an author.",
    why="Who meets the package years later has nothing else to ask.",
    fix="Add what is missing to [project] in pyproject.toml.",
)
LICENCE: Final = Rule(
    name="licence_is_included",
    group="packaging",
    level="SHOULD",
    claim="The project has a file LICENSE with the licence's text.",
    why="Without it nobody may use, run or change the source, whatever the metadata say.",
    fix="Put the licence's text into a file LICENSE beside pyproject.toml.",
)
README: Final = Rule(
    name="readme_names_each_param",
    group="packaging",
    level="SHOULD",
    claim="The README names each param that users fill in.",
    why="It is where users look for what to enter, and where to get it.",
    fix="Describe each param in the README: its name, whether it is required, and where its value comes from.",
)
CHANGELOG: Final = Rule(
    name="changelog_has_the_version",
    group="packaging",
    level="SHOULD",
    claim="The CHANGELOG has an entry for the version.",
    why="Whoever gets the new version wants to know what it changes for them.",
    fix="Add a heading with the version, and below it what has changed for users.",
)

RULES: Final = (BUILDS, WHOLE, IMPORTS, SHADOWS, METADATA, LICENCE, README, CHANGELOG)

_ABOUT_WHEEL: Final = (BUILDS, WHOLE, IMPORTS)

_MOST: Final = 8

# What lies in a package's folder and need not be installed.
_NOT_NEEDED: Final = re.compile(
    r"(^|/)(tests?|testing|docs|__pycache__)/|\.(md|rst|pyi?\.orig)$|(^|/)(\.[^/]+|Makefile|conftest\.py|test_[^/]+\.py)$"
)

_LICENCE_FILE: Final = re.compile(r"(?i)^(LICEN[CS]E|COPYING|UNLICENSE)([.-].*)?$")
README_FILE: Final = re.compile(r"(?i)^README(\.(md|rst|txt|markdown))?$")
_CHANGELOG_FILE: Final = re.compile(
    r"(?i)^(CHANGELOG|CHANGES|HISTORY|NEWS|RELEASES?|RELEASE[-_]NOTES)(\.(md|rst|txt))?$"
)


def judge_wheel(facts: WheelFacts, own: Sequence[str], *, is_importable: bool) -> Outcome:
    """Judge the wheel.

    Args:
        facts: what came of building it.
        own: the files of the source's package, as they should be called in the wheel.
        is_importable: whether the module can be imported in the checkout.
    """
    if facts.unbuildable:
        return _unchecked(_ABOUT_WHEEL, facts.unbuildable)
    if facts.problem:
        finding = Finding(
            rule=BUILDS.name, found=f"Building the wheel {facts.problem}.", path="pyproject.toml", key="build"
        )
        return Outcome(judged=(BUILDS.name,), findings=(finding,)) + _unchecked(_ABOUT_WHEEL[1:], "there is no wheel")
    built = Outcome(judged=(BUILDS.name, WHOLE.name))
    missing = sorted(set(own) - set(facts.files))
    if missing:
        rest = f" and {len(missing) - _MOST} more" if len(missing) > _MOST else ""
        found = f"The wheel lacks {', '.join(missing[:_MOST])}{rest}."
        return (
            built
            + Outcome(findings=(Finding(rule=WHOLE.name, found=found, path="pyproject.toml", key="missing"),))
            + _unchecked([IMPORTS], "files are missing from the wheel")
        )
    if not is_importable:
        return built + _unchecked(
            [IMPORTS], "the module cannot be imported in the checkout either, or nobody could try"
        )
    if facts.import_problem:
        found = f"Importing the module from the wheel, away from the project, {facts.import_problem}."
        return built + Outcome(
            judged=(IMPORTS.name,), findings=(Finding(rule=IMPORTS.name, found=found, key="import"),)
        )
    findings: tuple[Finding, ...] = ()
    if facts.broken:
        names = ", ".join(name for name, _ in facts.broken)
        found = f"Imported from the wheel, it breaks {names}: {facts.broken[0][1]}"
        findings = (Finding(rule=IMPORTS.name, found=found, key=names),)
    return built + Outcome(judged=(IMPORTS.name,), findings=findings)


def judge_name(modules: Sequence[str], wheel: Iterable[str], owners: Mapping[str, Sequence[str]], own: str) -> Outcome:
    """Judge the names that are taken by installing the wheel.

    Args:
        modules: the source's modules.
        wheel: the paths in the wheel.
        owners: for each importable name the distributions that are installed here and bring it.
        own: the project's name.
    """
    tops = {path.partition("/")[0].removesuffix(".py") for path in wheel} | {name.partition(".")[0] for name in modules}
    findings = []
    for top in sorted(tops):
        # Published sources live in the SDK's own package, which is made for that.
        if top == "panoply" and all(name != "panoply" for name in modules):
            continue
        others = [each for each in owners.get(top, ()) if canonicalize_name(each) != canonicalize_name(own)]
        if top in sys.stdlib_module_names:
            whose = "which is one of Python's own"
        elif others:
            whose = f"which {others[0]} is imported by"
        elif top in KNOWN_LIBRARIES:
            whose = (
                "which a well-known library is imported by"
                if top not in ("test", "tests")
                else "which anybody's tests have"
            )
        elif top in ("docs", "examples", "setup", "conftest"):
            whose = "which says nothing of the source"
        else:
            continue
        findings.append(Finding(rule=SHADOWS.name, found=f"Installing it takes the name {top}, {whose}.", key=top))
    return Outcome(judged=(SHADOWS.name,), findings=tuple(findings))


def judge_metadata(project: Project) -> Outcome:
    """Judge what pyproject.toml says of the package."""
    table = project.table
    dynamic = table.get("dynamic", ())
    classifiers = table.get("classifiers") or ()
    has_licence = bool(table.get("license")) or any(str(each).startswith("License ::") for each in classifiers)
    has_author = any(isinstance(each, dict) and each.get("name") for each in table.get("authors") or ())
    found = {
        "description": bool(str(table.get("description", "")).strip()) or "description" in dynamic,
        "readme": bool(table.get("readme")) or "readme" in dynamic,
        "requires-python": bool(table.get("requires-python")) or "requires-python" in dynamic,
        "license": has_licence or "license" in dynamic,
        "authors": has_author or "authors" in dynamic,
        "version": bool(project.version) or "version" in dynamic,
    }
    missing = [name for name, is_there in found.items() if not is_there]
    if not missing:
        return Outcome(judged=(METADATA.name,))
    text = f"[project] has no {', no '.join(missing)}."
    return Outcome(
        judged=(METADATA.name,),
        findings=(Finding(rule=METADATA.name, found=text, path="pyproject.toml", key="metadata"),),
    )


def judge_licence(texts: Mapping[str, str]) -> Outcome:
    """Judge the files at the project's top, by their names and texts."""
    named = [name for name in texts if _LICENCE_FILE.search(name)]
    if any(texts[name].strip() for name in named):
        return Outcome(judged=(LICENCE.name,))
    found = f"{named[0]} is empty." if named else "There is no file LICENSE."
    return Outcome(judged=(LICENCE.name,), findings=(Finding(rule=LICENCE.name, found=found, key="licence"),))


def judge_readme(texts: Mapping[str, str], params: Iterable[ParamFact] | None) -> Outcome:
    """Judge the README; `params`: None where nobody knows them."""
    name = next((name for name in texts if README_FILE.search(name)), None)
    if name is None or not texts[name].strip():
        found = "There is no README." if name is None else f"{name} is empty."
        return Outcome(judged=(README.name,), findings=(Finding(rule=README.name, found=found, key="readme"),))
    if params is None:
        return _unchecked([README], "CONFIG could not be read")
    text = texts[name]
    missing = [
        each.name for each in params if not each.hidden and not _says(text, each.name) and not _says(text, each.title)
    ]
    if not missing:
        return Outcome(judged=(README.name,))
    listed = ", ".join(missing)
    return Outcome(
        judged=(README.name,),
        findings=(Finding(rule=README.name, found=f"{name} does not name {listed}.", path=name, key=listed),),
    )


def _says(text: str, words: str) -> bool:
    """Whether a text has these words, whole, in letters of either case."""
    return bool(words.strip()) and bool(re.search(rf"(?<!\w){re.escape(words.strip())}(?!\w)", text, re.IGNORECASE))


def judge_changelog(texts: Mapping[str, str], version: str) -> Outcome:
    """Judge the CHANGELOG; `version`: empty where nobody knows it."""
    name = next((name for name in texts if _CHANGELOG_FILE.search(name)), None)
    if name is None:
        finding = Finding(rule=CHANGELOG.name, found="There is no CHANGELOG.", key="changelog")
        return Outcome(judged=(CHANGELOG.name,), findings=(finding,))
    if not version:
        return _unchecked([CHANGELOG], "the version is not in pyproject.toml, and no build has told it")
    if re.search(rf"(?<![\w.])v?{re.escape(version)}(?!\w|\.\d|[-+]\w)", texts[name]):
        return Outcome(judged=(CHANGELOG.name,))
    finding = Finding(rule=CHANGELOG.name, found=f"{name} says nothing of version {version}.", path=name, key=version)
    return Outcome(judged=(CHANGELOG.name,), findings=(finding,))


def _unchecked(rules: Iterable[Rule], reason: str) -> Outcome:
    return Outcome(unchecked=tuple(Unchecked(rule=rule.name, reason=reason) for rule in rules))


def look(site: Site) -> Outcome:
    """Build the wheel, and read what is beside the package."""
    project = site.project
    files = site.fact(files_of)
    texts = {
        path: (project.root / path).read_text(encoding="utf-8", errors="replace")
        for path in files
        if "/" not in path and any(each.search(path) for each in (_LICENCE_FILE, README_FILE, _CHANGELOG_FILE))
    }
    missing = site.fact(needs_of).missing
    modules = () if missing else site.fact(module_of)
    wheel = (
        site.fact(wheel_of)
        if site.names & {rule.name for rule in (*_ABOUT_WHEEL, SHADOWS)} or not project.version
        else WheelFacts()
    )
    return (
        judge_wheel(
            wheel, _expected(project, files), is_importable=bool(modules) and not any(each.problem for each in modules)
        )
        + judge_name(project.modules, wheel.files, packages_distributions(), project.name)
        + judge_metadata(project)
        + judge_licence(texts)
        + judge_readme(texts, _params(modules))
        + judge_changelog(texts, site.fact(version_of))
    )


def _params(modules: Sequence[ModuleFacts]) -> list[ParamFact] | None:
    known = [each for each in modules if not each.problem and each.has_config]
    return [param for each in known for param in each.params] if known else None


def _expected(project: Project, files: Iterable[str]) -> list[str]:
    """The files of the source's package, as the wheel should have them."""
    base = "" if project.base == "." else f"{project.base}/"
    return [
        path.removeprefix(base)
        for path in files
        for top in project.paths
        if (path == top or path.startswith(f"{top}/")) and not _NOT_NEEDED.search(path.removeprefix(base))
    ]
