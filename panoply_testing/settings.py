"""What the user asked for: the plugin's options, read and checked once."""

from __future__ import annotations

import importlib.util
import json
import shlex
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from pkgutil import extend_path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any, Final

import pytest

from panoply._spelling import nearest
from panoply.errors import LoadError
from panoply.loading import load_source, locate
from panoply_testing._breakages import Breakage
from panoply_testing.contract import CONTRACT
from panoply_testing.faults import Fault
from panoply_testing.isolation import Limits
from panoply_testing.report.text import WIDTH

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType

__all__ = ["Settings", "Source", "meant"]

# What a report can be written as, told by the ending of the file's name.
REPORTS: Final = (".html", ".json")

# These are not repeated with a single check: the report of the whole session is to stay.
_NOT_REPEATED: Final = ("--panoply-report",)

_READ: pytest.StashKey[Settings] = pytest.StashKey()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One source under test.

    Attributes:
        name: the module's dotted name; the ids of its checks begin with it.
        target: what the user typed. `folder`: where a path begins, and where modules are looked for first.
        origin: the file that it is in, where that is known.
    """

    name: str
    target: str
    folder: Path
    origin: Path | None

    @classmethod
    def find(cls, target: str, folder: Path) -> Source:
        """Find it, without importing it: what the import does is for a check to see.

        Raises:
            LoadError: there is none, with the nearest thing that there is.
        """
        name, root = locate(target, folder)
        if root is not None:
            base = root.joinpath(*name.split("."))
            return cls(
                name=name, target=target, folder=folder, origin=next(filter(Path.is_file, _files_of(base)), None)
            )
        spec = _spec(name)
        if spec is None or spec.loader is None or not spec.has_location:
            # Nothing of anybody's is run by that: there is no such module, or it is a folder without an __init__.py.
            module = load_source(target, folder)
            return cls(name=module.__name__, target=target, folder=folder, origin=None)
        return cls(name=name, target=target, folder=folder, origin=None if spec.origin is None else Path(spec.origin))

    def load(self) -> ModuleType:
        """Import it.

        Raises:
            LoadError: that failed; `__cause__` is what it raised.
        """
        return load_source(self.target, self.folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The options of one test session.

    Attributes:
        sources: the sources to test.
        params: what each gets as `source`. `options`: likewise.
        known_issues: the reason for each check that is known to fail.
        seed: of what is chosen at random.
        fault: the only one to inject. `hints`: the only ones to call `read()` with. `broken`: the only param to break.
        reports: the files to write at the end of the session.
        command: how to ask for the same again, without the values of single params (they may be credentials).
        width: characters on a line of the terminal, measured before pytest captures what is written to it.
    """

    sources: tuple[Source, ...]
    params: dict[str, Any] = field(repr=False)
    options: dict[str, Any] = field(repr=False)
    strict: bool
    limits: Limits
    known_issues: Mapping[str, str]
    reports: tuple[Path, ...]
    command: str
    seed: int = 0
    fault: Fault | None = None
    hints: tuple[int | None, ...] | None = None
    width: int = WIDTH
    broken: Breakage | None = None

    @classmethod
    def of(cls, config: pytest.Config) -> Settings:
        """Read them from the command line, or else from the ini file.

        Raises:
            pytest.UsageError: one of them is of no use; the message says which, and what would be.
        """
        if _READ in config.stash:
            return config.stash[_READ]
        params = _mapping_from_file(config, "params")
        params.update(_single_params(config))
        config.stash[_READ] = settings = cls(
            sources=_sources(config),
            params=params,
            options=_mapping_from_file(config, "options"),
            strict=_strict(config),
            limits=Limits(
                max_reads=int(_number(config, "max-reads", whole=True) or Limits().max_reads),
                read_timeout=_number(config, "read-timeout", whole=False) or Limits().read_timeout,
            ),
            known_issues=_known_issues(config),
            reports=_reports(config),
            command=_command(config),
            seed=_seed(config),
            fault=_fault(config),
            hints=_hints(config),
            width=get_terminal_size((WIDTH, 0)).columns,
            broken=_broken(config),
        )
        return settings


# ---------------------------------------------------------------------- where a value comes from


def _asked(config: pytest.Config, name: str) -> tuple[Any, str, Path]:
    """What was asked for under this name; what to call it in a message; the folder in which its paths begin."""
    dest = f"panoply_{name.replace('-', '_')}"
    value = config.getoption(dest)
    if value:
        return value, f"--panoply-{name}", config.invocation_params.dir
    if config.inipath is None:
        return _ini(config, dest), dest, config.rootpath
    return _ini(config, dest), f"{dest} in {config.inipath.name}", config.inipath.parent


