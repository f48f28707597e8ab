"""The wheel that a project builds: made from a copy of it, unpacked, and its module imported from there."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from panoply_testing.checks import config, module
from panoply_testing.review._environment import build_requirements, needs_of
from panoply_testing.review._environments import building_of, probing_of
from panoply_testing.review._module_facts import LIMIT, module_of, problem_of, tried_of
from panoply_testing.review._pytest_facts import run_checks
from panoply_testing.review._site import Site, copied, files_of, git_of
from panoply_testing.review._tree import copy_tree

if TYPE_CHECKING:
    from panoply_testing.report.model import SourceReport
    from panoply_testing.review._git import Git

__all__ = ["WheelFacts", "version_of", "wheel_of"]

# Seconds. A wheel of Python files takes one or two.
_BUILD_LIMIT: Final = 180

_UNMET: Final = re.compile(r"(?:Unmet|Missing) dependencies[^\n]*:\n(?P<names>(?:[ \t]+\S[^\n]*\n?)+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelFacts:
    """What came of building a wheel.

    Attributes:
        unbuildable: why nobody could try. `problem`: why it failed. Both empty: it was built.
        files: the paths in it, but for its metadata. `sizes`: all paths, each with its bytes.
        version: as its metadata have it.
        import_problem: why its module cannot be imported from it, away from the project. Empty: it can, or nobody tried.
        broken: what it breaks there of the contract's rules for modules, each check's name with what it found.
    """

    unbuildable: str = ""
    problem: str = ""
    files: tuple[str, ...] = ()
    sizes: tuple[tuple[str, int], ...] = ()
    version: str = ""
    import_problem: str = ""
    broken: tuple[tuple[str, str], ...] = ()


def wheel_of(site: Site) -> WheelFacts:
    """Build the wheel, without a network: what the build needs has to be here. Then look into it, and try its module."""
    built = _build(site)
    return built if isinstance(built, WheelFacts) else _looked_into(site, built)


def _build(site: Site) -> Path | WheelFacts:
    """The wheel, or why there is none."""
    lacking = build_requirements(site)
    if lacking:
        return WheelFacts(unbuildable=_needs(lacking))
    tree, out = site.scratch / "build" / site.project.root.name, site.scratch / "wheel"
    copy_tree(site.project.root, site.fact(files_of), tree)
    if not site.project.version:
        _bring_history(site.fact(git_of), site.project.root, tree)
    words = ["-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), "."]
    done = site.child.run(words, cwd=tree, limit=_BUILD_LIMIT, python=site.fact(building_of).python)
    wheels = sorted(out.glob("*.whl")) if out.is_dir() else []
    if not done.in_time:
        return WheelFacts(problem=f"did not end within {_BUILD_LIMIT} seconds")
    lacking = _lacking(done.said)
    if lacking:
        return WheelFacts(unbuildable=_needs(lacking))
    if not done.code and not wheels:
        return WheelFacts(problem="ends as if all were well, and there is no wheel")
    if done.code:
        return WheelFacts(problem=f"failed: {_reason(done.said)}")
    return wheels[0]


def _looked_into(site: Site, wheel: Path) -> WheelFacts:
    unpacked = site.scratch / "unpacked"
    try:
        with zipfile.ZipFile(wheel) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/")]
            sizes = sorted((each.filename, each.file_size) for each in archive.infolist() if not each.is_dir())
            archive.extractall(unpacked)
    except (zipfile.BadZipFile, OSError, NotImplementedError) as exc:
        return WheelFacts(problem=f"gives {wheel.name}, which cannot be opened: {exc}")
    _put_data_in_place(unpacked)
    import_problem = _import_problem(site, unpacked)
    return WheelFacts(
        files=tuple(sorted(name for name in names if not name.partition("/")[0].endswith((".dist-info", ".data")))),
        sizes=tuple(sizes),
        version=_version(unpacked),
        import_problem=import_problem,
        broken=() if import_problem else _broken(site, unpacked),
    )


def _put_data_in_place(unpacked: Path) -> None:
    """Move what a wheel keeps apart, and its installation puts beside the rest."""
    for folder in (*unpacked.glob("*.data/purelib"), *unpacked.glob("*.data/platlib")):
        shutil.copytree(folder, unpacked, dirs_exist_ok=True)


def _needs(lacking: tuple[str, ...]) -> str:
    return f"building it needs {', '.join(lacking)}, which this environment lacks. Install it with pip"


def _lacking(said: str) -> tuple[str, ...]:
    """What a backend asks for beside what pyproject.toml names for it, as `build` tells it."""
    unmet = _UNMET.search(said)
    return tuple(line.strip().partition(",")[0] for line in unmet["names"].splitlines()) if unmet else ()


def version_of(site: Site) -> str:
    """The project's version: what pyproject.toml says, or else what the build decides on. Empty: nobody knows."""
    return site.project.version or site.fact(wheel_of).version


