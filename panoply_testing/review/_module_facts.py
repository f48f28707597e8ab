"""What a source's module turned out to be when it was imported, in a process of its own."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from panoply_testing.review._environments import bare_of, bare_with, probing_of
from panoply_testing.review._installed import installed_of, owners_of
from panoply_testing.review._site import Site, copied

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from panoply_testing.review._linked import Environment

__all__ = [
    "LIMIT",
    "ConfigFact",
    "ModuleFacts",
    "ParamFact",
    "Tried",
    "Undeclared",
    "imported",
    "module_of",
    "problem_of",
    "tried_of",
]

# Seconds. The largest client libraries take five.
LIMIT: Final = 60

# Of what a process has written, so much is shown.
_LONGEST: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFact:
    """What is wrong with CONFIG in a review. `before`: whether it is an error at any time, so that the contract says it, too."""

    path: str
    found: str
    expected: str
    fix: str
    level: str = "error"
    before: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamFact:
    """One param of CONFIG."""

    name: str
    title: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleFacts:
    """One module.

    Attributes:
        problem: why it could not be imported, as the end of "importing it ...". Empty: it could be.
        path, line: where in the project that was, if anywhere.
        missing: the top-level name of the module that was not there to be imported, if that is the problem.
        by_itself: ... and it is the project's own code that imports it, not that of a library.
        stream: the module and the name of the class that is Stream.
        title, keywords, params: what CONFIG says, as far as it is text.
        view: all that CONFIG says, as JSON has it. `form`: the form that users see, likewise; None: CONFIG is not valid.
    """

    name: str
    problem: str = ""
    path: str = ""
    line: int = 0
    missing: str = ""
    by_itself: bool = False
    stream: tuple[str, str] = ("", "")
    has_config: bool = False
    title: str = ""
    keywords: tuple[str, ...] = ()
    params: tuple[ParamFact, ...] = ()
    view: Any = field(default=None, repr=False)
    form: Any = field(default=None, repr=False)
    config: tuple[ConfigFact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Undeclared:
    """A module that the source imports where nothing that it declares brings it along: found by running, not by reading.

    Attributes:
        owner: the distribution that it belongs to. `is_here`: whether that is installed here.
    """

    top: str
    owner: str
    path: str
    line: int
    is_here: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What became of importing the source's modules with nothing but what is declared, and what was missing then.

    Attributes:
        environment: the one that they were imported in: with what was missing, as far as it is installed here.
    """

    modules: tuple[ModuleFacts, ...]
    environment: Environment
    undeclared: tuple[Undeclared, ...] = ()


def module_of(site: Site) -> tuple[ModuleFacts, ...]:
    """Each of the source's modules, imported."""
    return site.fact(tried_of).modules


# So many undeclared libraries are told at once.
_MOST: Final = 10


def tried_of(site: Site) -> Tried:
    """Each of the source's modules, imported; what is missing and is installed here, is told, and added."""
    tree, environment = site.fact(copied), site.fact(bare_of)
    libraries = site.fact(installed_of)
    found: dict[str, Undeclared] = {}
    while True:
        modules = tuple(
            imported(
                site, name, tree=tree, paths=site.import_paths(tree), file=f"module-{name}.json", within=environment
            )
            for name in site.project.modules
        )
        lacking = {each.missing: each for each in modules if each.missing and each.missing not in site.project.packages}
        for top, module in lacking.items():
            owner = min(owners_of(top, libraries) & libraries.keys(), default="")
            if top not in found and top not in sys.stdlib_module_names and (owner or module.by_itself):
                found[top] = Undeclared(
                    top=top, owner=owner or top, path=module.path, line=module.line, is_here=bool(owner)
                )
        owners = {each.owner for each in found.values() if each.is_here}
        if not lacking or all(environment.has(owner) for owner in owners) or len(found) > _MOST:
            return Tried(modules=modules, environment=environment, undeclared=tuple(found.values()))
        environment = bare_with(site, owners)


def imported(  # noqa: PLR0913 - where, and with what
    site: Site,
    name: str,
    *,
    tree: Path,
    paths: tuple[Path, ...],
    file: str,
    within: Environment,
) -> ModuleFacts:
    """A module, imported.

    Args:
        site: where the review works.
        name: the module's.
        tree: a copy of the project, perhaps as it once was.
        paths: where in it the module is found.
        file: the name of a file in scratch.
        within: the environment.
    """
    told_in = site.scratch / file
    words = ["-m", "panoply_testing.review._module_probe", name, str(told_in), str(site.fact(probing_of))]
    done = site.child.run(words, cwd=tree, limit=LIMIT, paths=paths, python=within.python)
    if not done.in_time:
        return ModuleFacts(name=name, problem=f"did not end within {LIMIT} seconds")
    try:
        told: Mapping[str, Any] = json.loads(told_in.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        end = f"signal {-done.code}" if done.code < 0 else f"exit code {done.code}"
        # What it wrote last may be the reason; without a failure it is something else.
        said = f": {done.last_line[:_LONGEST]}" if done.code and done.last_line else ""
        return ModuleFacts(name=name, problem=f"ended the whole process, with {end}{said.rstrip('.')}")
    if "error" in told:
        return ModuleFacts(
            name=name,
            problem=problem_of(told["error"]),
            path=told["path"],
            line=told["line"],
            missing=told["missing"],
            by_itself=told["by_itself"],
        )
    config = told.get("config", {})
    return ModuleFacts(
        name=name,
        stream=(told["stream"][0], told["stream"][1]),
        has_config="config" in told,
        view=told.get("view"),
        form=told.get("form"),
        title=config["title"] if isinstance(config.get("title"), str) else "",
        keywords=tuple(each for each in config.get("keywords") or () if isinstance(each, str)),
        params=tuple(ParamFact(**each) for each in config.get("params", ())),
        config=tuple(
            ConfigFact(**each, before=["error", each["path"], each["found"]] in told["before"])
            for each in told.get("findings", ())
        ),
    )


def problem_of(error: str) -> str:
    """What an exception means, as the end of "importing it ..."."""
    if error.startswith("SystemExit"):
        return f"calls sys.exit ({error})"
    return f"raises {error}"
