"""Why pytest came to an end that does not count: the line that says it, of all the lines there are."""

from __future__ import annotations

import re

import pytest

from panoply_testing.review._child import Child
from panoply_testing.review._pytest_ending import ending

ENDINGS = {
    "an unknown option": (
        {"pytest.ini": "[pytest]\naddopts = --no-such-option --reruns=2\n"},
        "could not begin: unrecognized arguments: --no-such-option --reruns=2. These are options of pytest-rerunfailures",
    ),
    "an exit in conftest.py": (
        {"conftest.py": "raise SystemExit('not today')\n"},
        "ended with exit code 1: not today",
    ),
    "an error in conftest.py": ({"conftest.py": "1 / 0\n"}, "could not begin: ZeroDivisionError: division by zero"),
    "a syntax error in conftest.py": ({"conftest.py": "def x(:\n"}, "could not begin: SyntaxError: invalid syntax"),
    "settings of no use": (
        {"pytest.ini": "[pytest]\nfilterwarnings = ignore:x:NoSuchWarning\n"},
        "could not begin: while parsing the following warning configuration: ignore:x:NoSuchWarning",
    ),
    "no settings": ({"pytest.ini": "[pytest\n"}, "could not begin: .*pytest.ini:1"),
    "all left out": (
        {"pytest.ini": "[pytest]\naddopts = -k nothing\n", "test_a.py": "def test_a(): pass\n"},
        r"found nothing to run: the settings leave out all 1 that there are \(-m or -k in addopts\)",
    ),
    "no tests": ({}, "found nothing to run$"),
    "a crash": (
        {"test_a.py": "import ctypes\ndef test_a(): ctypes.string_at(0)\n"},
        r"was ended by SIGSEGV \(Segmentation fault\), while test_a.py::test_a ran",
    ),
    "an exit code of another's": (
        {"test_a.py": "import atexit, os\natexit.register(os._exit, 7)\ndef test_a(): pass\n"},
        "ended with exit code 7, though it says: 1 passed in .*s. Something changes that",
    ),
    "a hook that fails": ({"conftest.py": "def pytest_collection(): 1 / 0\n"}, "failed by itself: ZeroDivisionError"),
}


@pytest.mark.parametrize("case", ENDINGS)
def test_the_reason_is_found_among_all_that_is_said(tmp_path, case):
    files, expected = ENDINGS[case]
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    words = ["-m", "pytest", "-p", "no:cacheprovider", "-p", "no:randomly", "--rootdir=.", "--color=no", "--tb=short"]
    done = Child(scratch=tmp_path / "scratch").run(
        words, cwd=tmp_path, limit=120, extra={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    )
    said = ending(done.code, done.said, "test_a.py::test_a" if "test_a.py" in files else "")
    assert re.search(expected, said), (said, done.said)


def test_what_says_nothing_has_no_reason():
    assert ending(3, "", "") == "ended with exit code 3: without a word"