def _ini(config: pytest.Config, key: str) -> Any:
    """The value of an ini key; from a TOML table also as a list, a number or a table of its own."""
    try:
        return config.getini(key)
    except (TypeError, ValueError, pytest.UsageError):
        # pytest takes one type for each key there, and its message would show the value.
        path = config.inipath
        if path is None or path.suffix != ".toml":
            raise pytest.UsageError(f"{key}: its value is of no use (see pytest --help)") from None
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        tables = tables.get("tool", {}) if path.name == "pyproject.toml" else tables
        return tables.get("pytest", {}).get(key)


def _lines(value: Any) -> list[str]:
    lines = [str(item) for item in value] if isinstance(value, list) else str(value or "").splitlines()
    return [line.strip() for line in lines if line.strip()]


# ---------------------------------------------------------------------- the single values


def _sources(config: pytest.Config) -> tuple[Source, ...]:
    value, place, folder = _asked(config, "source")
    found: dict[str, Source] = {}
    for target in dict.fromkeys(_lines(value)):
        try:
            source = Source.find(target, folder)
        except LoadError as exc:
            raise pytest.UsageError(f"{place}: {exc}") from None
        other = found.setdefault(source.name, source)
        if other.origin != source.origin:
            raise pytest.UsageError(
                f"{place}: {other.target} and {source.target} are both called {source.name}, "
                f"and so would be their checks. Test them in two sessions."
            )
    return tuple(found.values())


def _files_of(base: Path) -> Iterator[Path]:
    yield base / "__init__.py"
    yield base.with_name(f"{base.name}.py")


def _spec(name: str) -> ModuleSpec | None:
    """Where Python would find a module, found without importing the packages that it is in."""
    top, *rest = name.split(".")
    try:
        spec = importlib.util.find_spec(top)
    except ValueError:  # a module that was made by hand, such as __main__
        return None
    full = top
    for part in rest:
        if spec is None or spec.submodule_search_locations is None:
            return None
        path = extend_path(list(spec.submodule_search_locations), full)
        full = f"{full}.{part}"
        found = (finder.find_spec(full, path) for finder in sys.meta_path)
        spec = next((each for each in found if each is not None), None)
    return spec


def _mapping_from_file(config: pytest.Config, name: str) -> dict[str, Any]:
    file, place, folder = _asked(config, name)
    if not file:
        return {}
    if not isinstance(file, str):
        raise pytest.UsageError(f"{place}: takes the name of a file")
    what = f"{place}: {file}"
    try:
        path = folder / Path(file).expanduser()
        # Editors on Windows begin a file with a byte order mark.
        text = path.read_text(encoding="utf-8-sig")
    except OSError as exc:
        raise pytest.UsageError(f"{what}: {exc.strerror} ({path})") from None
    except UnicodeDecodeError:
        raise pytest.UsageError(f"{what}: is not UTF-8 text") from None
    except RuntimeError as exc:  # `~somebody`, whom the system does not know
        raise pytest.UsageError(f"{what}: {exc}") from None
    # The parsers' messages name a line and a column; the text itself may hold credentials.
    try:
        value = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except json.JSONDecodeError as exc:
        raise pytest.UsageError(f"{what}: is not JSON: {exc.msg}, line {exc.lineno}, column {exc.colno}") from None
    except (ValueError, RecursionError):
        raise pytest.UsageError(f"{what}: is not {'TOML' if path.suffix == '.toml' else 'JSON'}") from None
    if not isinstance(value, dict):
        raise pytest.UsageError(f"{what}: holds a {type(value).__name__}, not an object with one value for each name")
    return value


def _single_params(config: pytest.Config) -> dict[str, Any]:
    entries, place, _ = _asked(config, "param")
    if isinstance(entries, Mapping):
        return dict(entries)
    params = {}
    # Blanks at the ends belong to a value that was given in quotes; in an ini file there are no quotes.
    for entry in entries if isinstance(entries, list) else _lines(entries):
        name, equals, value = entry.partition("=")
        if not equals or not name.strip():
            raise pytest.UsageError(f"{place} takes NAME=VALUE; one has no name or no '='")
        if value == "...":
            # As a failure's command has it, which shows nobody's values.
            raise pytest.UsageError(f"{place} {name.strip()}=...: put its value where the dots are")
        params[name.strip()] = _value(f"{place} {name.strip()}=...", value)
    return params


