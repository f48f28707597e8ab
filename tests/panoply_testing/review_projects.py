"""Small source projects, made by hand in a moment: right ones, which tests then make wrong in one way."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from textwrap import dedent

from panoply_testing.review._project import find_project
from panoply_testing.review._settings import ReviewSettings
from panoply_testing.review._site import Site

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "shop-source"
version = "1.2.0"
description = "Panoply data source: Shop"
readme = "README.md"
license = "MIT"
license-files = ["LICENSE"]
requires-python = ">=3.11"
authors = [{ name = "A. Author" }]
dependencies = ["panoply-python-sdk"]

[tool.hatch.build.targets.wheel]
packages = ["shop"]

[tool.pytest.ini_options]
panoply_source = "shop"
testpaths = ["tests"]
pythonpath = ["."]
"""

INIT = '''\
"""The Shop."""

from .config import CONFIG
from .source import Stream

__all__ = ["CONFIG", "Stream"]
'''

CONFIG = """\
CONFIG = {
    "title": "Shop",
    "icon": "data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg' width='64' height='64'/>",
    "categories": ["APIS"],
    "keywords": ["shop"],
    "createdAt": "2024-05-01",
    "params": [
        {"name": "token", "title": "Token", "type": "password", "required": True},
        {"name": "region", "title": "Region"},
    ],
}
"""

SOURCE = '''\
import panoply


class Stream(panoply.DataSource):
    """Gives three numbers."""

    def __init__(self, source, options=None):
        super().__init__(source, options)
        if not source.get("token"):
            raise panoply.PanoplyException("The token is missing: make one in the shop's settings.", retryable=False)
        self._left = [] if source.get("region") == "nowhere" else [1, 2, 3]

    def read(self, n=None):
        """Give one batch."""
        if not self._left:
            return None
        size = n or 100
        batch, self._left = self._left[:size], self._left[size:]
        self.log("read", len(batch))
        self.progress(3 - len(self._left), 3, "numbers")
        return [{"number": number} for number in batch]
'''

TESTS = """\
from shop import Stream


def test_all_numbers_are_read_and_then_comes_the_end():
    stream = Stream({"token": "made-up"}, {})
    assert [row["number"] for row in stream.read()] == [1, 2, 3]
    assert stream.read() is None
"""

README = """\
# Shop

A Panoply data source.

| param | meaning |
| --- | --- |
| `token` | the API token |
| `region` | where the shop is |

It fills the table `shop`.
"""

RIGHT = {
    "pyproject.toml": PYPROJECT,
    "shop/__init__.py": INIT,
    "shop/config.py": CONFIG,
    "shop/source.py": SOURCE,
    "tests/conftest.py": 'import pytest\n\n\n@pytest.fixture\ndef panoply_params():\n    return {"token": "made-up"}\n',
    "tests/test_source.py": TESTS,
    "README.md": README,
    "CHANGELOG.md": "# Changelog\n\n## 1.2.0\n\n- The region can be chosen.\n",
    "LICENSE": "MIT License\n\nCopyright (c) A. Author\n\nPermission is hereby granted, free of charge, ...\n",
    ".gitignore": "__pycache__/\nparams.json\n",
}


def make(folder: Path, changes: dict[str, str | bytes | None] | None = None) -> Path:
    """A right project, but for these files; None: the file is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in {**RIGHT, **(changes or {})}.items():
        put(folder, name, content)
    return folder


def put(folder: Path, name: str, content: str | bytes | None) -> None:
    path = folder / name
    if content is None:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else dedent(content).encode())


def git(folder: Path, *words: str) -> str:
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    who = {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "A. Author"), ("EMAIL", "a@example.com"))
    }
    done = subprocess.run(
        ["git", "-c", "init.defaultBranch=main", "-c", "commit.gpgSign=false", "-c", "tag.gpgSign=false", *words],
        cwd=folder,
        env={**own, **who, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def commit(folder: Path, message: str = "Change", *, tag: str | None = None) -> Path:
    """Commit all there is, and give the commit an annotated tag."""
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", message)
    if tag:
        git(folder, "tag", "--annotate", tag, "--message", tag)
    return folder


def site_of(folder: Path, scratch: Path, *names: str) -> Site:
    """Where a family of rules looks at a project."""
    scratch.mkdir(exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=scratch)).resolve()
    return Site(project=find_project(folder), settings=ReviewSettings(), scratch=scratch, names=frozenset(names))
