"""Imports a source's module in a process that is there for that, and writes down what it is: `python -m` this, MODULE, FILE, FOLDER.

What looks at it afterwards is found in the folder: the source must not find it by chance.
"""

from __future__ import annotations

import importlib
import json
import sys
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from panoply._form import form_of
from panoply.config import Config, check_config, config_json
from panoply.errors import PanoplyException
from panoply.loading import load_source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

# Of a stranger's message.
_LONGEST: Final = 500


def main(name: str, file: str, folder: str) -> None:
    """Write what importing the module comes to."""
    Path(file).write_text(json.dumps(_looked_at(name, folder)), encoding="utf-8")


def _looked_at(name: str, folder: str) -> dict[str, Any]:
    try:
        module = load_source(name)
    except BaseException as exc:  # noqa: BLE001 - a stranger's code may raise anything
        return _failed(exc)
    sys.path.append(folder)
    stream = getattr(module, "Stream", None)
    return {
        "file": getattr(module, "__file__", None) or "",
        "stream": [stream.__module__, stream.__qualname__] if isinstance(stream, type) else ["", ""],
        **_config(module),
    }


def _failed(exc: BaseException) -> dict[str, Any]:
    cause = exc.__cause__ or exc
    frames = [
        each
        for each in traceback.extract_tb(cause.__traceback__)
        if not each.filename.startswith("<") and each.filename != importlib.__file__
    ]
    own = [each for each in frames if Path(each.filename).is_relative_to(Path.cwd())]
    place = own[-1] if own else None
    missing = cause.name if isinstance(cause, ModuleNotFoundError) else None
    text = " ".join(str(cause).split())[:_LONGEST]
    return {
        "error": f"{type(cause).__name__}: {text}" if text else type(cause).__name__,
        "path": "" if place is None else Path(place.filename).relative_to(Path.cwd()).as_posix(),
        "line": 0 if place is None else place.lineno,
        "missing": (missing or "").partition(".")[0],
        "by_itself": bool(own) and frames[-1] is own[-1],
    }


def _config(module: ModuleType) -> dict[str, Any]:
    if not hasattr(module, "CONFIG"):
        return {}
    raw = module.CONFIG
    try:
        view = config_json(raw)
    except Exception:  # noqa: BLE001 - whatever a stranger's object does
        view = None
    # What is an error at any time, the contract tells as well.
    before = [[each.level, each.path, each.found] for each in check_config(raw, picture=True)]
    findings = [
        {"level": each.level, "path": each.path, "found": each.found, "expected": each.expected, "fix": each.fix}
        for each in check_config(raw, profile="review")
    ]
    whole, view = view, view if isinstance(view, dict) else {}
    return {
        "config": {
            "title": view.get("title"),
            "keywords": view.get("keywords"),
            "params": list(_params(view.get("params"))),
        },
        "view": whole,
        "form": _form(raw),
        "findings": findings,
        "before": before,
    }


def _form(raw: Any) -> dict[str, Any] | None:
    """The form that users see, and which params are behind it. None: CONFIG is not valid."""
    try:
        config = Config.parse(raw, to_run=True)
    except PanoplyException:
        return None
    params = [
        {
            "name": each.name,
            "type": each.type,
            "required": each.required,
            "credential": each.is_credential,
            "hidden": each.hidden or each.type == "hidden",
        }
        for each in config.params
    ]
    return {**asdict(form_of(config)), "params": params}


def _params(params: Any) -> Iterator[dict[str, Any]]:
    for each in params if isinstance(params, list) else ():
        if isinstance(each, dict) and isinstance(each.get("name"), str):
            title = each.get("title")
            yield {
                "name": each["name"],
                "title": title if isinstance(title, str) else "",
                "hidden": each.get("type") == "hidden" or each.get("hidden") is True,
            }


if __name__ == "__main__":
    main(*sys.argv[1:])
