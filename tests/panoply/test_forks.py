"""Sources that fork: the copies of the process are theirs, and no second run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork()")

# Each runs in a process of its own: without what is tested, a copy would go on with the tests.
SOURCE = """
import os, pathlib, signal, sys, time
import panoply

CONFIG = {"title": "Forking", "params": [{"name": "token", "type": "password"}]}

class Stream(panoply.DataSource):
    at = 0

    def read(self, n=None):
        self.at += 1
        if self.at > 2:
            return None
        copy = os.fork()
        if not copy:
            self.progress(7, 7, "a copy's")
            self.log("copied", self.source["token"])
            HOW
        self.codes = [*getattr(self, "codes", []), os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1])]
        self.log(self.codes)
        self.progress(self.at, 2, "")
        return [{"id": self.at}]
"""

RUN = """
from panoply import runner

class Notes(runner.Observer):
    def log(self, message):
        print(message, flush=True)

    def progress(self, loaded, total, message):
        print(loaded, total, message, flush=True)

result = runner.run(SETTINGS, {"token": "tok-3f9a8b7c6d"}, to="out.jsonl", observer=Notes())
print(result.ok, result.records)
"""


@pytest.fixture
def forking(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def forking(how):
        Path("forking.py").write_text(SOURCE.replace("HOW", how))
        program = textwrap.dedent(RUN).replace("SETTINGS", "'forking'")
        return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)

    return forking


@pytest.mark.parametrize(
    ("how", "code"),
    [("sys.exit(3)", 3), ("sys.exit()", 0), ("return [{}]", 0), ("raise ValueError(self.source['token'])", 1)],
)
def test_a_copy_that_comes_back_from_the_source_ends_there(forking, how, code):
    ran = forking(how)

    # What the copy reports is the copy's; what it logs is seen by whoever sees what is printed.
    assert ran.stdout.splitlines() == [f"[{code}]", "1 2 ", f"[{code}, {code}]", "2 2 ", "True 2"]
    assert ran.stderr.splitlines()[0] == "copied ***"
    assert "tok-" not in ran.stderr
    assert [json.loads(line)["id"] for line in Path("out.jsonl").read_bytes().splitlines()] == [1, 2]


def test_signals_to_a_copy_are_its_own():
    program = textwrap.dedent("""
        import os, signal, socket, time
        from panoply._interrupts import ending_when_told
        from panoply._stuck import Calls, watching

        with ending_when_told(), watching(Calls(), print, print):
            ready, said = os.pipe()
            copy = os.fork()
            if not copy:
                # The run listens at this descriptor, and would take the copy's end for its own.
                if signal.set_wakeup_fd(-1) != -1:
                    os._exit(1)
                os.write(said, b"!")
                while True:
                    time.sleep(1)
            os.close(said)
            assert os.read(ready, 1)  # Python forgets signals that come in the midst of a fork
            os.kill(copy, signal.SIGTERM)
            assert os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1]) == -signal.SIGTERM
            assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
        # Afterwards nothing is done to copies any more.
        heard, told = socket.socketpair()
        told.setblocking(False)
        signal.set_wakeup_fd(told.fileno())
        if not (copy := os.fork()):
            os._exit(signal.set_wakeup_fd(-1) != told.fileno())
        assert os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1]) == 0
    """)
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