def _value(what: str, text: str) -> Any:
    """Text as it is; what begins like a JSON list or object is read as one."""
    if not text.startswith(("[", "{")):
        return text
    try:
        return json.loads(text)
    except json.JSONDecodeError as exc:
        raise pytest.UsageError(f"{what}: is not JSON: {exc.msg}, column {exc.colno}") from None
    except (ValueError, RecursionError):
        raise pytest.UsageError(f"{what}: is not JSON") from None


def _strict(config: pytest.Config) -> bool:
    value, place, _ = _asked(config, "strict")
    if value is None:
        return False
    if not isinstance(value, bool):
        raise pytest.UsageError(f"{place} takes true or false")
    return value


def _number(config: pytest.Config, name: str, *, whole: bool) -> float | None:
    given, place, _ = _asked(config, name)
    if given is None:
        return None
    text = str(given)
    kind = "a whole number" if whole else "a number of seconds"
    try:
        value = int(text) if whole else float(text)
    except ValueError:
        raise pytest.UsageError(f"{place} takes {kind}, not {text!r}") from None
    if not 0 < value < float("inf"):
        raise pytest.UsageError(f"{place} takes {kind} above 0, not {text!r}")
    return value


def _known_issues(config: pytest.Config) -> dict[str, str]:
    names = [check.name for check in CONTRACT]
    given = _ini(config, "panoply_known_issues")
    lines = [f"{name}: {reason}" for name, reason in given.items()] if isinstance(given, Mapping) else _lines(given)
    issues = {}
    for line in lines:
        name, colon, reason = (part.strip() for part in line.partition(":"))
        if not colon or not reason:
            raise pytest.UsageError(f"panoply_known_issues: {line!r} is not of the form 'check_name: reason'")
        if name not in names:
            raise pytest.UsageError(f"panoply_known_issues: there is no check {name!r}.{meant(name)}")
        issues[name] = reason
    return issues


def _reports(config: pytest.Config) -> tuple[Path, ...]:
    value, place, folder = _asked(config, "report")
    paths: dict[Path, None] = {}
    for name in _lines(value):
        try:
            path = folder / Path(name).expanduser()
        except RuntimeError as exc:  # `~somebody`, whom the system does not know
            raise pytest.UsageError(f"{place}: {name}: {exc}") from None
        if path.suffix.lower() not in REPORTS:
            raise pytest.UsageError(
                f"{place}: {name}: the name has to end in {' or '.join(REPORTS)}, which says what to write"
            )
        if path.is_dir():
            raise pytest.UsageError(f"{place}: {name}: is a folder ({path})")
        paths[path] = None
    return tuple(paths)


def meant(check: str) -> str:
    """Which check a name that is none may stand for, as a question; no text where that is anybody's guess."""
    names = [each.name for each in CONTRACT]
    begun = [name for name in names if check and name.startswith(check)]
    near = begun[0] if begun else nearest(check, names)
    return f" Did you mean {near}?" if near else ""


def _seed(config: pytest.Config) -> int:
    value, place, _ = _asked(config, "seed")
    try:
        return int(value or 0)
    except (TypeError, ValueError):
        raise pytest.UsageError(f"{place}: takes a whole number, not {value!r}") from None


def _fault(config: pytest.Config) -> Fault | None:
    value, place, _ = _asked(config, "fault")
    try:
        return Fault.parse(str(value)) if value else None
    except ValueError as exc:
        raise pytest.UsageError(f"{place}: {exc}") from None


def _hints(config: pytest.Config) -> tuple[int | None, ...] | None:
    value, place, _ = _asked(config, "hints")
    if not value:
        return None
    try:
        return tuple(None if word.strip() == "None" else int(word) for word in str(value).split(","))
    except ValueError:
        raise pytest.UsageError(f"{place}: takes numbers and None, such as 1,None,7; not {value!r}") from None


def _broken(config: pytest.Config) -> Breakage | None:
    value, place, _ = _asked(config, "broken")
    try:
        return Breakage.parse(str(value)) if value else None
    except ValueError as exc:
        raise pytest.UsageError(f"{place}: {exc}") from None


def _command(config: pytest.Config) -> str:
    """The plugin's own options as they were given, ready to be followed by the id of a test."""
    words = ["pytest"]
    args: Sequence[str] = config.invocation_params.args
    skip_next = False
    for index, arg in enumerate(args):
        if skip_next:
            skip_next = False
            continue
        name, equals, value = str(arg).partition("=")
        if not name.startswith("--panoply-"):
            continue
        if not equals and name != "--panoply-strict" and index + 1 < len(args):
            value, skip_next = str(args[index + 1]), True
        if name in _NOT_REPEATED:
            continue
        if name == "--panoply-param":
            value = f"{value.partition('=')[0]}=..."
        words.append(f"{name}={shlex.quote(value)}" if value else name)
    return " ".join(words)
