"""What `panoply run` reads from files: params, and single credentials. No message quotes what is in them."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final

from panoply.errors import ParamsError

__all__ = ["read_file", "read_secret"]

# The place in the message of a TOML error. The rest of it may quote the file.
_TOML_PLACE: Final = re.compile(r"\(at (line \d+, column \d+|end of document)\)")

# The largest credentials are key files of a few kilobytes; somebody who names a larger file, or a device, means another.
_LARGEST_SECRET: Final = 2**20


def read_secret(path: str, where: str) -> str:
    """Read a credential from a file that holds nothing else. The line end that editors and `echo` put there is left out.

    Args:
        path: of the file.
        where: what named it, for the message.

    Raises:
        ParamsError: it cannot be read, or holds nothing, or what is no text.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(_LARGEST_SECRET + 1)
    except (OSError, ValueError) as exc:
        reason = getattr(exc, "strerror", None) or "that is no name of a file"
        raise ParamsError(f"{where}: cannot read the file that it names: {reason}.") from None
    if len(data) > _LARGEST_SECRET:
        raise ParamsError(f"{where}: the file that it names is larger than 1 MiB; expected nothing but a credential.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise ParamsError(f"{where}: the file that it names is not text in UTF-8.")
    text = text.rstrip("\r\n")
    if not text.strip():
        raise ParamsError(f"{where}: the file that it names is empty.")
    return text


def read_file(path: Path, what: str = "params file") -> dict[str, Any]:
    """Read params, or options, from a JSON or TOML file.

    Args:
        path: of the file.
        what: how messages call it.

    Raises:
        ParamsError: it cannot be read, or holds something else.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as exc:
        raise ParamsError(f"Cannot read the {what} {path}: {exc.strerror}.") from None
    except UnicodeDecodeError:
        raise ParamsError(f"The {what} {path} is not text in UTF-8.") from None
    if path.suffix == ".toml":
        try:
            return {key: _without_dates(value) for key, value in tomllib.loads(text).items()}
        except tomllib.TOMLDecodeError as exc:
            place = _TOML_PLACE.search(str(exc))
            where = f", {place[1]}" if place else ""
            raise ParamsError(f"The {what} {path}{where}: this is not TOML. (Text stands in quotes there.)") from None
    try:
        value = json.loads(text)
    except json.JSONDecodeError as exc:
        # Its words up to the colon never quote the file: "Expecting value", "Unterminated string starting at".
        reason = exc.msg.partition(":")[0]
        hint = " A TOML file's name ends in .toml." if path.suffix != ".json" else ""
        raise ParamsError(
            f"The {what} {path}, line {exc.lineno}, column {exc.colno}: this is not JSON ({reason}).{hint}"
        ) from None
    except RecursionError:
        raise ParamsError(f"The {what} {path} is nested too deeply.") from None
    if not isinstance(value, dict):
        raise ParamsError(
            f'The {what} {path} holds a JSON {_json_type(value)}; expected an object: {{"name": value, ...}}.'
        )
    return value


def _without_dates(value: Any) -> Any:
    """Dates as text: a form, and JSON, have nothing else."""
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _without_dates(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_dates(inner) for inner in value]
    return value


def _json_type(value: object) -> str:
    names = {list: "array", str: "string", bool: "boolean", int: "number", float: "number"}
    return names.get(type(value), "null")
