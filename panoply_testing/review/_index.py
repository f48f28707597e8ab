"""What others know of the libraries that a project asks for: the package index which versions there are, pip-audit which are unsafe.

Only names and versions are sent, by tools of this environment and with its settings; nothing of the project is run.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Audited", "Published", "Vulnerability", "audited", "published"]

# Seconds. An index answers within one, or not at all.
_INDEX_LIMIT: Final = 20
_AUDIT_LIMIT: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """Which versions of a library there are.

    Attributes:
        problem: why nobody could be asked. Empty: somebody was.
        versions: those that can be installed with this Python; none: the index does not know the library.
    """

    problem: str = ""
    versions: tuple[Version, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Vulnerability:
    """What is known to be wrong with one version of a library. `mended`: the versions that no longer have it."""

    name: str
    version: str
    identifier: str
    mended: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """What is known of some libraries.

    Attributes:
        problem: why nobody could be asked. Empty: somebody was.
        unknown: the libraries of which nobody knows anything, not even that they are safe.
    """

    problem: str = ""
    found: tuple[Vulnerability, ...] = ()
    unknown: tuple[str, ...] = ()


def published(name: str) -> Published:
    """Ask the package index that pip is set up with for a library's versions."""
    if find_spec("pip") is None:
        return Published(problem="pip, which would ask the package index, is not installed")
    words = ("-m", "pip", "index", "versions", name, "--pre", "--no-color", "--disable-pip-version-check")
    said = _said([sys.executable, *words, "--no-input", "--retries", "1", "--timeout", "5"], _INDEX_LIMIT)
    if said is None:
        return Published(problem=f"the package index has not answered within {_INDEX_LIMIT} seconds")
    listed = re.search(r"^Available versions:\s*(.+)$", said, re.MULTILINE)
    if listed:
        return Published(versions=tuple(_versions(listed[1])))
    if "No matching distribution found" in said and "Retrying" not in said and "connection" not in said.lower():
        return Published()
    return Published(problem="the package index cannot be reached")


def _versions(text: str) -> list[Version]:
    found = []
    for each in text.split(","):
        try:
            found.append(Version(each.strip()))
        except InvalidVersion:
            continue
    return found


def audited(versions: Mapping[str, str], scratch: Path) -> Audited:
    """Ask pip-audit for what is known of these versions of libraries.

    Args:
        versions: for each library, by its name, the version.
        scratch: a folder for the list.
    """
    script = shutil.which("pip-audit")
    command = [sys.executable, "-m", "pip_audit"] if find_spec("pip_audit") else [script] if script else []
    if not command:
        return Audited(problem="pip-audit is not installed: pip install pip-audit")
    listed = scratch / "audited.txt"
    listed.write_text("".join(f"{name}=={version}\n" for name, version in sorted(versions.items())), encoding="utf-8")
    words = [
        "--requirement",
        str(listed),
        "--no-deps",
        "--disable-pip",
        "--format",
        "json",
        "--progress-spinner",
        "off",
    ]
    said = _said([*command, *words], _AUDIT_LIMIT, errors=False)
    if said is None:
        return Audited(problem=f"pip-audit took more than {_AUDIT_LIMIT} seconds")
    try:
        return _audit(json.loads(said)["dependencies"], versions)
    except (ValueError, KeyError, TypeError):
        return Audited(problem="pip-audit cannot reach the database that it asks")


def _audit(entries: list[Any], versions: Mapping[str, str]) -> Audited:
    told = {canonicalize_name(each["name"]): each for each in entries}
    return Audited(
        found=tuple(
            Vulnerability(
                name=name, version=versions[name], identifier=known["id"], mended=tuple(known.get("fix_versions", ()))
            )
            for name in versions
            for known in told.get(canonicalize_name(name), {}).get("vulns", ())
        ),
        # What it has skipped is not safe for that.
        unknown=tuple(name for name in versions if "vulns" not in told.get(canonicalize_name(name), {})),
    )


def _said(command: list[str], seconds: float, *, errors: bool = True) -> str | None:
    """What a tool writes, its errors as well where they are wanted. None: it did not end in time."""
    try:
        done = subprocess.run(  # noqa: S603 - a tool of this environment, by its name
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if errors else subprocess.DEVNULL,
            timeout=seconds,
            check=False,
            encoding="utf-8",
            errors="replace",
        )
    except subprocess.TimeoutExpired:
        return None
    return done.stdout
