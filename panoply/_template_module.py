"""Finds the data source in a project by reading its code: the module that has `Stream` and `CONFIG`. Nothing is imported."""

from __future__ import annotations

import ast
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from panoply.errors import LoadError, TemplateError
from panoply.loading import locate

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Found", "find_modules", "named_module"]

_WANTED: Final = frozenset({"Stream", "CONFIG"})

# What is no part of a source, by the names of folders.
_ELSEWHERE: Final = frozenset(
    {"build", "dist", "docs", "env", "node_modules", "site-packages", "test", "tests", "venv"}
)

_NO_SOURCE: Final = frozenset({"conftest.py", "noxfile.py", "setup.py"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A module in a project.

    Attributes:
        name: as it is imported.
        target: what `panoply run` and `panoply_source` take from the project's folder.
        path: its file.
    """

    name: str
    target: str
    path: Path


def find_modules(project: Path) -> tuple[Found, ...]:
    """The modules with both names; of those in one package the package itself, if it has them."""
    files = [file for file in _files(project) if _names(file) >= _WANTED]
    packages = {file.parent for file in files if file.name == "__init__.py"}
    outer = [file for file in files if not packages & set(_inside(file))]
    found = [each for each in (_found(file, project) for file in outer) if each is not None]
    return tuple(sorted(found, key=lambda each: each.target))


def named_module(project: Path, name: str) -> Found:
    """The module that somebody names, whether its names can be read or not.

    Raises:
        TemplateError: it is not in the project.
    """
    try:
        module, root = locate(name, project)
    except LoadError as exc:
        raise TemplateError(str(exc)) from None
    if root is None or not root.is_relative_to(project):
        raise TemplateError(f"There is no module {name!r} in {project}.")
    top = root.joinpath(*module.split("."))
    path = top.with_suffix(".py") if top.with_suffix(".py").is_file() else top / "__init__.py"
    return Found(name=module, target=_target(module, root, path, project), path=path)


def _files(project: Path) -> Iterator[Path]:
    for folder, inner, files in os.walk(project):
        inner[:] = sorted(
            name
            for name in inner
            if not name.startswith((".", "__"))
            and name not in _ELSEWHERE
            and not name.endswith(".egg-info")
            and not (Path(folder) / name / "pyvenv.cfg").exists()
        )
        for name in sorted(files):
            if name.endswith(".py") and not name.startswith("test_") and name not in _NO_SOURCE:
                yield Path(folder) / name


def _inside(file: Path) -> Iterator[Path]:
    """The folders whose packages a file is inside of; a package's own file is not inside of it."""
    folder = file.parent.parent if file.name == "__init__.py" else file.parent
    while (folder / "__init__.py").is_file():
        yield folder
        folder = folder.parent


def _found(file: Path, project: Path) -> Found | None:
    try:
        name, root = locate(f"./{file.relative_to(project).as_posix()}", project)
    except LoadError:  # its name, or that of a folder around it, is none that Python can import
        return None
    return None if root is None else Found(name=name, target=_target(name, root, file, project), path=file)


def _target(name: str, root: Path, file: Path, project: Path) -> str:
    if root in {project, project / "src"}:
        return name
    place = file.parent if file.name == "__init__.py" else file
    return f"./{place.relative_to(project).as_posix()}"


def _names(file: Path, seen: frozenset[Path] = frozenset()) -> set[str]:
    """The names that a module has at its top; what it takes from elsewhere than its own package is not its own."""
    try:
        with warnings.catch_warnings():
            # Of an odd escape in a string, say.
            warnings.simplefilter("ignore")
            tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return set()
    names: set[str] = set()
    for node in _at_top(tree):
        if isinstance(node, ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {part.id for target in node.targets for part in ast.walk(target) if isinstance(part, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and node.value is not None and isinstance(node.target, ast.Name):
            names.add(node.target.id)
        elif isinstance(node, ast.ImportFrom) and _is_own(node, file):
            for alias in node.names:
                if alias.name != "*":
                    names.add(alias.asname or alias.name)
                elif (other := _imported(node, file)) is not None and other not in seen:
                    names |= {name for name in _names(other, seen | {file}) if not name.startswith("_")}
    return names


def _at_top(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements that run when the module is imported, also within `if`, `try` and `with`."""
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt):
                yield child
            if isinstance(child, (ast.If, ast.Try, ast.With, ast.ExceptHandler)):
                todo.append(child)


def _is_own(node: ast.ImportFrom, file: Path) -> bool:
    if node.level:
        return True
    top = (node.module or "").partition(".")[0]
    return any(folder.name == top for folder in [file.parent, *_inside(file)] if (folder / "__init__.py").is_file())


def _imported(node: ast.ImportFrom, file: Path) -> Path | None:
    """The file of a module that is imported by its place in the package."""
    if not node.level:
        return None
    place = file.parents[node.level - 1].joinpath(*(node.module or "").split("."))
    for path in (place.with_suffix(".py"), place / "__init__.py"):
        if path.is_file() and path != file:
            return path
    return None
