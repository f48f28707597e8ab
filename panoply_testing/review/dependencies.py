"""Rules about what a source asks for: few libraries, all of them used, all that is used declared, in ranges that leave room."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Final

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from panoply.constants import PKGNAME
from panoply_testing.report._words import count
from panoply_testing.review._declared import DYNAMIC
from panoply_testing.review._environment import Needs, needs_of
from panoply_testing.review._import_facts import SourceText, read_source
from panoply_testing.review._installed import Library, applies, installed_of, owners_of
from panoply_testing.review._module_facts import tried_of
from panoply_testing.review.model import Finding, Outcome, Rule, Unchecked

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet

    from panoply_testing.review._module_facts import Undeclared
    from panoply_testing.review._site import Site

__all__ = ["RULES", "judge", "look"]

FEW: Final = Rule(
    name="dependencies_are_few",
    group="dependencies",
    level="SHOULD",
    claim="The source asks for at most five libraries beside the SDK, or as many as its settings allow.",
    why="Each one is installed wherever the source runs, beside those of all other sources, and has to be kept up to date.",
    fix="Do without what the standard library, or one of the others, does as well.",
)
USED: Final = Rule(
    name="dependencies_are_used",
    group="dependencies",
    level="SHOULD",
    claim="Each library that the source asks for is imported by it.",
    why="What nobody uses is installed all the same, and its next security hole is yours.",
    fix="Remove it from [project] dependencies; what only tests need belongs into an extra or a dependency group.",
)
DECLARED: Final = Rule(
    name="imports_are_declared",
    group="dependencies",
    level="MUST",
    claim="Each library that the source imports is among its dependencies.",
    why="It works where something else happens to have installed it, and fails everywhere else.",
    fix="Add it to [project] dependencies in pyproject.toml.",
)
RANGES: Final = Rule(
    name="dependencies_are_ranges",
    group="dependencies",
    level="SHOULD",
    claim="Dependencies are ranges of published versions: no exact version, no address of a file or a repository.",
    why="Two sources that pin different versions cannot be installed together, and a pinned one gets no security fixes.",
    fix="Write what is needed at least: requests>=2.32, not requests==2.32.3.",
)
FIT: Final = Rule(
    name="dependencies_fit_the_sdk",
    group="dependencies",
    level="MUST",
    claim="Each dependency leaves a version that the SDK can use as well, and this version of the SDK is allowed.",
    why="Otherwise the source and the SDK cannot be installed together.",
    fix="Widen the range, so that it takes in what the SDK asks for.",
)
TOOLS: Final = Rule(
    name="tools_are_not_dependencies",
    group="dependencies",
    level="SHOULD",
    claim="Tools for tests, types, style and publishing are not among the source's dependencies.",
    why="They are installed wherever the source runs, and run nowhere there.",
    fix="Move it into an extra (test), or into a dependency group.",
)
RULES: Final = (DECLARED, FIT, FEW, USED, RANGES, TOOLS)

_SDK: Final = canonicalize_name(PKGNAME)

_TOOLS: Final = re.compile(
    r"^(pytest(-.+)?|ruff|mypy|pyright|black|isort|flake8(-.+)?|pylint|autopep8|yapf|bandit|coverage|tox|nox|pre-commit|hypothesis"
    r"|mock|responses|requests-mock|respx|vcrpy|moto|freezegun|time-machine|factory-boy|faker|types-.+|.+-stubs|build|twine"
    r"|wheel|ipython|ipdb|jupyter|notebook|sphinx(-.+)?|mkdocs(-.+)?|pip-audit|detect-secrets|bump2version|commitizen)$"
)

# What the SDK brings for tests only.
_TEST_EXTRAS: Final = frozenset({"testing", "review", "all"})

# These are data, or are used by others without anybody's import.
_UNSEEN: Final = frozenset({"tzdata", "certifi", "pip-system-certs"})


def judge(  # noqa: PLR0913 - what is compared
    needs: Needs,
    source: SourceText,
    libraries: Mapping[str, Library],
    own: Collection[str],
    *,
    most: float,
    met: tuple[Undeclared, ...] = (),
) -> Outcome:
    """Judge what is declared, beside what is imported and what is installed.

    Args:
        needs: what pyproject.toml declares.
        source: what the source's files import.
        libraries: what is installed here.
        own: the top-level names that are the project's own.
        most: how many libraries are few.
        met: what was missing when the source was imported with nothing but what it declares.
    """
    if needs.is_dynamic:
        return _unchecked(RULES, DYNAMIC)
    run = [each for each in needs.run if applies(each)]
    others = [each for each in run if canonicalize_name(each.name) != _SDK]
    few = Outcome(
        judged=(FEW.name, RANGES.name, TOOLS.name, FIT.name),
        findings=(*_many(others, most), *_pinned(run), *_tools(run), *_clashes(run, libraries)),
    )
    absent = sorted(each.name for each in others if canonicalize_name(each.name) not in libraries)
    read = _undeclared(needs, source, libraries, own, absent)
    return few + read + _met(met, read) + _unused(others, source, libraries, absent)


def _unchecked(rules: Iterable[Rule], reason: str) -> Outcome:
    return Outcome(unchecked=tuple(Unchecked(rule=rule.name, reason=reason) for rule in rules))


def _finding(rule: Rule, found: str, name: str) -> Finding:
    return Finding(rule=rule.name, found=found, path="pyproject.toml", key=name)


def _many(others: list[Requirement], most: float) -> Iterator[Finding]:
    if len(others) > most:
        names = ", ".join(each.name for each in others)
        yield _finding(
            FEW,
            f"{count(len(others), 'dependency', 'dependencies')} beside the SDK, and {most:g} are few: {names}.",
            "few",
        )


def _pinned(run: list[Requirement]) -> Iterator[Finding]:
    for each in run:
        if each.url:
            yield _finding(RANGES, f"{each.name} comes from an address, not from the package index.", each.name)
        elif any(
            part.operator == "===" or (part.operator == "==" and "*" not in part.version) for part in each.specifier
        ):
            yield _finding(RANGES, f"{each} allows one version only.", each.name)


def _tools(run: list[Requirement]) -> Iterator[Finding]:
    for each in run:
        name = canonicalize_name(each.name)
        if name == _SDK and each.extras & _TEST_EXTRAS:
            yield _finding(TOOLS, f"{each} brings the test kit along.", name)
        elif _TOOLS.match(name):
            yield _finding(TOOLS, f"{each.name} is a tool.", name)


# ---------------------------------------------------------------------- which versions


def _clashes(run: list[Requirement], libraries: Mapping[str, Library]) -> Iterator[Finding]:
    sdk = libraries.get(_SDK)
    if sdk is None:
        return
    wanted = {canonicalize_name(each.name): each for each in sdk.needs if each.marker is None}
    for each in run:
        name = canonicalize_name(each.name)
        if name == _SDK and not each.specifier.contains(sdk.version, prereleases=True):
            yield _finding(FIT, f"{each} leaves out this version of the SDK, {sdk.version}.", name)
        elif name in wanted and not _meet(each.specifier, wanted[name].specifier):
            yield _finding(FIT, f"{each} leaves no version that the SDK can use; it needs {wanted[name]}.", name)


def _meet(one: SpecifierSet, other: SpecifierSet) -> bool:
    """Whether some version is in both: looked for at, just below and just above each version that they name."""
    both = one & other
    candidates = {Version("0")}
    for part in both:
        text = part.version.removesuffix(".*")
        try:
            release = Version(text).release
        except InvalidVersion:  # after `===` there may be anything
            continue
        candidates |= {Version(text), Version(".".join(map(str, (*release, 1))))}
        candidates.add(Version(".".join(map(str, (*release[:-1], release[-1] + 1)))))
        if release[-1]:
            candidates.add(Version(".".join(map(str, (*release[:-1], release[-1] - 1, 999)))))
        elif any(release):
            major = next(index for index in range(len(release) - 1, -1, -1) if release[index])
            candidates.add(Version(".".join(map(str, (*release[:major], release[major] - 1, 999)))))
    return any(both.contains(each, prereleases=True) for each in candidates)


# ---------------------------------------------------------------------- who brings what


def _undeclared(
    needs: Needs,
    source: SourceText,
    libraries: Mapping[str, Library],
    own: Collection[str],
    absent: list[str],
) -> Outcome:
    declared = {canonicalize_name(each.name) for each in needs.run}
    optional = {canonicalize_name(each.name) for each in needs.optional}
    findings: dict[str, Finding] = {}
    unknown: set[str] = set()
    # Where a file tries one, the rest of it asks whether that went well.
    tried = {(each.path, each.top) for each in source.imports if each.is_tried}
    for each in source.imports:
        if (
            each.is_optional
            or (each.path, each.top) in tried
            or each.top in sys.stdlib_module_names
            or each.top in own
            or each.top == "panoply_testing"
        ):
            continue
        owners = frozenset({_SDK}) if each.top == "panoply" else owners_of(each.module, libraries)
        if owners & declared or each.top in findings or (each.is_late and owners & optional):
            continue
        if absent and not owners & libraries.keys():
            # It may be what one of those is imported by.
            unknown.add(each.top)
            continue
        whose = sorted(owners & libraries.keys()) or [each.top]
        found = f"{each.top} is imported, and {' or '.join(whose)} is not among the dependencies"
        if owners & optional:
            found += ", only in an extra; an import that may fail has to be tried"
        findings[each.top] = Finding(
            rule=DECLARED.name,
            found=f"{found}.",
            path=each.path,
            line=each.line,
            fix=f'Add "{whose[0]}" to [project] dependencies, with the version that is needed at least.',
            key=each.top,
        )
    outcome = Outcome(judged=(DECLARED.name,), findings=tuple(findings.values()))
    if unknown:
        reason = f"{', '.join(sorted(unknown))} may belong to {', '.join(absent)}, which is not installed here"
        return Outcome(findings=outcome.findings) + _unchecked([DECLARED], reason)
    return outcome


def _met(met: tuple[Undeclared, ...], read: Outcome) -> Outcome:
    """What was found by running, and not by reading: a name that is put together, say."""
    known = {each.key for each in read.findings}
    return Outcome(
        findings=tuple(
            Finding(
                rule=DECLARED.name,
                found=f"Importing the source needs {each.top}, and {each.owner} is not among the dependencies.",
                path=each.path,
                line=each.line,
                fix=f'Add "{each.owner}" to [project] dependencies, with the version that is needed at least.',
                key=each.top,
            )
            for each in met
            if each.top not in known
        )
    )


def _unused(
    others: list[Requirement], source: SourceText, libraries: Mapping[str, Library], absent: list[str]
) -> Outcome:
    imported = {name for each in source.imports for name in owners_of(each.module, libraries)}
    names = {canonicalize_name(each.name) for each in others}
    # What another dependency takes as an extra (a database's driver) is used by that one.
    taken = {
        canonicalize_name(need.name)
        for name in names & imported
        for need in (libraries[name].needs if name in libraries else ())
        if need.marker is not None and "extra" in str(need.marker)
    }
    findings = []
    for each in others:
        name = canonicalize_name(each.name)
        if name in imported | taken | _UNSEEN or name not in libraries or _TOOLS.match(name):
            continue
        if not any(_names(text, (*libraries[name].modules, each.name)) for text in source.texts):
            findings.append(_finding(USED, f"{each.name} is imported nowhere in the source.", name))
    outcome = Outcome(judged=(USED.name,), findings=tuple(findings))
    unsure = [name for name in absent if canonicalize_name(name) not in imported]
    if unsure:
        reason = f"{', '.join(unsure)} is not installed here, so nobody can tell what it is imported by"
        return Outcome(findings=outcome.findings) + _unchecked([USED], reason)
    return outcome


def _names(text: str, words: Iterable[str]) -> bool:
    """Whether a text names a module, as "postgresql+psycopg2://" does."""
    return any(re.search(rf"(?<![\w.]){re.escape(word)}(?!\w)", text) for word in words)


def look(site: Site) -> Outcome:
    """Compare what is declared, imported and installed."""
    project = site.project
    base = project.root / project.base
    # Modules beside the package are the project's own as well.
    beside = {path.stem for path in base.glob("*.py")} | {path.parent.name for path in base.glob("*/__init__.py")}
    own = {*project.packages, *beside} - {"panoply"}
    needs = site.fact(needs_of)
    is_run = DECLARED.name in site.names and not needs.missing and not needs.is_dynamic
    return judge(
        needs,
        site.fact(read_source),
        site.fact(installed_of),
        own,
        most=site.settings.most_dependencies,
        met=site.fact(tried_of).undeclared if is_run else (),
    )
