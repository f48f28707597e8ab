"""What there is to review: a folder with a pyproject.toml and a source's package, found without running any of it."""

from __future__ import annotations

import ast
import configparser
import tokenize
import tomllib
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from panoply.errors import LoadError
from panoply.loading import locate
from panoply_testing.review.model import CannotReview

__all__ = ["SKIPPED_FOLDERS", "Project", "find_project", "module_files", "source_files"]

# What tools leave beside a project, and nobody wrote.
SKIPPED_FOLDERS: Final = frozenset(
    {
        *("__pycache__", ".git", ".hg", ".svn", ".venv", "venv", ".tox", ".nox", "node_modules", "build", "dist"),
        *(".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".eggs", ".idea", ".vscode", "htmlcov"),
    }
)

# The other files in which pytest's own settings may be, each with the section that they are in.
_INI_FILES: Final = {"pytest.ini": "pytest", ".pytest.ini": "pytest", "tox.ini": "pytest", "setup.cfg": "tool:pytest"}

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
    """

    root: Path
    pyproject: Mapping[str, Any] = field(repr=False)
    modules: tuple[str, ...]
    base: str
    paths: tuple[str, ...]
    is_declared: bool = True

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
    pyproject = _pyproject(root, path)
    declared = _declared(root, pyproject)
    names = declared or _found(root)
    if not names:
        raise CannotReview(
            f"{path}: is no source project: no package or module in it (or in src/) has a Stream and a CONFIG. "
            'If it has one, name it in pyproject.toml: [tool.pytest.ini_options] panoply_source = "mymod".'
        )
    project = _located(root, pyproject, names, is_declared=bool(declared))
    for file in module_files(project):
        _parse(root, file)
    return project


def module_files(project: Project) -> Iterator[Path]:
    """The Python files of the source's packages, sorted."""
    for top in project.tops:
        where = project.root / top
        files = [where] if where.is_file() else sorted(where.rglob("*.py"))
        yield from (file for file in files if not SKIPPED_FOLDERS & set(file.relative_to(project.root).parts))


def source_files(project: Project) -> Iterator[Path]:
    """Those of them that are the source's own: some projects keep their tests in the package."""
    for file in module_files(project):
        folders = file.relative_to(project.root).parts[:-1]
        if not (_TEST_FOLDERS & set(folders) or file.name.startswith("test_") or file.name == "conftest.py"):
            yield file


def _pyproject(root: Path, path: Path) -> dict[str, Any]:
    file = root / "pyproject.toml"
    if not file.is_file():
        above = next((each for each in root.parents if (each / "pyproject.toml").is_file()), None)
        hint = f" There is one in {above}: panoply review {above}" if above else ""
        old = next((name for name in ("setup.py", "setup.cfg", "requirements.txt") if (root / name).is_file()), "")
        hint = hint or (f" {old} alone does not say what a source project is made of." if old else "")
        raise CannotReview(f"{path}: is no source project: there is no pyproject.toml.{hint}")
    try:
        read = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as exc:
        raise CannotReview(f"{path}: pyproject.toml cannot be read: {exc.strerror}.") from None
    except UnicodeDecodeError:
        raise CannotReview(f"{path}: pyproject.toml is not UTF-8 text.") from None
    except tomllib.TOMLDecodeError as exc:
        raise CannotReview(f"{path}: pyproject.toml is not TOML: {exc}.") from None
    table = read.get("project")
    if not isinstance(table, dict):
        raise CannotReview(
            f"{path}: is no source project: pyproject.toml has no table [project], which says its name, version and dependencies."
        )
    if not isinstance(table.get("name"), str) or not table["name"].strip():
        raise CannotReview(f"{path}: pyproject.toml: [project] has no name.")
    if not isinstance(read.get("tool", {}), dict):
        raise CannotReview(f"{path}: pyproject.toml: tool has to be a table.")
    return read


def _declared(root: Path, pyproject: Mapping[str, Any]) -> tuple[str, ...]:
    """The modules that pytest is told to test, in the file that pytest would read."""
    for name, section in _INI_FILES.items():
        parser = configparser.ConfigParser(interpolation=None)
        try:
            parser.read(root / name, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            raise CannotReview(f"{root / name}: is no ini file that can be read.") from None
        if parser.has_option(section, "panoply_source"):
            return _names(parser.get(section, "panoply_source"))
    tool: Any = pyproject.get("tool", {})
    for keys in (("pytest", "ini_options"), ("pytest",)):
        table = tool
        for key in keys:
            table = table.get(key, {}) if isinstance(table, Mapping) else {}
        if isinstance(table, Mapping) and table.get("panoply_source"):
            return _names(table["panoply_source"])
    return ()


def _names(value: object) -> tuple[str, ...]:
    lines = [str(each) for each in value] if isinstance(value, list) else str(value).splitlines()
    return tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))


def _found(root: Path) -> tuple[str, ...]:
    """The packages and modules that have both a Stream and a CONFIG, as far as reading them tells."""
    for base in (root, root / "src"):
        if not base.is_dir():
            continue
        found = []
        for path in sorted(base.iterdir()):
            file = path / "__init__.py" if path.is_dir() else path
            if (
                file.suffix != ".py"
                or not file.is_file()
                or path.stem in _NO_SOURCES
                or path.name.startswith((".", "_"))
            ):
                continue
            if {"Stream", "CONFIG"} <= set(_defined(_parse(root, file))):
                found.append(path.stem)
        if found:
            return tuple(found)
    return ()


def _defined(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        match node:
            case ast.ClassDef(name=name):
                yield name
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
    except OSError as exc:
        raise CannotReview(f"{shown}: cannot be read: {exc.strerror}.") from None


def _located(root: Path, pyproject: Mapping[str, Any], targets: Sequence[str], *, is_declared: bool) -> Project:
    bases = _bases(root, pyproject)
    names, paths, base = [], [], None
    for target in targets:
        name, where = _locate(root, target, bases)
        path = where.joinpath(*name.split("."))
        names.append(name)
        paths.append((path if path.is_dir() else path.with_suffix(".py")).relative_to(root).as_posix())
        if base not in (None, where):
            raise CannotReview(f"{', '.join(targets)}: are imported from more than one folder. Review one at a time.")
        base = where
    assert base is not None  # noqa: S101 - there is a target
    return Project(
        root=root,
        pyproject=pyproject,
        modules=tuple(names),
        base=base.relative_to(root).as_posix(),
        paths=tuple(paths),
        is_declared=is_declared,
    )


def _bases(root: Path, pyproject: Mapping[str, Any]) -> list[Path]:
    """The folders in which a module may be found, the likeliest first."""
    ini = pyproject.get("tool", {}).get("pytest", {})
    ini = ini.get("ini_options", ini) if isinstance(ini, Mapping) else {}
    wanted = ini.get("pythonpath", []) if isinstance(ini, Mapping) else []
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
