"""The environments that a project's code is run in: each has what the project declares, and nothing else that is installed here.

So an import that nobody has declared fails in a review, as it would wherever the source is installed by itself.
"""

from __future__ import annotations

import ast
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from panoply.constants import PKGNAME
from panoply_testing.review._declared import declared_of, listed_of
from panoply_testing.review._environment import needs_of
from panoply_testing.review._fetched import fetched_of
from panoply_testing.review._import_facts import imports_in, read_source
from panoply_testing.review._installed import Library, closure, distributions_of, installed_of, owners_of
from panoply_testing.review._linked import Environment, linked, linked_folder, this_environment
from panoply_testing.review._project import module_files
from panoply_testing.review._site import Site, files_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from panoply_testing.review._import_facts import Import
    from panoply_testing.review._project import Project

__all__ = ["bare_of", "bare_with", "building_of", "full_with", "probing_of", "undeclared_by_tests"]

_SDK: Final = canonicalize_name(PKGNAME)

# What runs the tests and the contract; what looks at a module once it is imported.
_TO_TEST: Final = (Requirement(f"{PKGNAME}[testing]"), Requirement("coverage"))
_TO_PROBE: Final = (Requirement("jsonschema"), Requirement("pillow"))


def bare_of(site: Site) -> Environment:
    """What the source has where it runs: what it asks for, and the SDK."""
    return bare_with(site, ())


def bare_with(site: Site, more: Iterable[str]) -> Environment:
    """The same, and some distributions that are declared nowhere."""
    more = frozenset(more)
    return _made(site, "-".join(("bare", *sorted(more))), [*_to_run(site), *map(Requirement, more)])


def full_with(site: Site, more: Iterable[str]) -> Environment:
    """What its tests and the contract have beside that: what they ask for, the test kit, and these distributions."""
    needs = site.fact(needs_of)
    listed = site.fact(listed_of)
    if not needs.test and not listed:
        # Nobody can tell which of what is installed here the tests rely on.
        return this_environment()
    others = map(Requirement, sorted({*more, *undeclared_by_tests(site)}))
    return _made(site, "testing", [*_to_run(site), *needs.optional, *needs.test, *listed, *_TO_TEST, *others])


def building_of(site: Site) -> Environment:
    """What the project is built with: what is installed here, or was fetched for it."""
    if site.fact(fetched_of).folder is None:
        return this_environment()
    return _made(site, "building", [*site.fact(declared_of).build, Requirement("build")])


def undeclared_by_tests(site: Site) -> frozenset[str]:
    """What the tests import, is installed here, and is declared nowhere: somebody has it installed by hand."""
    needs, libraries = site.fact(needs_of), site.fact(installed_of)
    source = set(module_files(site.project))
    imports: list[Import] = []
    for path in site.fact(files_of):
        file = site.project.root / path
        if path.endswith(".py") and file not in source and file.is_file():
            imports += _imports_of(file, path)
    declared = closure(
        [*_to_run(site), *needs.optional, *needs.test, *site.fact(listed_of), *_TO_TEST], site.fact(installed_of)
    )
    owned = {owner for each in imports if not each.is_optional for owner in owners_of(each.module, libraries)}
    own = canonicalize_name(site.project.name)
    return frozenset(owned & libraries.keys()) - declared.keys() - {own}


def probing_of(site: Site) -> Path:
    """A folder with what looks at a module once it is imported, and what it must not find before."""
    folder = site.scratch / "probing"
    names = closure(_TO_PROBE, site.fact(installed_of))
    # Where there are no links, it is found in the environment.
    with suppress(OSError):
        linked_folder(folder, site.fact(distributions_of), names)
    return folder


def _to_run(site: Site) -> list[Requirement]:
    """What is declared, and what is imported all the same: that is found by reading, and told; then all goes on with it."""
    libraries, declared = site.fact(installed_of), site.fact(needs_of).run
    names = {canonicalize_name(each.name) for each in declared}
    imported = {
        owner
        for each in site.fact(read_source).imports
        if not each.is_optional
        for owner in _unless_declared(owners_of(each.module, libraries), names)
    }
    return [*declared, Requirement(PKGNAME), *map(Requirement, sorted(imported & libraries.keys()))]


def _unless_declared(owners: frozenset[str], declared: Collection[str]) -> frozenset[str]:
    return frozenset() if owners.intersection(declared) else owners


def _made(site: Site, name: str, wanted: list[Requirement]) -> Environment:
    libraries = site.fact(installed_of)
    if site.fact(needs_of).is_dynamic or _SDK not in libraries:
        return this_environment()
    own = canonicalize_name(site.project.name)
    names = closure(wanted, libraries).keys() - {own}
    try:
        return linked(
            site.scratch / "environments" / name, site.fact(distributions_of), names, _metadata(site.project, libraries)
        )
    except OSError:
        # A system without links, or libraries of the system's own.
        return this_environment()


def _metadata(project: Project, libraries: Mapping[str, Library]) -> dict[str, str]:
    """The files that say that the project itself is installed: some ask for their own version, or bring a plugin along."""
    own = canonicalize_name(project.name)
    version = project.version or (libraries[own].version if own in libraries else "0")
    folder = f"{own.replace('-', '_')}-{version}.dist-info"
    groups: Any = project.table.get("entry-points", {})
    sections = [
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in entries.items())
        for group, entries in (groups.items() if isinstance(groups, dict) else ())
        if isinstance(entries, dict)
    ]
    return {
        f"{folder}/METADATA": f"Metadata-Version: 2.1\nName: {project.name}\nVersion: {version}\n",
        f"{folder}/entry_points.txt": "\n".join(sections),
    }


def _imports_of(file: Path, path: str) -> Iterator[Import]:
    try:
        yield from imports_in(ast.parse(file.read_bytes()), path)
    except (SyntaxError, ValueError):
        return
