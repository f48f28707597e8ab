"""Rules about what gets installed along with a source: that there is such a thing, how much it is, under which licence, and how safe."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from packaging.utils import canonicalize_name

from panoply.constants import PKGNAME
from panoply_testing.report._words import count
from panoply_testing.review._declared import DYNAMIC
from panoply_testing.review._environment import Needs, needs_of
from panoply_testing.review._fetched import fetched_of
from panoply_testing.review._index import Audited, Published, audited, published
from panoply_testing.review._installed import Library, applies, closure, installed_of, sizes_of
from panoply_testing.review.model import Finding, Note, Outcome, Rule, Unchecked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from packaging.requirements import Requirement

    from panoply_testing.review._site import Site

__all__ = ["RULES", "Known", "judge", "look"]

EXIST: Final = Rule(
    name="dependencies_exist",
    group="dependencies",
    level="MUST",
    claim="For each dependency there is a version that its range allows.",
    why="One that does not exist cannot be installed, and a name that is nobody's yet may be somebody's tomorrow.",
    fix="Mend the name or the range in [project] dependencies.",
)
SMALL: Final = Rule(
    name="installs_are_small",
    group="dependencies",
    level="SHOULD",
    claim="What gets installed with the source, beside what the SDK brings, is at most 40 libraries and 100 MB, or what its settings allow.",
    why="It is installed wherever the source runs, each time that it starts on a new machine.",
    fix="Use a smaller library for what is needed of a large one; an HTTP API needs no client library for that.",
)
LICENCES: Final = Rule(
    name="dependency_licences_are_permissive",
    group="dependencies",
    level="SHOULD",
    claim="No library that gets installed with the source is under a licence of the GPL's or AGPL's kind.",
    why="Whoever hands out a program with such a library has to hand out all of it under that licence.",
    fix="Use a library under a permissive licence, or say in the settings why this one may be used.",
)
SAFE: Final = Rule(
    name="dependencies_have_no_known_vulnerabilities",
    group="dependencies",
    level="SHOULD",
    claim="Nothing is known, to the database that pip-audit asks, of security holes in the libraries that get installed with the source.",
    why="A hole that is known is the first one that is tried; and the source has the customers' credentials.",
    fix="Ask for a version without it: write what is needed at least.",
)

RULES: Final = (EXIST, SMALL, LICENCES, SAFE)

_SDK: Final = canonicalize_name(PKGNAME)

_MEGABYTE: Final = 2**20

# Of what is large, the largest are named.
_MOST: Final = 3

_COPYLEFT: Final = re.compile(r"(?i)\bA?GPL|GNU (Affero )?General Public|Affero")
_WEAK: Final = re.compile(r"(?i)\bLGPL|Lesser|Library General|Classpath|linking exception|WITH [\w.-]*exception")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of libraries beside what the project says of them.

    Attributes:
        libraries: what is installed here, by canonical name. `sizes`: the bytes of each.
        published: what the index says of those that are not installed here in such a version.
        audited: None: nobody has asked.
    """

    libraries: Mapping[str, Library]
    sizes: Mapping[str, int] = field(default_factory=dict)
    published: Mapping[str, Published] = field(default_factory=dict)
    audited: Audited | None = None


def judge(needs: Needs, known: Known, *, most: float, largest: float) -> Outcome:
    """Judge what gets installed.

    Args:
        needs: what pyproject.toml declares.
        known: what is known of it.
        most: how many libraries are few.
        largest: bytes of all of them together.
    """
    if needs.is_dynamic:
        return _unchecked(RULES, DYNAMIC)
    run = _applying(needs)
    absent = sorted(each.name for each in run if _is_absent(each, known.libraries))
    brought = _brought(run, known.libraries)
    some = f"{', '.join(absent)} is not installed here" if absent else ""
    return (
        _existing(run, known)
        + _small(brought, known, some, most=most, largest=largest)
        + _licences(brought, known.libraries, some)
        + _safe(known.audited, some)
    )


def _applying(needs: Needs) -> list[Requirement]:
    """What is needed on this system, beside the SDK."""
    run = [each for each in needs.run if applies(each)]
    return [each for each in run if canonicalize_name(each.name) != _SDK]


def _is_absent(each: Requirement, libraries: Mapping[str, Library]) -> bool:
    return canonicalize_name(each.name) not in libraries


def _brought(run: list[Requirement], libraries: Mapping[str, Library]) -> dict[str, str]:
    """What gets installed, each with the dependency that brings it along."""
    return {name: first for name, first in closure(run, libraries).items() if name != _SDK}


def _unchecked(rules: Iterable[Rule], reason: str) -> Outcome:
    return Outcome(unchecked=tuple(Unchecked(rule=rule.name, reason=reason) for rule in rules))


def _finding(rule: Rule, found: str, name: str, fix: str = "") -> Finding:
    return Finding(rule=rule.name, found=found, path="pyproject.toml", key=name, fix=fix)


def _as_far_as(rule: Rule, outcome: Outcome, some: str) -> Outcome:
    """An outcome, of which some is not known: what was found stands, and nothing is said of the rest."""
    if not some:
        return outcome
    return Outcome(findings=outcome.findings, notes=outcome.notes) + _unchecked([rule], some)


# ---------------------------------------------------------------------- whether it exists


