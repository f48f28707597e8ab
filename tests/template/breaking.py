"""Breaks a project from the template on purpose, to see whether its tests or the contract notice."""

from __future__ import annotations

import ast
import subprocess
from typing import TYPE_CHECKING

import steps

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# What `pytest -k` takes; its own tests are not run without the contract's source, as they ask for it.
OWN_TESTS, CONTRACT = "test_", "not test_"

# A broken source may wait for something that never comes.
SECONDS = 120


def emptied(project: Path) -> Iterator[tuple[str, Path, str]]:
    """Each function and method of the project's package: its name, its file, and the file's text with `pass` in its place."""
    [package] = (path.parent for path in project.glob("*/config.py"))
    for path in sorted(package.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = text.splitlines(keepends=True)
                first, last = node.body[0], node.body[-1]
                indent = " " * first.col_offset
                emptied_lines = [*lines[: first.lineno - 1], f"{indent}pass\n", *lines[last.end_lineno or 0 :]]
                yield f"{path.name}: {node.name}", path, "".join(emptied_lines)


def is_noticed(project: Path, path: Path, text: str) -> bool:
    """Whether the project's own tests fail, or else the contract, with another text in one of its files."""
    original = path.read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    try:
        return any(not _passes(project, "-k", chosen) for chosen in (OWN_TESTS, CONTRACT))
    finally:
        path.write_text(original, encoding="utf-8")


def _passes(project: Path, *words: str) -> bool:
    try:
        steps.run(
            "pytest",
            "-p",
            "no:cacheprovider",
            "-x",
            "-q",
            "--panoply-strict",
            "--panoply-read-timeout=5",
            *words,
            folder=project,
            seconds=SECONDS,
        )
    except (steps.StepError, subprocess.TimeoutExpired):
        return False
    return True
