"""What a project declares to need, in pyproject.toml and in files of requirements."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from panoply_testing.review._site import Site, files_of
from panoply_testing.review.model import CannotReview

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from panoply_testing.review._project import Project

__all__ = ["DYNAMIC", "Declared", "declared_of", "listed_of", "read_declared"]

# Under these names projects declare what their tests need, as extras or as groups of dependencies.
_FOR_TESTS: Final = ("test", "tests", "testing", "dev", "develop", "development", "all")

# Why nothing can be said of dependencies that are dynamic.
DYNAMIC: Final = (
    "the dependencies are not in pyproject.toml: a build decides on them. Write them into [project] dependencies, where everybody "
    "can read them"
)

# Where they write it down, if not in pyproject.toml.
_REQUIREMENTS: Final = re.compile(r"(^|/)([\w.-]*requirements[\w.-]*|requirements/[\w.-]+)\.(txt|in)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What a project declares to need.

    Attributes:
        run: what the source needs when it runs, as written. `optional`: the extras that are not for tests, likewise.
        test: what its tests need beside that. `build`: what building it does.
        is_dynamic: the dependencies are not in pyproject.toml; a build decides on them.
        extra: what to write after the dot in `pip install -e .` to have the tests' needs installed.
    """

    run: tuple[Requirement, ...] = ()
    optional: tuple[Requirement, ...] = ()
    test: tuple[Requirement, ...] = ()
    build: tuple[Requirement, ...] = ()
    is_dynamic: bool = False
    extra: str = ""


def declared_of(site: Site) -> Declared:
    """What the project's pyproject.toml declares."""
    return read_declared(site.project)


def read_declared(project: Project) -> Declared:
    """The same, of a project.

    Raises:
        CannotReview: something in it is no requirement.
    """
    table = project.table
    extras: Mapping[str, Any] = table.get("optional-dependencies", {})
    groups: Mapping[str, Any] = project.pyproject.get("dependency-groups", {})
    system = project.pyproject.get("build-system", {})
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
    build = system.get("requires", ["setuptools>=40.8"]) if isinstance(system, dict) else []
    return Declared(
        run=_requirements("dependencies", table.get("dependencies", [])),
        optional=tuple(optional),
        test=tuple(_expanded(tests, canonicalize_name(project.name), extras)),
        build=_requirements("build-system requires", build),
        is_dynamic="dependencies" in table.get("dynamic", ()),
        extra=extra,
    )


def listed_of(site: Site) -> tuple[Requirement, ...]:
    """What the project's files of requirements list."""
    return tuple(
        each
        for path in site.fact(files_of)
        if _REQUIREMENTS.search(path)
        for each in _requirements_in((site.project.root / path).read_text(encoding="utf-8", errors="replace"))
    )


def _requirements_in(text: str) -> Iterator[Requirement]:
    for line in text.splitlines():
        try:
            yield Requirement(line.partition(" #")[0].partition(" --")[0].strip())
        except InvalidRequirement:
            # An option, a comment, an address or a hash: of no use without an index.
            continue


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
