"""What there is to review: a folder with a pyproject.toml and a source's package, found without running any of it."""

from __future__ import annotations

import ast
import tokenize
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from panoply.errors import LoadError
from panoply.loading import locate
from panoply_testing.review._pyproject import SKIPPED_FOLDERS, pytest_options, read_pyproject
from panoply_testing.review.model import CannotReview

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["SKIPPED_FOLDERS", "Project", "find_project", "module_files", "source_files"]

_TEST_FOLDERS: Final = frozenset({"test", "tests", "testing"})

_NO_SOURCES: Final = frozenset(
    {"tests", "test", "docs", "doc", "examples", "scripts", "benchmarks", "setup", "conftest"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A source project, as its files describe it.

    Attributes:
        root: its folder, absolute.
        pyproject: what pyproject.toml says.
        modules: the dotted names of the source's modules, the first one first.
        base: the folder, relative to the root, in which they are imported from: `.` or `src`.
        paths: for each module its folder or file, relative to the root.
        is_declared: whether the project's own settings name them, or they were only found.
        settings: the file in which pytest finds its settings.
    """

    root: Path
    pyproject: Mapping[str, Any] = field(repr=False)
    modules: tuple[str, ...]
    base: str
    paths: tuple[str, ...]
    is_declared: bool = True
    settings: str = "pyproject.toml"

    @property
    def table(self) -> Mapping[str, Any]:
        """The table [project]."""
        table: Mapping[str, Any] = self.pyproject["project"]
        return table

    @property
    def name(self) -> str:
        """What it is called where packages are published."""
        return str(self.table["name"])

    @property
    def version(self) -> str:
        """As pyproject.toml has it; empty where the build decides it."""
        return str(self.table.get("version", ""))

    @property
    def module(self) -> str:
        """The source's module."""
        return self.modules[0]

    @property
    def packages(self) -> tuple[str, ...]:
        """The top-level packages or modules that belong to the project's source."""
        return tuple(dict.fromkeys(module.partition(".")[0] for module in self.modules))

    @property
    def tops(self) -> tuple[str, ...]:
        """Where these are, relative to the root."""
        found = []
        for name in self.packages:
            folder = self.root / self.base / name
            found.append((Path(self.base) / (name if folder.is_dir() else f"{name}.py")).as_posix())
        return tuple(found)


def find_project(path: Path) -> Project:
    """Find the project in a folder.

    Raises:
        CannotReview: there is none, or it cannot be read; the message says what to do.
    """
    root = path.parent if path.name == "pyproject.toml" else path
    if not root.exists():
        raise CannotReview(f"{path}: there is no such folder.")
    if not root.is_dir():
        raise CannotReview(f"{path}: is a file. Name the folder of a project, the one with pyproject.toml.")
    root = root.resolve()
    pyproject = read_pyproject(root, path)
    settings, options = pytest_options(root, pyproject)
    declared = _names(options.get("panoply_source", ""))
    names = declared or _found(root)
    if not names:
        raise CannotReview(
            f"{path}: is no source project: no package or module in it (or in src/) has a Stream and a CONFIG. "
            'If it has one, name it in pyproject.toml: [tool.pytest.ini_options] panoply_source = "mymod".'
        )
    base, modules = _located(root, names, _bases(root, options))
    return Project(
        root=root,
        pyproject=pyproject,
        modules=tuple(modules),
        base=base.relative_to(root).as_posix(),
        paths=tuple(modules.values()),
        is_declared=bool(declared),
        settings=settings,
    )


def module_files(project: Project) -> Iterator[Path]:
    """The Python files of the source's packages, sorted."""
    for top in project.tops:
        where = project.root / top
        files = [where] if where.is_file() else sorted(where.rglob("*.py"))
        yield from (
            file
            for file in files
            # A folder may have such a name, and so may a named pipe, or a link that leads nowhere.
            if file.is_file() and not SKIPPED_FOLDERS & set(file.relative_to(project.root).parts)
        )


def source_files(project: Project) -> Iterator[Path]:
    """Those of them that are the source's own: some projects keep their tests in the package."""
    for file in module_files(project):
        folders = file.relative_to(project.root).parts[:-1]
        if not (_TEST_FOLDERS & set(folders) or file.name.startswith("test_") or file.name == "conftest.py"):
            yield file


def _names(value: object) -> tuple[str, ...]:
    lines = [str(each) for each in value] if isinstance(value, list) else str(value).splitlines()
    return tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))


def _found(root: Path) -> tuple[str, ...]:
    """The packages and modules that have both a Stream and a CONFIG, as far as reading them tells."""
    for base in (root, root / "src"):
        found = [
            name
            for name, file in _candidates(base)
            if {"Stream", "CONFIG"} <= set(_defined(root, file, _parse(root, file)))
        ]
        if found:
            return tuple(found)
    return ()


