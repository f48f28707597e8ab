"""Looks through everything that is printed while the tests run for the credentials that stand in the tests.

A plugin of the suite's own (see `tests/conftest.py`). A test during which a credential was printed, in any encoding, fails,
whatever the test is about. What counts as printed: what pytest captures of it and of the sessions that it runs, the output of
the processes that it starts, and the reports that it has written.
"""

from __future__ import annotations

import ast
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from panoply.config import names_a_credential
from panoply_testing.secrets import Credentials, Secret

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Reports and logs that sessions in a test's folder write.
REPORTS = ("*.html", "*.xml", "*report*.json", "*.log")

# pytester says of itself what it starts, with all arguments.
OF_PYTESTER = re.compile(r"^(running: | +in: ).*$", re.MULTILINE)

# What a made-up credential looks like, and the many other texts under such names (of params, of files) do not.
MADE_UP = re.compile(r"(?=.*\d)\S{8,}", re.DOTALL)


def literals(tree: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Names and what stands for them: in dicts, assignments and arguments."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value, value
        elif isinstance(node, ast.Assign):
            yield from ((target.id, node.value) for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.keyword) and node.arg is not None:
            yield node.arg, node.value
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            # As an option: --panoply-param=token=...
            *_, name, text = ("", "", *node.value.split("=", 2))
            yield name, ast.Constant(text)


def credentials_in(code: str) -> Iterator[str]:
    """The texts in a module of tests that are called a credential there."""
    for name, value in literals(ast.parse(code)):
        text = value.value if isinstance(value, ast.Constant) else None
        if names_a_credential(name) and isinstance(text, str) and MADE_UP.fullmatch(text):
            yield text


def credentials_below(folder: Path) -> Credentials:
    """Those of a whole suite."""
    found: dict[str, Secret] = {}
    for path in sorted(folder.rglob("*.py")):
        try:
            texts = list(credentials_in(path.read_text(encoding="utf-8")))
        except SyntaxError:  # sources that are wrong by that
            continue
        for text in texts:
            found.setdefault(text, Secret(label=str(path.relative_to(folder)), value=text))
    return Credentials(found.values())


class Printed:
    """Keeps what is printed during a test, until the test is over."""

    def __init__(self, known: Credentials) -> None:
        self.known = known
        self.texts: list[str] = []

    def leaks(self) -> list[str]:
        """What is to be said of these texts: nothing, or which credential is in them, masked."""
        return [
            f"the credential of {found.secret}, {found.encoding}: {found.excerpt}"
            for text in self.texts
            for found in self.known.find(OF_PYTESTER.sub("", text))
        ]

    def add(self, *outputs: str | bytes | None) -> None:
        """Some output of a process, or what a fixture has captured."""
        for output in outputs:
            if output:
                self.texts.append(output if isinstance(output, str) else output.decode("utf-8", "replace"))

    def pytest_configure(self, config: pytest.Config) -> None:
        patch = pytest.MonkeyPatch()
        config.add_cleanup(patch.undo)
        communicate, readouterr = subprocess.Popen.communicate, pytest.CaptureFixture.readouterr

        def communicate_and_keep(process: subprocess.Popen[str], *args: object, **kwargs: object) -> tuple[str, str]:
            said = communicate(process, *args, **kwargs)
            self.add(*said)
            return said

        def read_and_keep(capture: pytest.CaptureFixture[str]) -> object:
            said = readouterr(capture)
            self.add(said.out, said.err)
            return said

        patch.setattr(subprocess.Popen, "communicate", communicate_and_keep)
        patch.setattr(pytest.CaptureFixture, "readouterr", read_and_keep)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
        report = yield
        if report.when == "teardown":
            # What is logged in this process, also by a session within it, is not printed by that.
            self.texts += [text for title, text in report.sections if "log" not in title]
            folder = item.funcargs.get("tmp_path") if isinstance(item, pytest.Function) else None
            if folder is not None:
                paths = (path for pattern in REPORTS for path in folder.rglob(pattern))
                self.add(*(path.read_bytes() for path in paths if path.is_file()))
            found = self.leaks()
            self.texts.clear()
            if found and report.passed:
                report.outcome = "failed"
                report.longrepr = "\n".join(["While this test ran, a credential was printed:", *dict.fromkeys(found)])
        return report


def pytest_configure(config: pytest.Config) -> None:
    folder = config.rootpath.joinpath(*config.getini("testpaths"))
    config.pluginmanager.register(Printed(credentials_below(folder)), "printed-of-the-suite")