_WORKTREE: Final = re.compile(r"(?m)^\s*worktree\s*=.*$")


def _bring_history(git: Git | None, root: Path, tree: Path) -> None:
    """A build that takes the version from git needs the repository."""
    if git is None or not (root / ".git").exists():
        return
    shared, own = (
        Path(git.text("rev-parse", "--path-format=absolute", name)) for name in ("--git-common-dir", "--git-dir")
    )
    shutil.copytree(shared, tree / ".git", ignore=lambda *_: ["hooks", "worktrees"], symlinks=True)
    if own != shared:
        # Of a worktree, what it has of its own: where it is, and what is in it.
        for name in ("HEAD", "index"):
            if (own / name).is_file():
                shutil.copy(own / name, tree / ".git" / name)
    # That of a submodule names its folder.
    config = tree / ".git/config"
    if config.is_file():
        config.write_text(
            _WORKTREE.sub("", config.read_text(encoding="utf-8", errors="surrogateescape")),
            encoding="utf-8",
            errors="surrogateescape",
        )


def _reason(said: str) -> str:
    """What the build gave as its reason: the last line that is no frame of a traceback."""
    lines = [line.strip() for line in said.splitlines() if line.strip() and not line.startswith((" ", "*"))]
    told = [line for line in lines if "Error" in line or line.startswith("ERROR")]
    lines = [line for line in told if not line.startswith("ERROR Backend")] or told or lines or ["without a word"]
    return lines[-1][:300].rstrip(".")


def _version(unpacked: Path) -> str:
    for file in unpacked.glob("*.dist-info/METADATA"):
        return str(Parser().parsestr(file.read_text(encoding="utf-8", errors="replace")).get("Version", ""))
    return ""


def _import_problem(site: Site, unpacked: Path) -> str:
    """Why one of the modules cannot be imported from the wheel; what cannot be imported in the checkout is not tried."""
    if site.fact(needs_of).missing or any(each.problem for each in site.fact(module_of)):
        return ""
    return next(filter(None, (_imported(site, name, unpacked) for name in site.project.modules)), "")


# What the contract asks of a module, whoever reads from where.
_OF_MODULES: Final = tuple(each.name for each in (*module.CHECKS, *config.CHECKS) if each.level == "MUST")


def _broken(site: Site, unpacked: Path) -> tuple[tuple[str, str], ...]:
    """What the module breaks where it is installed, and keeps in the checkout."""
    if (
        "wheel_imports" not in site.names
        or site.fact(needs_of).missing
        or any(each.problem for each in site.fact(module_of))
    ):
        return ()
    there = _failed(run_checks(site, _OF_MODULES, label="wheel-checks", paths=[unpacked]))
    if not there:
        return ()
    tree = site.fact(copied)
    here = _failed(run_checks(site, _OF_MODULES, label="checkout-checks", paths=site.import_paths(tree)))
    return tuple((name, gist) for name, gist in there.items() if name not in here)


def _failed(sources: tuple[SourceReport, ...]) -> dict[str, str]:
    return {check.name: check.gist for source in sources for check in source.of("failed")}


def _imported(site: Site, name: str, unpacked: Path) -> str:
    """Why a module cannot be imported out of the wheel alone."""
    away = site.scratch / "away"
    away.mkdir(exist_ok=True)
    file = site.scratch / f"wheel-{name}.json"
    words = ["-m", "panoply_testing.review._module_probe", name, str(file), str(site.fact(probing_of))]
    done = site.child.run(words, cwd=away, limit=LIMIT, paths=[unpacked], python=site.fact(tried_of).environment.python)
    if not done.in_time:
        return f"did not end within {LIMIT} seconds"
    try:
        told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "ended the whole process"
    if "error" in told:
        return problem_of(told["error"])
    if told.get("file") and not Path(told["file"]).resolve().is_relative_to(unpacked):
        return "finds it elsewhere: the wheel has no such module"
    return ""