def _candidates(base: Path) -> Iterator[tuple[str, Path]]:
    """The modules in a folder, and those in its namespaces, as published sources are in that of the SDK."""
    for path in _sorted(base):
        if (path / "__init__.py").is_file():
            yield path.name, path / "__init__.py"
        elif path.is_dir() and path.name != "src":
            for inner in _sorted(path):
                if (inner / "__init__.py").is_file():
                    yield f"{path.name}.{inner.name}", inner / "__init__.py"
        elif path.suffix == ".py" and path.is_file():
            yield path.stem, path


def _sorted(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    try:
        return sorted(
            path
            for path in folder.iterdir()
            if path.stem.isidentifier() and path.stem not in _NO_SOURCES and not path.name.startswith("_")
            if path.name not in SKIPPED_FOLDERS
        )
    except OSError as exc:
        raise CannotReview(f"{folder}: cannot be read: {exc.strerror}.") from None


def _defined(root: Path, file: Path, tree: ast.Module) -> Iterator[str]:
    """The names that a module has, with those that it takes over from a module beside it."""
    for node in tree.body:
        match node:
            case ast.ClassDef(name=name):
                yield name
            case ast.ImportFrom(module=str(module), names=[ast.alias(name="*")], level=1):
                beside = file.parent.joinpath(*module.split(".")).with_suffix(".py")
                if beside.is_file() and beside != file:
                    yield from _defined(root, beside, _parse(root, beside))
            case ast.ImportFrom(names=names) | ast.Import(names=names):
                yield from (alias.asname or alias.name for alias in names)
            case ast.Assign(targets=targets):
                yield from (target.id for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name


def _parse(root: Path, file: Path) -> ast.Module:
    shown = file.relative_to(root).as_posix()
    try:
        with tokenize.open(file) as stream, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(stream.read(), filename=shown)
    except (SyntaxError, UnicodeDecodeError, ValueError) as exc:
        line = f":{exc.lineno}" if isinstance(exc, SyntaxError) and exc.lineno else ""
        said = exc.msg if isinstance(exc, SyntaxError) else "its bytes are no text in the encoding that it names"
        raise CannotReview(f"{shown}{line}: is not Python: {said}. Mend it, then the review can begin.") from None
    except (RecursionError, MemoryError):
        raise CannotReview(f"{shown}: is nested too deeply for Python to read it. Put data into a data file.") from None
    except OSError as exc:
        raise CannotReview(f"{shown}: cannot be read: {exc.strerror}.") from None


def _located(root: Path, targets: Sequence[str], bases: Sequence[Path]) -> tuple[Path, dict[str, str]]:
    """The folder that the modules are imported from, and for each of them its own path, relative to the root."""
    found, base = dict[str, str](), None
    for target in targets:
        name, where = _locate(root, target, bases)
        path = where.joinpath(*name.split("."))
        path = path if path.is_dir() else path.with_suffix(".py")
        shown = path.relative_to(root).as_posix()
        if not path.resolve().is_relative_to(root):
            raise CannotReview(f"{shown}: is a link that leads out of the project. Put the files themselves there.")
        if base not in (None, where):
            raise CannotReview(f"{', '.join(targets)}: are imported from more than one folder. Review one at a time.")
        found[name], base = shown, where
    assert base is not None  # noqa: S101 - there is a target
    return base, found


def _bases(root: Path, options: Mapping[str, Any]) -> list[Path]:
    """The folders in which a module may be found, the likeliest first."""
    wanted = options.get("pythonpath", [])
    wanted = wanted.split() if isinstance(wanted, str) else wanted
    folders = [root / str(each) for each in (wanted if isinstance(wanted, list) else [])]
    every = [*folders, root, root / "src"]
    return [each.resolve() for each in dict.fromkeys(every) if each.resolve().is_relative_to(root)]


def _locate(root: Path, target: str, bases: Sequence[Path]) -> tuple[str, Path]:
    """A target's dotted name, and the folder that it is imported from."""
    try:
        name, where = locate(target, root)
    except LoadError as exc:
        raise CannotReview(f"panoply_source: {exc}") from None
    if where is not None:
        if not where.resolve().is_relative_to(root):
            raise CannotReview(f"panoply_source: {target} is outside of the project's folder.")
        return name, where.resolve()
    for base in bases:
        path = base.joinpath(*name.split("."))
        if (path / "__init__.py").is_file() or path.with_name(f"{path.name}.py").is_file():
            return name, base
    raise CannotReview(
        f"panoply_source: there is no package or module {name} in the project's folder (nor in src/). "
        "If it has moved, name it anew; if it is in another folder, name that in [tool.pytest.ini_options] pythonpath."
    )
