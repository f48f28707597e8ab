"""What a project's settings say: pyproject.toml, checked at the door, and the file that pytest takes its settings from."""

from __future__ import annotations

import configparser
import platform
import tomllib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from panoply_testing.review.model import CannotReview

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

__all__ = ["SKIPPED_FOLDERS", "pytest_options", "read_pyproject"]

# What tools leave beside a project, and nobody wrote.
SKIPPED_FOLDERS: Final = frozenset(
    {
        *("__pycache__", ".git", ".hg", ".svn", ".venv", "venv", ".tox", ".nox", "node_modules", "build", "dist"),
        *(".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".eggs", ".idea", ".vscode", "htmlcov"),
    }
)

# The files in which pytest looks for its settings, in its order, each with the table or section that they are in. The first
# one that has it counts, and the others do not; the first four count even where they have none.
_PYTEST_FILES: Final = {
    "pytest.toml": ("pytest",),
    ".pytest.toml": ("pytest",),
    "pytest.ini": "pytest",
    ".pytest.ini": "pytest",
    "pyproject.toml": ("tool", "pytest"),
    "tox.ini": "pytest",
    "setup.cfg": "tool:pytest",
}
_WHOLLY_PYTEST: Final = 4


def read_pyproject(root: Path, path: Path) -> dict[str, Any]:
    """What pyproject.toml says; `path`: as somebody has typed it.

    Raises:
        CannotReview: there is none, or something in it is not what every tool takes it for; the message says what to do.
    """
    file = root / "pyproject.toml"
    if not file.is_file():
        raise CannotReview(f"{path}: is no source project: there is no pyproject.toml.{_instead(root)}")
    read = _toml(file, str(path / file.name) if path.is_dir() else str(path))
    table = read.get("project")
    if not isinstance(table, dict):
        raise CannotReview(
            f"{path}: is no source project: pyproject.toml has no table [project], which says its name, version and dependencies."
            f"{_ELSEWHERE if 'poetry' in _any_table(read.get('tool')) else ''}"
        )
    for where, value, shape in _shaped(read):
        if value is not None and not _SHAPES[shape](value):
            raise CannotReview(f"{path}: pyproject.toml: {where} has to be {shape}.")
    if not table.get("name", "").strip():
        raise CannotReview(f"{path}: pyproject.toml: [project] has no name.")
    _fits_this_python(path, table.get("requires-python", ""))
    return read


def _fits_this_python(path: Path, asked: str) -> None:
    try:
        fits = SpecifierSet(asked).contains(_PYTHON, prereleases=True)
    except InvalidSpecifier:
        raise CannotReview(
            f"{path}: pyproject.toml: [project] requires-python {asked!r} is no range of versions, as >=3.11 is."
        ) from None
    if not fits:
        raise CannotReview(
            f"{path}: needs Python {asked}, and this is {_PYTHON}: review it with one that it can run with."
        )


_PYTHON: Final = platform.python_version()


def _shaped(read: Mapping[str, Any]) -> Iterator[tuple[str, Any, str]]:
    """All that has a shape which others rely on: where it is, its value, and the shape that it has to have."""
    for name, shape in _TOP.items():
        yield f"[{name}]", read.get(name), shape
    for name, shape in _PROJECT.items():
        yield f"[project] {name}", read["project"].get(name), shape
    for name, texts in _any_table(read["project"].get("optional-dependencies")).items():
        yield f"[project] optional-dependencies.{name}", texts, "a list of texts"
    for name, entries in _any_table(read.get("dependency-groups")).items():
        yield f"[dependency-groups] {name}", entries, "a list"
    for name, shape in _BUILD.items():
        yield f"[build-system] {name}", _any_table(read.get("build-system")).get(name), shape


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


_SHAPES: Final[Mapping[str, Callable[[object], bool]]] = {
    "a text": lambda value: isinstance(value, str),
    "a list": lambda value: isinstance(value, list),
    "a list of texts": _are_texts,
    "a list of tables": lambda value: isinstance(value, list) and all(isinstance(each, dict) for each in value),
    "a table": lambda value: isinstance(value, dict),
    "a text or a table": lambda value: isinstance(value, str | dict),
}

# As the specification of pyproject.toml has it.
_TOP: Final = {"tool": "a table", "build-system": "a table", "dependency-groups": "a table"}
_BUILD: Final = {"requires": "a list of texts", "build-backend": "a text", "backend-path": "a list of texts"}
_PROJECT: Final = {
    "name": "a text",
    "version": "a text",
    "description": "a text",
    "readme": "a text or a table",
    "requires-python": "a text",
    "license": "a text or a table",
    "license-files": "a list of texts",
    "authors": "a list of tables",
    "maintainers": "a list of tables",
    "keywords": "a list of texts",
    "classifiers": "a list of texts",
    "urls": "a table",
    "scripts": "a table",
    "gui-scripts": "a table",
    "entry-points": "a table",
    "dependencies": "a list of texts",
    "optional-dependencies": "a table",
    "dynamic": "a list of texts",
}


# Since its version 2 Poetry reads the table that all other tools read.
_ELSEWHERE: Final = " They are in [tool.poetry], where only Poetry finds them: move them (Poetry 2 and later read [project] themselves)."


def _any_table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _toml(file: Path, shown: str) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as exc:
        raise CannotReview(f"{shown}: cannot be read: {exc.strerror}.") from None
    except UnicodeDecodeError:
        raise CannotReview(f"{shown}: is not UTF-8 text.") from None
    except tomllib.TOMLDecodeError as exc:
        raise CannotReview(f"{shown}: is not TOML: {exc}.") from None


def _instead(root: Path) -> str:
    """What there is where pyproject.toml is not, and what to do about it."""
    above = next((each for each in root.parents if (each / "pyproject.toml").is_file()), None)
    if above:
        return f" There is one in {above}: panoply review {above}"
    below = sorted(each.parent for depth in ("*", "*/*") for each in root.glob(f"{depth}/pyproject.toml"))
    below = [each for each in below if not SKIPPED_FOLDERS & set(each.relative_to(root).parts)]
    if below:
        listed = ", ".join(each.relative_to(root).as_posix() for each in below[:_MOST_NAMED])
        more = ", ..." if len(below) > _MOST_NAMED else ""
        return f" There is one in {listed}{more}: name the folder of the project, as in `panoply review {below[0]}`."
    if (root / "HEAD").is_file() and (root / "objects").is_dir():
        return " It is a bare repository of git's, without files: review a clone of it."
    old = next((name for name in ("setup.py", "setup.cfg", "requirements.txt") if (root / name).is_file()), "")
    if old:
        return (
            f" {old} alone does not say what a source project is made of: write its name, version and dependencies "
            "into the table [project] of a pyproject.toml."
        )
    return ""


_MOST_NAMED: Final = 3


def pytest_options(root: Path, pyproject: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The file that pytest takes its settings from, and what it says."""
    for number, (name, section) in enumerate(_PYTEST_FILES.items()):
        file = root / name
        if not file.is_file():
            continue
        if isinstance(section, str):
            found = _ini(file, section)
        else:
            found = _table(pyproject if name == "pyproject.toml" else _toml(file, name), section)
        if found is not None or number < _WHOLLY_PYTEST:
            return name, found or {}
    return "pyproject.toml", {}


def _ini(file: Path, section: str) -> Mapping[str, Any] | None:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(file.read_text(encoding="utf-8"))
    except OSError as exc:
        raise CannotReview(f"{file.name}: cannot be read: {exc.strerror}.") from None
    except (configparser.Error, UnicodeDecodeError) as exc:
        line = getattr(exc, "lineno", None) or next((line for line, _ in getattr(exc, "errors", ())), None)
        place = f"{file.name}:{line}" if line else file.name
        raise CannotReview(f"{place}: is no ini file that can be read; pytest cannot read it, either.") from None
    return dict(parser[section]) if parser.has_section(section) else None


def _table(read: Mapping[str, Any], keys: Sequence[str]) -> Mapping[str, Any] | None:
    table: Any = read
    for key in keys:
        table = table.get(key) if isinstance(table, Mapping) else None
    if not isinstance(table, Mapping):
        return None
    # Written in ini_options, or since pytest 9 in the table itself.
    inner = table.get("ini_options", table)
    return inner if isinstance(inner, Mapping) else None
