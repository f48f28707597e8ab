"""What a project needs, and whether it is installed here."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from panoply_testing.review._declared import Declared, declared_of
from panoply_testing.review._installed import Library, applies, installed_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from packaging.requirements import Requirement

    from panoply_testing.review._site import Site

__all__ = ["Needs", "build_requirements", "needs_of", "needs_with"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs(Declared):
    """What a project declares to need.

    Attributes:
        unmet: what it needs to run, and is not installed here in such a version. `unmet_tests`: ... what its tests need.
    """

    unmet: tuple[str, ...] = ()
    unmet_tests: tuple[str, ...] = ()

    @property
    def missing(self) -> str:
        """Why the source cannot be run here, and what to do. Empty: it can."""
        if not self.unmet:
            return ""
        return (
            f"this environment lacks what the source needs: {', '.join(self.unmet)}. "
            f"Install it: pip install -e '.{self.extra}'; or review with --install"
        )


def needs_of(site: Site) -> Needs:
    """What the project needs."""
    return needs_with(site.fact(declared_of), site.project.name, site.fact(installed_of))


def needs_with(declared: Declared, name: str, libraries: Mapping[str, Library]) -> Needs:
    """What is declared by the project of that name, beside what is installed here."""
    own = canonicalize_name(name)
    return Needs(
        **{each.name: getattr(declared, each.name) for each in fields(Declared)},
        unmet=tuple(_unmet(declared.run, own, libraries)),
        unmet_tests=tuple(_unmet(declared.test, own, libraries)),
    )


def _unmet(requirements: Iterable[Requirement], own: str, libraries: Mapping[str, Library]) -> Iterable[str]:
    for each in requirements:
        name = canonicalize_name(each.name)
        if name == own or not applies(each):
            continue
        if name not in libraries:
            yield f"{each} (not installed)"
        elif not each.specifier.contains(libraries[name].version, prereleases=True):
            yield f"{each} (here: {libraries[name].version})"


def build_requirements(site: Site) -> tuple[str, ...]:
    """What is needed to build the project that this environment lacks."""
    return tuple(_unmet(site.fact(declared_of).build, "", site.fact(installed_of)))
