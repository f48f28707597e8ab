"""The last released version of a project: its files out of git, its CONFIG, and what its constructor writes into the params."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from packaging.version import InvalidVersion, Version

from panoply.config import names_a_credential
from panoply_testing.review._git import GitFailed
from panoply_testing.review._git_facts import look_up
from panoply_testing.review._linked import this_environment
from panoply_testing.review._module_facts import LIMIT, imported, module_of, tried_of
from panoply_testing.review._project import find_project
from panoply_testing.review._site import Site, copied, git_of
from panoply_testing.review._stream_probe import DEFAULTS
from panoply_testing.review.model import CannotReview

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from panoply_testing.review._git import Git

__all__ = ["Pair", "Released", "Written", "made_up_params", "previous_of", "previous_tag", "written_in"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What one version puts into the params where a user left it empty.

    Attributes:
        values: by `destination` and `idpattern`.
        by_reading: the constructor took no params that anybody here could make up; this is how the code has it.
    """

    values: dict[str, str] = field(default_factory=dict)
    by_reading: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One module in its two versions: what CONFIG says, as JSON has it, and what is written into the params."""

    name: str
    path: str
    before: Any
    now: Any
    written_before: Written = Written()
    written_now: Written = Written()


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """The last released version.

    Attributes:
        tag: empty: there is none, this is the first version.
        problem: why it cannot be compared with. Empty: it can.
    """

    tag: str = ""
    problem: str = ""
    pairs: tuple[Pair, ...] = ()


_PREVIOUS: Final = "previous"

# A pre-release is nobody's: customers have what was released.
_TAG: Final = re.compile(r"v\d+\.\d+\.\d+")


def previous_tag(tags: Iterable[str], version: str) -> str:
    """Of tags, the one of the newest version below this one; of all, where the version is unknown. Empty: there is none."""
    try:
        present = Version(version) if version else None
    except InvalidVersion:
        present = None
    known = {tag: Version(tag) for tag in tags if _TAG.fullmatch(tag)}
    older = [tag for tag in known if present is None or known[tag] < present]
    return max(older, key=lambda tag: known[tag], default="")


def previous_of(site: Site) -> Released:
    """The last released version that leads to the commit under review."""
    facts = site.fact(look_up)
    git = site.fact(git_of)
    if git is None or facts.problem:
        return Released(problem=facts.problem)
    try:
        tags = git.lines("for-each-ref", "--merged=HEAD", "--format=%(refname:strip=2)", "refs/tags")
    except GitFailed as exc:
        return Released(problem=f"its tags cannot be read: {exc}")
    # Where only the build knows the version, a tag on the commit itself is the present one's.
    present = set() if site.project.version else {tag.name for tag in facts.tags if tag.commit == facts.head}
    tag = previous_tag([each for each in tags if each not in present], site.project.version)
    if not tag and facts.is_shallow:
        return Released(
            problem="the repository is a shallow clone; fetch the rest (`git fetch --unshallow --tags`; for actions/checkout: fetch-depth: 0)"
        )
    if not tag:
        return Released()
    tree = site.scratch / _PREVIOUS / site.project.root.name
    try:
        _export(git, tag, tree)
    except (GitFailed, OSError) as exc:
        return Released(tag=tag, problem=f"{tag} cannot be taken out of the repository: {exc}")
    return _compared(site, tag, tree)


# ---------------------------------------------------------------------- its files


def _export(git: Git, tag: str, tree: Path) -> None:
    """Write the files of a tag. Not by `git archive`: that runs what the repository's settings name as filters."""
    tree.mkdir(parents=True, exist_ok=True)
    listed = git.paths("ls-tree", "-r", "-z", f"refs/tags/{tag}", "--", ".")
    files = [_TREE_LINE.fullmatch(each) for each in listed]
    # Links are left out, and what would be written elsewhere.
    blobs = [each for each in files if each and each["mode"].startswith("100") and _is_inside(each["path"])]
    told = git.bytes("cat-file", "--batch", given="\n".join(each["blob"] for each in blobs).encode()) if blobs else b""
    at = 0
    for each in blobs:
        end = told.index(b"\n", at)
        blob, *what = told[at:end].decode().split()
        if what == ["missing"]:
            raise GitFailed(f"git cat-file: {blob} is missing")
        size = int(what[1])
        target = tree / each["path"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(told[end + 1 : end + 1 + size])
        at = end + 2 + size


def _is_inside(path: str) -> bool:
    return not PurePosixPath(path).is_absolute() and ".." not in PurePosixPath(path).parts


_TREE_LINE: Final = re.compile(r"(?P<mode>\d+) blob (?P<blob>[0-9a-f]+)\t(?P<path>.+)", re.DOTALL)


def _found(site: Site, tree: Path, name: str) -> tuple[str, Path] | None:
    """Where a module was then, and what it was called. None: it is one of several, and new.

    Raises:
        CannotReview: it was not there.
    """
    for base in dict.fromkeys((site.project.base, ".", "src")):
        path = tree.joinpath(base, *name.split("."))
        if (path / "__init__.py").is_file() or path.with_name(f"{path.name}.py").is_file():
            return name, tree / base
    if len(site.project.modules) > 1:
        return None
    # It may have had another name.
    project = find_project(tree)
    return project.module, tree / project.base


# ---------------------------------------------------------------------- what it says and does


def _compared(site: Site, tag: str, tree: Path) -> Released:
    pairs = []
    for now, path in zip(site.fact(module_of), site.project.paths, strict=True):
        try:
            found = _found(site, tree, now.name)
        except CannotReview as exc:
            return Released(tag=tag, problem=f"{tag} has no source that can be found: {exc}")
        if found is None:
            continue
        name, base = found
        before = imported(
            site, name, tree=tree, paths=(base,), file=f"previous-{now.name}.json", within=this_environment()
        )
        if before.problem:
            return Released(tag=tag, problem=f"importing {name} as of {tag} {before.problem}")
        if not isinstance(before.view, dict):
            return Released(tag=tag, problem=f"{name} as of {tag} has no CONFIG that can be read")
        pair = Pair(name=now.name, path=_config_path(site, path), before=before.view, now=now.view)
        pairs.append(_constructed(site, pair, name, tree, base))
    return Released(tag=tag, pairs=tuple(pairs))


def _config_path(site: Site, path: str) -> str:
    """The file that CONFIG is likely to be written in."""
    folder = site.project.root / path
    if not folder.is_dir():
        return path
    names = [name for name in ("config.py", "conf.py", "__init__.py") if (folder / name).is_file()]
    return f"{path}/{names[0]}" if names else path


def _constructed(site: Site, pair: Pair, name: str, tree: Path, base: Path) -> Pair:
    # A customer's params are those of the form as it was then.
    given = made_up_params(pair.before)
    here = site.fact(copied)
    (own,) = site.import_paths(here)
    before = _construct(site, name, given, (tree, base))
    now = _construct(site, pair.name, given, (here, own))
    for one, other in zip(before, now, strict=False):
        if one is not None and other is not None:
            return replace(pair, written_before=Written(values=one), written_now=Written(values=other))
    return replace(
        pair,
        written_before=Written(values=written_in(_texts(base, name)), by_reading=True),
        written_now=Written(values=written_in(_texts(own, pair.name)), by_reading=True),
    )


def _construct(
    site: Site, name: str, given: list[dict[str, Any]], where: tuple[Path, Path]
) -> list[dict[str, str] | None]:
    """What a module's constructor writes into each of these params; `where`: the copy, and where in it the module is found."""
    tree, base = where
    which = "previous" if tree.is_relative_to(site.scratch / _PREVIOUS) else "present"
    params, file = (site.scratch / f"{which}-{name}-{what}.json" for what in ("params", "written"))
    params.write_text(json.dumps(given), encoding="utf-8")
    words = ["-m", "panoply_testing.review._stream_probe", name, str(file), str(params)]
    python = None if which == "previous" else site.fact(tried_of).environment.python
    site.child.run(words, cwd=tree, limit=LIMIT, paths=(base,), python=python)
    try:
        written: list[dict[str, str] | None] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return written


_MANY: Final = ("list", "dynamic-list")


def made_up_params(config: Any) -> list[dict[str, Any]]:
    """Params as a user might have entered them: everything filled in, and only what is required."""
    params = config.get("params") if isinstance(config, dict) else None
    named = [
        each
        for each in (params if isinstance(params, list) else [])
        if isinstance(each, dict) and isinstance(each.get("name"), str) and each["name"] not in DEFAULTS
    ]
    everything = {each["name"]: _made_up(each) for each in named}
    required = {each["name"] for each in named if each.get("required") is True}
    return [everything, {name: value for name, value in everything.items() if name in required}]


def _made_up(param: dict[str, Any]) -> Any:
    kind, default, values = param.get("type"), param.get("default"), param.get("values")
    if default not in (None, "") and not isinstance(default, dict):
        return default
    one: Any = values[0] if isinstance(values, list) and values else None
    if one is None and isinstance(values, dict):
        one = {"name": "made-up", "value": "made-up"}
    if one is None:
        one = 1 if kind == "number" else _text(param["name"])
    return [one] if kind in _MANY else one


def _text(name: str) -> str:
    lowered = name.lower()
    if "url" in lowered:
        return "https://made-up.example.com"
    if "host" in lowered or "domain" in lowered:
        return "made-up.example.com"
    if "date" in lowered:
        return "2024-01-01"
    return "made-up" if names_a_credential(name) or "mail" not in lowered else "made-up@example.com"


# ---------------------------------------------------------------------- what its code says


def _texts(base: Path, name: str) -> dict[str, str]:
    top = base / name.partition(".")[0]
    files = sorted(top.rglob("*.py")) if top.is_dir() else [top.with_name(f"{top.name}.py")]
    return {
        PurePosixPath(file.relative_to(base)).as_posix(): file.read_text(encoding="utf-8", errors="replace")
        for file in files
        if file.is_file()
    }


def written_in(texts: dict[str, str]) -> dict[str, str]:
    """What code puts under `destination` and `idpattern`, as it is written there; constants are filled in."""
    trees = []
    for text in texts.values():
        try:
            trees.append(ast.parse(text))
        except (SyntaxError, ValueError):
            continue
    constants = {
        target.id: node.value
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    found: dict[str, set[str]] = {}
    for tree in trees:
        for key, value in _writings(tree):
            shown = constants.get(value.id, value) if isinstance(value, ast.Name) else value
            found.setdefault(key, set()).add(ast.unparse(shown))
    return {key: ", ".join(sorted(values)) for key, values in found.items()}


def _writings(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Subscript(slice=ast.Constant(value=str(key)))], value=value):
                pass
            case ast.Call(
                func=ast.Attribute(attr="setdefault" | "get"), args=[ast.Constant(value=str(key)), ast.expr() as value]
            ):
                pass
            case _:
                continue
        if key in DEFAULTS:
            yield key, value
