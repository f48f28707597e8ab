"""A folder with data sources, and the command `panoply` run in it as a process."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

# What it does is said by its params, so that one source serves most tests.
SHOP = """
import logging, os, subprocess, sys, warnings
import panoply

CONFIG = {
    "title": "The Shop",
    "params": [
        {"name": "apiToken", "title": "API token", "type": "password", "required": True,
         "help": "Get it **[here](https://shop.example/keys)**, see `docs`."},
        {"name": "pages", "title": "Pages", "type": "number", "default": 2},
        {"name": "tables", "title": "Tables", "type": "list",
         "values": [{"name": "All users", "value": "users"}, {"name": "Orders", "value": "orders"}]},
        {"name": "views", "title": "Views", "type": "dynamic-list",
         "values": lambda source: [{"name": f"View {i}", "value": i} for i in range(source["pages"])]},
        {"name": "region", "title": "Region", "type": "select", "values": ["eu", "us"]},
        {"name": "deep", "title": "Deep", "default": False},
        {"name": "to", "title": "Until"},
        {"name": "mode", "title": "Mode", "help": "What to do wrong."},
        {"name": "extra", "title": "Extra", "type": "widget-of-tomorrow"},
    ],
}

def fail(source):
    raise panoply.PanoplyException("refused: " + source["apiToken"], retryable=False)

class Stream(panoply.DataSource):
    page = 0

    def read(self, n=None):
        mode, token = self.source.get("mode"), self.source["apiToken"]
        if self.page >= self.source["pages"]:
            return None
        self.page += 1
        if mode == "chatty":
            self.log("logged", token)
            print("printed", token)
            print("to stderr", token, file=sys.stderr)
            sys.stdout.buffer.write(b"bytes\\n")
            logging.getLogger("lib").warning("library %s", token)
            logging.getLogger("lib").info("quiet %s", token)
            warnings.warn("warned " + token)
            subprocess.run([sys.executable, "-c", "print('child')"], check=True)
        if mode == "fail":
            fail(self.source)
        if mode == "exit":
            sys.exit(3)
        if mode == "interrupt":
            import signal
            os.kill(os.getpid(), signal.SIGINT)
        if mode == "nan":
            return [{"a": float("nan")}]
        self.progress(self.page, self.source["pages"], f"page {self.page}")
        return [{"page": self.page, "i": i, "params": {k: v for k, v in self.source.items() if k != "apiToken"}}
                for i in range(2)]

    def close(self):
        print("closed")
        if self.source.get("mode") == "close":
            raise OSError("cannot close")
"""

TOKEN = "hunter2/hunter2"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "shop.py").write_text(SHOP)
    return tmp_path


@pytest.fixture
def environ():
    """The variables that a process gets; a test may add some."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PANOPLY_", "PYTEST"))}
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        inherited.pop(name, None)
    return {**inherited, "PYTHONPATH": str(ROOT), "PANOPLY_PARAM_API_TOKEN": TOKEN, "TERM": "xterm-256color"}


@pytest.fixture
def panoply_command(folder, environ):
    """Run `panoply ...` in the folder; gives a `CompletedProcess` with text."""

    def call(*words, **settings):
        return subprocess.run(
            [sys.executable, "-m", "panoply", *words],
            cwd=folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            **settings,
        )

    return call


class Dialogue:
    """A command in a terminal of its own, which is its controlling terminal, as a shell gives it one."""

    def __init__(self, words, folder, environ, columns):
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "panoply", *words],
            cwd=folder,
            env=environ,
            stdin=theirs,
            stdout=subprocess.DEVNULL,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - nothing else gives it one
        )
        os.close(theirs)
        self.shown = ""

    def until(self, text):
        """Read on until the terminal has shown this since the last answer."""
        seen = ""
        while text not in seen:
            piece = os.read(self._ours, 65536).decode()
            seen += piece
            self.shown += piece

    def answer(self, text):
        """Type it."""
        os.write(self._ours, text.encode())

    def end(self):
        """Read to the end; the exit code."""
        # Linux tells the end of a terminal by an error.
        with contextlib.suppress(OSError):
            while piece := os.read(self._ours, 65536):
                self.shown += piece.decode("utf-8", "replace")
        os.close(self._ours)
        return self.process.wait()


@pytest.fixture
def in_terminal(folder, environ):
    """Run `panoply ...` in a terminal of so many columns; gives a `Dialogue`."""
    begun = []

    def call(*words, columns=100):
        begun.append(Dialogue(words, folder, environ, columns))
        return begun[-1]

    yield call
    for dialogue in begun:
        if dialogue.process.poll() is None:
            dialogue.process.kill()
            dialogue.process.wait()
