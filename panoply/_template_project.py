"""What can be told of a project from its files: how it is installed, which tools it is set up for, and what it lacks."""

from __future__ import annotations

import re
import shlex
import tomllib
from configparser import ConfigParser
from configparser import Error as ConfigParserError
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from panoply.constants import PKGNAME, VERSION
from panoply.errors import TemplateError

if TYPE_CHECKING:
    from pathlib import Path

    from panoply._template_module import Found

__all__ = ["Project"]

_TESTING: Final = ("test", "tests", "testing", "dev")

# The oldest Python that the SDK runs on.
_OLDEST: Final = 11


class Project:
    """A source's project, read.

    Args:
        folder: of the project.
        module: the source in it.

    Raises:
        TemplateError: pyproject.toml cannot be read.
    """

    def __init__(self, folder: Path, module: Found) -> None:
        self.folder = folder
        self._module = module
        self._pyproject: dict[str, Any] = {}
        path = folder / "pyproject.toml"
        try:
            self._pyproject = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        except (OSError, ValueError) as exc:
            raise TemplateError(f"Cannot read {path}: {exc}. Mend it, and try again.") from None

    @property
    def is_built(self) -> bool:
        """Whether a wheel can be made of it."""
        return bool({"build-system", "project"} & self._pyproject.keys()) or self.has("setup.py")

    @property
    def version(self) -> str | None:
        """Its version, where it is written down."""
        version = self._table("project").get("version")
        return version if isinstance(version, str) else None

    @property
    def python(self) -> str:
        """The oldest Python that it runs on, for all that it says."""
        wanted = re.findall(r">=\s*3\.(\d+)", str(self._table("project").get("requires-python", "")))
        return f"3.{max([_OLDEST, *map(int, wanted)])}"

    @property
    def ruff(self) -> bool:
        """Whether it is set up for ruff."""
        return bool(self._table("tool", "ruff")) or self.has("ruff.toml", ".ruff.toml")

    @property
    def mypy(self) -> str:
        """How mypy is called, if the project is set up for it."""
        settings = self._table("tool", "mypy") or self._ini("setup.cfg", "mypy")
        for name in ("mypy.ini", ".mypy.ini"):
            settings = self._ini(name, "mypy") or settings
        if not settings:
            return ""
        place = self._module.path.parent if self._module.path.name == "__init__.py" else self._module.path
        named = {"files", "packages", "modules"} & settings.keys()
        return "mypy" if named else f"mypy {shlex.quote(place.relative_to(self.folder).as_posix())}"

    @property
    def install(self) -> str:
        """The command that installs it, with what its tests need."""
        extras = self._table("project", "optional-dependencies")
        extra = next((name for name in _TESTING if name in extras), None)
        group = next((name for name in _TESTING if name in self._table("dependency-groups")), None)
        words = ["pip", "install"]
        if self.is_built:
            words += ["--editable", f".[{extra}]" if extra else "."]
        for name in ("requirements.txt", "requirements-dev.txt", "requirements-test.txt"):
            words += ["--requirement", name] if self.has(name) else []
        words += ["--group", group] if group else []
        words += [f"{PKGNAME}[all]>={VERSION}", *(["build"] if self.is_built else [])]
        words += [*(["ruff"] if self.ruff else []), *(["mypy"] if self.mypy else [])]
        return shlex.join(words)

    @property
    def steps(self) -> list[tuple[str, str]]:
        """What CI runs: of each step the name and the command."""
        steps = [("Style", "ruff check")] if self.ruff else []
        steps += [("Types", self.mypy)] if self.mypy else []
        steps += [("Tests, and the data source contract", "pytest")]
        return [*steps, ("Build", "python -m build")] if self.is_built else steps

    def missing(self) -> list[tuple[str, str]]:
        """What only its author can write, each with what it is for."""
        found = []
        if not any(self.tests()):
            found.append(("tests", "of its own; what they are like, a project made by `panoply new` shows"))
        if not self.has("README*"):
            found.append(("README.md", "for its users: its params, its tables, and how to get credentials"))
        if not self.has("LICEN[SC]E*", "COPYING*"):
            found.append(("LICENSE", "what others may do with it"))
        if not self.is_built:
            found.append(("pyproject.toml", "without it, it cannot be installed, and no wheel be built"))
        elif "dependencies" in self._table("project") and not self._needs_the_sdk():
            found.append(("pyproject.toml", f"{PKGNAME} among the dependencies"))
        return found

    def tests(self) -> list[Path]:
        """The files with its own tests."""
        return [path for name in ("tests", "test") for path in self.folder.glob(f"{name}/**/test_*.py")] + [
            *self.folder.glob("test_*.py")
        ]

    def has(self, *patterns: str) -> bool:
        """Whether a file of one of these names lies in its folder."""
        return self.first(*patterns) is not None

    def first(self, *patterns: str) -> str | None:
        """The first file that has one of these names; in its folder letter case does not count."""
        own = sorted(path.name for path in self.folder.iterdir())
        for pattern in patterns:
            if "/" in pattern:
                found = sorted(path.relative_to(self.folder).as_posix() for path in self.folder.glob(pattern))
            else:
                found = [name for name in own if fnmatchcase(name.lower(), pattern.lower())]
            if found:
                return found[0]
        return None

    def _needs_the_sdk(self) -> bool:
        names = (re.match(r"[\w.-]+", str(each)) for each in self._table("project")["dependencies"])
        return any(name and re.sub("[-_.]+", "-", name[0]).lower() == PKGNAME for name in names)

    def _table(self, *names: str) -> dict[str, Any]:
        table: Any = self._pyproject
        for name in names:
            table = table.get(name) if isinstance(table, dict) else None
        return table if isinstance(table, dict) else {}

    def _ini(self, name: str, section: str) -> dict[str, Any]:
        parser = ConfigParser(interpolation=None)
        try:
            parser.read(self.folder / name, encoding="utf-8")
        except (ConfigParserError, UnicodeDecodeError):
            return {}
        return dict(parser[section]) if section in parser else {}
