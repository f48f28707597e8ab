"""Adds a key to the configuration of pytest in a project, wherever pytest looks for it. What is there already stays as it is.

Pytest takes the first of these files that has a place for it; the first four count even if they are empty
(https://docs.pytest.org/en/stable/reference/customize.html).
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from panoply.errors import TemplateError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Configured", "configured"]

_KEY: Final = "panoply_source"

_INI: Final = {"pytest.ini": "pytest", ".pytest.ini": "pytest", "tox.ini": "pytest", "setup.cfg": "tool:pytest"}

_ORDER: Final = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """The file that rules, and what it shall hold.

    Attributes:
        name: of the file.
        after: its contents; None: it has the key already.
    """

    name: str
    after: str | None


def configured(project: Path, target: str) -> Configured:
    """Work out how `panoply_source = target` gets into the file that rules.

    Raises:
        TemplateError: that file cannot be read, or its form leaves no room for the key.
    """
    name = next((name for name in _ORDER if _rules(project, name)), None)
    if name is None:
        name = "pyproject.toml" if (project / "pyproject.toml").is_file() else "pytest.ini"
    text = _read(project / name) or ""
    if name.endswith(".toml"):
        return Configured(name=name, after=_in_toml(project / name, text, target))
    return Configured(name=name, after=_in_ini(text, _INI[name], target))


def _rules(project: Path, name: str) -> bool:
    text = _read(project / name)
    if text is None:
        return False
    if name.lstrip(".").startswith("pytest."):
        return True
    if name in _INI:
        return _section(text, _INI[name]) is not None
    return _table(_parsed(project / name, text)) is not None


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as exc:
        raise TemplateError(
            f"Cannot read {path}: {getattr(exc, 'strerror', None) or 'it is not text in UTF-8'}."
        ) from None


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise TemplateError(f"{path} is not TOML: {exc}. Mend it, and try again.") from None


# ---------------------------------------------------------------------- TOML


def _table(document: dict[str, Any]) -> tuple[str, ...] | None:
    """The table of pyproject.toml that pytest reads."""
    tool = document.get("tool")
    pytest = tool.get("pytest") if isinstance(tool, dict) else None
    if not isinstance(pytest, dict):
        return None
    if "ini_options" in pytest:
        return "tool", "pytest", "ini_options"
    return ("tool", "pytest") if pytest else None


def _in_toml(path: Path, text: str, target: str) -> str | None:
    import tomlkit  # noqa: PLC0415 - it is optional

    before = _parsed(path, text)
    is_pyproject = path.name == "pyproject.toml"
    table = (_table(before) if is_pyproject else ("pytest",)) or ("tool", "pytest", "ini_options")
    inner: Any = before
    for name in table:
        inner = inner.get(name, {}) if isinstance(inner, dict) else {}
    if isinstance(inner, dict) and _KEY in inner:
        return None
    # Outside of ini_options lists are written as such.
    value: Any = target if table[-1] == "ini_options" else [target]
    if inner:
        document = tomlkit.parse(text)
        place: Any = document
        for name in table:
            place = place[name]
        place[_KEY] = value
        after = tomlkit.dumps(document)
    else:
        end = "\r\n" if "\r\n" in text else "\n"
        line = f"{_KEY} = {tomlkit.item(value).as_string()}{end}"
        header = f"[{'.'.join(table)}]"
        found = re.search(rf"^{re.escape(header)}[ \t]*(#.*)?\r?$\n?", text, re.MULTILINE)
        if found:
            after = text[: found.end()] + ("" if found[0].endswith("\n") else end) + line + text[found.end() :]
        else:
            after = (
                text + (end if text and not text.endswith("\n") else "") + (end if text else "") + header + end + line
            )
    _check(path, before, after, table, value)
    return after


def _check(path: Path, before: dict[str, Any], after: str, table: tuple[str, ...], value: Any) -> None:
    """Make sure that nothing but the key has come."""
    try:
        now: Any = tomllib.loads(after)
    except tomllib.TOMLDecodeError:
        now = None
    place = now
    for name in table:
        place = place.get(name) if isinstance(place, dict) else None
    is_right = isinstance(place, dict) and place.pop(_KEY, None) == value
    if not is_right or _without_empty(now) != _without_empty(before):
        raise TemplateError(
            f"{path} is written in a way that leaves no place for a line. Add this to the table [{'.'.join(table)}] "
            f"yourself: {_KEY} = {value!r}"
        )


def _without_empty(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _without_empty(each) for name, each in value.items()}
    return {name: each for name, each in inner.items() if each != {}}


# ---------------------------------------------------------------------- INI


def _section(text: str, name: str) -> re.Match[str] | None:
    """The line that begins a section."""
    return re.search(rf"^\[{re.escape(name)}\][ \t]*([#;].*)?\r?$\n?", text, re.MULTILINE)


def _in_ini(text: str, section: str, target: str) -> str | None:
    end = "\r\n" if "\r\n" in text else "\n"
    line = f"{_KEY} = {target}{end}"
    found = _section(text, section)
    if found is None:
        return (
            text
            + (end if text and not text.endswith("\n") else "")
            + (end if text.strip() else "")
            + f"[{section}]{end}{line}"
        )
    rest = text[found.end() :]
    following = re.search(r"^\[", rest, re.MULTILINE)
    if re.search(rf"^{_KEY}[ \t]*[=:]", rest[: following.start() if following else None], re.MULTILINE):
        return None
    return text[: found.end()] + ("" if found[0].endswith("\n") else end) + line + rest