def _satisfied(each: Requirement, libraries: Mapping[str, Library]) -> bool:
    library = libraries.get(canonicalize_name(each.name))
    return library is not None and each.specifier.contains(library.version, prereleases=True)


def _existing(run: list[Requirement], known: Known) -> Outcome:
    findings, unknown = [], []
    for each in run:
        said = known.published.get(canonicalize_name(each.name))
        if each.url or _satisfied(each, known.libraries):
            continue
        if said is None or said.problem:
            unknown.append(f"{each}: {said.problem if said else 'nobody was asked'}")
        elif not said.versions:
            found = f"The package index knows no {each.name} that can be installed with this Python."
            findings.append(_finding(EXIST, found, each.name))
        elif not any(each.specifier.contains(version, prereleases=True) for version in said.versions):
            found = f"There is no version of {each.name} in the range {each.specifier}; the newest one is {max(said.versions)}."
            findings.append(_finding(EXIST, found, each.name))
    return _as_far_as(EXIST, Outcome(judged=(EXIST.name,), findings=tuple(findings)), "; ".join(unknown))


# ---------------------------------------------------------------------- how much it is


def _small(brought: Mapping[str, str], known: Known, some: str, *, most: float, largest: float) -> Outcome:
    sdk = known.libraries.get(_SDK)
    own = closure(sdk.needs, known.libraries) if sdk else {}
    beside = [name for name in brought if name not in own]
    size = sum(known.sizes.get(name, 0) for name in beside)
    text = f"{count(len(beside), 'library', 'libraries')} with {size / _MEGABYTE:.0f} MB"
    findings = []
    if len(beside) > most or size > largest:
        worst = sorted(beside, key=lambda name: -known.sizes.get(name, 0))[:_MOST]
        named = ", ".join(f"{name} ({known.sizes.get(name, 0) / _MEGABYTE:.0f} MB)" for name in worst)
        allowed = f"{most:g} with {largest / _MEGABYTE:.0f} MB are allowed"
        findings.append(
            _finding(SMALL, f"{text} get installed beside the SDK's, and {allowed}. The largest: {named}.", "size")
        )
    notes = (Note(rule=SMALL.name, text=f"{text} get installed beside the SDK's."),) if beside else ()
    return _as_far_as(SMALL, Outcome(judged=(SMALL.name,), findings=tuple(findings), notes=notes), some)


# ---------------------------------------------------------------------- under which licence


def _licences(brought: Mapping[str, str], libraries: Mapping[str, Library], some: str) -> Outcome:
    findings = []
    for name, through in brought.items():
        licence = libraries[name].licence
        parts = re.split(r"(?i)\s+or\s+|/", licence)
        if licence and all(_COPYLEFT.search(part) and not _WEAK.search(part) for part in parts):
            how = "" if through == name else f", which {through} brings along,"
            findings.append(_finding(LICENCES, f"{name}{how} is under the licence {licence}.", name))
    silent = sorted(name for name in brought if not libraries[name].licence)
    text = f"{', '.join(silent)}: says nothing of its licence in its metadata."
    notes = (Note(rule=LICENCES.name, text=text),) if silent else ()
    return _as_far_as(LICENCES, Outcome(judged=(LICENCES.name,), findings=tuple(findings), notes=notes), some)


# ---------------------------------------------------------------------- how safe it is


def _safe(said: Audited | None, some: str) -> Outcome:
    if said is None:
        return _unchecked([SAFE], "it asks a database on the network: panoply review --thorough")
    if said.problem:
        return _unchecked([SAFE], said.problem)
    findings = [
        _finding(
            SAFE,
            f"{each.name} {each.version} has a known security hole, {each.identifier}.",
            f"{each.name} {each.identifier}",
            f"Ask for {each.name}>={each.mended[0]}." if each.mended else "There is no version without it yet.",
        )
        for each in said.found
    ]
    unknown = f"the database knows nothing of {', '.join(said.unknown)}" if said.unknown else ""
    return _as_far_as(
        SAFE, Outcome(judged=(SAFE.name,), findings=tuple(findings)), "; ".join(filter(None, (some, unknown)))
    )


def look(site: Site) -> Outcome:
    """Compare what is declared with what is installed, and with what others know of it where that is in doubt."""
    needs, libraries = site.fact(needs_of), site.fact(installed_of)
    known = Known(
        libraries=libraries,
        sizes=site.fact(sizes_of),
        published=_published(needs, libraries) if EXIST.name in site.names else {},
        audited=_audited(site, needs, libraries) if SAFE.name in site.names and site.thorough else None,
    )
    outcome = judge(needs, known, most=site.settings.most_installed, largest=site.settings.largest_install)
    problem = site.fact(fetched_of).problem
    text = f"Nothing could be fetched, so all was done with what is installed here: {problem}"
    return outcome + Outcome(notes=(Note(rule=EXIST.name, text=text),) if problem else ())


def _published(needs: Needs, libraries: Mapping[str, Library]) -> dict[str, Published]:
    """What there is of those that are not here: with what is installed here, a version is known to exist."""
    doubtful = [each for each in _applying(needs) if not each.url and not _satisfied(each, libraries)]
    return {canonicalize_name(each.name): published(each.name) for each in doubtful}


def _audited(site: Site, needs: Needs, libraries: Mapping[str, Library]) -> Audited:
    brought = _brought(_applying(needs), libraries)
    return audited({name: libraries[name].version for name in brought}, site.scratch) if brought else Audited()
