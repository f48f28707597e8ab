"""What a project declares to need, and whether this environment has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from panoply_testing.review._installed import Library, installed_of
from panoply_testing.review.model import CannotReview

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from panoply_testing.review._project import Project
    from panoply_testing.review._site import Site

__all__ = ["Needs", "build_requirements", "needs_of", "read_needs"]

# Under these names projects declare what their tests need, as extras or as groups of dependencies.
_FOR_TESTS: Final = ("test", "tests", "testing", "dev", "develop", "development", "all")


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a project needs.

    Attributes:
        run: what the source needs when it runs, as written. `optional`: the extras that are not for tests, likewise.
        test: what its tests need beside that.
        is_dynamic: the dependencies are not in pyproject.toml; a build decides on them.
        unmet: those of `run` that this environment does not satisfy. `unmet_tests`: those of `test`.
        extra: what to write after the dot in `pip install -e .` to have the tests' needs installed.
    """

    run: tuple[Requirement, ...] = ()
    optional: tuple[Requirement, ...] = ()
    test: tuple[Requirement, ...] = ()
    is_dynamic: bool = False
    unmet: tuple[str, ...] = ()
    unmet_tests: tuple[str, ...] = ()
    extra: str = ""

    @property
    def missing(self) -> str:
        """Why the source cannot be run here, and what to do. Empty: it can."""
        if not self.unmet:
            return ""
        return f"this environment lacks what the source needs: {', '.join(self.unmet)}. Install it: pip install -e '.{self.extra}'"


def needs_of(site: Site) -> Needs:
    """What the project needs."""
    return read_needs(site.project, site.fact(installed_of))


def read_needs(project: Project, libraries: Mapping[str, Library]) -> Needs:
    """What its pyproject.toml declares, beside what is installed here.

    Raises:
        CannotReview: something in it is no requirement.
    """
    table = project.table
    extras: Mapping[str, Any] = table.get("optional-dependencies", {})
    groups: Mapping[str, Any] = project.pyproject.get("dependency-groups", {})
    run = _requirements("dependencies", table.get("dependencies", []))
    tests: list[Requirement] = []
    optional: list[Requirement] = []
    extra = ""
    for name, texts in extras.items() if isinstance(extras, dict) else ():
        found = _requirements(f"optional-dependencies.{name}", texts)
        if name.lower() in _FOR_TESTS:
            tests += found
            extra = extra or f"[{name}]"
        else:
            optional += found
    for name in groups if isinstance(groups, dict) else ():
        tests += _group(groups, name, ())
    own = canonicalize_name(project.name)
    return Needs(
        run=run,
        optional=tuple(optional),
        test=tuple(_expanded(tests, own, extras)),
        is_dynamic="dependencies" in table.get("dynamic", ()),
        unmet=tuple(_unmet(run, own, libraries)),
        unmet_tests=tuple(_unmet(tests, own, libraries)),
        extra=extra,
    )


def _requirements(where: str, texts: object) -> tuple[Requirement, ...]:
    if not isinstance(texts, list):
        raise CannotReview(f"pyproject.toml: [project] {where} has to be a list.")
    found = []
    for text in texts:
        try:
            found.append(Requirement(str(text)))
        except InvalidRequirement as exc:
            said = str(exc).splitlines()[0]
            raise CannotReview(f"pyproject.toml: {where}: {text!r} is no requirement: {said}.") from None
    return tuple(found)


def _expanded(wanted: Iterable[Requirement], own: str, extras: Mapping[str, Any]) -> Iterator[Requirement]:
    """These requirements; where the project names itself with an extra, what that extra asks for instead."""
    waiting, seen = list(wanted), set[str]()
    while waiting:
        each = waiting.pop(0)
        if canonicalize_name(each.name) != own:
            yield each
            continue
        for name in sorted(each.extras - seen):
            seen.add(name)
            waiting += _requirements(f"optional-dependencies.{name}", extras.get(name, []))


def _group(groups: Mapping[str, Any], name: str, seen: tuple[str, ...]) -> tuple[Requirement, ...]:
    """The requirements of a dependency group, with those that it includes."""
    found: tuple[Requirement, ...] = ()
    entries = groups.get(name, [])
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, str):
            found += _requirements(f"dependency-groups.{name}", [entry])
        elif isinstance(entry, dict) and isinstance(entry.get("include-group"), str) and name not in seen:
            found += _group(groups, entry["include-group"], (*seen, name))
    return found


def _unmet(requirements: Iterable[Requirement], own: str, libraries: Mapping[str, Library]) -> Iterable[str]:
    for each in requirements:
        name = canonicalize_name(each.name)
        if name == own or (each.marker is not None and not each.marker.evaluate({"extra": ""})):
            continue
        if name not in libraries:
            yield f"{each} (not installed)"
        elif not each.specifier.contains(libraries[name].version, prereleases=True):
            yield f"{each} (here: {libraries[name].version})"


def build_requirements(site: Site) -> tuple[str, ...]:
    """What is needed to build the project that this environment lacks."""
    system = site.project.pyproject.get("build-system", {})
    texts = system.get("requires", ["setuptools>=40.8"]) if isinstance(system, dict) else []
    return tuple(_unmet(_requirements("build-system requires", texts), "", site.fact(installed_of)))
