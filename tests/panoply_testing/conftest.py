"""A source project to run pytest in, and what comes out of it."""

from __future__ import annotations

import re
import tempfile

import pytest

# Imported here once: what a session in this process imports, pytester forgets again after it.
import panoply_testing.fixtures
import panoply_testing.masked
import panoply_testing.source_contract  # noqa: F401

SOURCE = """
import panoply

CONFIG = {"title": "My source", "params": [{"name": "token", "title": "Token", "type": "password"}]}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.left = 2

    def read(self, n=None):
        if not self.left:
            return None
        self.left -= 1
        self.progress(2 - self.left, 2, "reading")
        return [{"id": self.left}]
"""

_LINE = re.compile(r"^(?P<id>\S+::\S+) (?P<outcome>[A-Z]+)\b")
_LINE_OF_XDIST = re.compile(r"^\[gw\d+\] \[ *\d+%\] (?P<outcome>[A-Z]+) (?P<id>\S+::\S+)")


class Project:
    """A folder with a source in `mymod.py` and a test of its own."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.path = pytester.path
        # So that no ini file in a folder above counts.
        self.ini()
        self.write("mymod.py", SOURCE)
        self.write("tests/test_own.py", "def test_own(): pass\n\ndef test_other(): pass\n")

    def write(self, name: str, text: str) -> None:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def ini(self, *lines: str) -> None:
        self.write("pytest.ini", "\n".join(("[pytest]", *lines)) + "\n")

    def run(self, *args: str, apart: bool = False) -> pytest.RunResult:
        """Run pytest: in this process, or apart from it, as from a shell."""
        run = self.pytester.runpytest_subprocess if apart else self.pytester.runpytest_inprocess
        # Hypothesis is imported at the end of every session: as long as most of these take.
        return run("-p", "no:cacheprovider", "-p", "no:hypothesispytest", *args)

    def outcomes(self, *args: str, apart: bool = False) -> dict[str, str]:
        """What becomes of each test: its id and PASSED, FAILED ..."""
        return outcomes(self.run("-v", *args, apart=apart))

    def collected(self, *args: str) -> list[str]:
        result = self.run("--collect-only", "-q", *args)
        assert result.ret == 0, result.stdout
        return [line for line in result.outlines if "::" in line]


def outcomes(result: pytest.RunResult) -> dict[str, str]:
    found = (_LINE.match(line) or _LINE_OF_XDIST.match(line) for line in result.outlines)
    return {match["id"]: match["outcome"] for match in found if match}


@pytest.fixture(scope="session", autouse=True)
def _litter(tmp_path_factory):
    """Sources that leave temporary files behind do so where pytest clears up."""
    tempfile.tempdir, before = str(tmp_path_factory.mktemp("temporary")), tempfile.tempdir
    yield
    tempfile.tempdir = before


@pytest.fixture
def project(pytester):
    return Project(pytester)
