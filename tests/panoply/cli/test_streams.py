"""What a source writes past Python, or has a child process write, is shown masked; standard output stays the command's."""

from __future__ import annotations

import io
import json

from panoply.cli._streams import Lines

TOKEN = "hunter2/hunter2"

PARENT = """
import os, subprocess, sys
import panoply

CONFIG = {"title": "Parent", "params": [{"name": "apiToken", "title": "T", "type": "password", "required": True}]}
print("while importing")
os.write(1, b"below Python, while importing\\n")

class Stream(panoply.DataSource):
    def read(self, n=None):
        if self.source.pop("done", None):
            return None
        self.source["done"] = True
        token = self.source["apiToken"]
        code = "import os, sys; print('out', os.environ['T']); print('err', os.environ['T'], file=sys.stderr)"
        subprocess.run([sys.executable, "-c", code], env={**os.environ, "T": token}, check=True)
        subprocess.run([sys.executable, "-c", "print('by handle')"], stdout=sys.stdout, stderr=sys.stderr, check=True)
        os.write(2, f"below {token}\\n".encode())
        sys.__stdout__.write(f"past {token}\\n")
        os.write(1, b"without an end")
        return [{}]
"""


def test_what_goes_past_python_is_shown_masked(panoply_command, environ, folder):
    # What is still buffered at the end leaks where nobody looks.
    environ.pop("PYTHONUNBUFFERED", None)
    (folder / "parent.py").write_text(PARENT)

    done = panoply_command("run", "parent")

    assert [json.loads(line)["__table"] for line in done.stdout.splitlines()] == ["parent"]
    lines = done.stderr.splitlines()
    assert {"while importing", "below Python, while importing", "out ***", "err ***", "by handle", "below ***"} <= {
        *lines
    }
    assert {"past ***", "without an end"} & {*lines} or "without an endpast ***" in lines
    assert lines[-1].startswith("Collected 1 record")
    assert "hunter2" not in done.stderr


def test_nothing_but_events_comes_with_json(panoply_command, folder):
    (folder / "parent.py").write_text(PARENT)

    done = panoply_command("run", "parent", "--json")

    found = [json.loads(line) for line in done.stderr.splitlines()]
    said = {each["message"] for each in found if each["event"] == "log"}
    assert {"while importing", "below Python, while importing", "out ***", "err ***", "below ***"} <= said
    assert found[-1]["event"] == "summary"


def test_lines_end_as_they_do_on_any_system_and_a_bar_starts_over():
    shown: list[str] = []
    lines = Lines(shown.append, io.StringIO())

    for piece in ("a\r", "\nb\n\nc\rd", "\re\r"):
        lines.write(piece)
    lines.buffer.write("ж\n".encode())
    lines.end()
    lines.end()

    assert shown == ["a", "b", "", "c", "d", "e", "ж"]


def test_a_line_without_an_end_is_shown_in_pieces():
    shown: list[str] = []
    lines = Lines(shown.append, io.StringIO())

    for _ in range(3 * 2**10):
        lines.write("." * 2**10)
    lines.end()

    assert sum(map(len, shown)) == 3 * 2**20
    assert max(map(len, shown)) <= 2**20 + 2**10
