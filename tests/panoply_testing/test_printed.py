"""`printed`: a test of this suite during which a credential is printed fails."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from printed import credentials_below, credentials_in

MADE_UP = "qv-40b8e6d1f7"

PRINTING = {
    "printed": "print(C)",
    "as base64": "import base64; print(base64.b64encode(f'me:{C}'.encode()))",
    "to stderr": "import sys; print(C, file=sys.stderr)",
    "by a process": "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(input())'], input=C, text=True, capture_output=True)",
    "captured by the test": "print(C); capsys.readouterr()",
    "in a report": "(tmp_path / 'report.json').write_text(C)",
    "by a session of its own": "pytester.makepyfile(f'def test_it(): print({C!r}); assert 0'); pytester.runpytest()",
}
QUIET = {
    "masked": "print(C[:2] + '***' + C[-2:])",
    "known": "assert C",
    "logged in this process": "import logging; logging.getLogger().error(C)",
    "named to a session": "pytester.makepyfile('def test_it(): pass'); pytester.runpytest_subprocess('-p', f'no:{C}')",
}


@pytest.fixture
def outcomes_of_all(pytester, monkeypatch):
    """What becomes of a test for each of these acts: all in one session, as most of the time is that of its start."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    acts = [*PRINTING.values(), *QUIET.values()]
    tests = [f"def test_{number}(capsys, tmp_path, pytester): {act}" for number, act in enumerate(acts)]
    # That session's own: one that this session does not look for.
    pytester.makepyfile("\n".join([f"SECRET = C = {MADE_UP!r}", *tests]))
    return pytester.runpytest_subprocess("-p", "printed", "-p", "pytester", "-p", "no:cacheprovider")


def test_a_test_during_which_a_credential_is_printed_fails_and_no_other(outcomes_of_all):
    shown = outcomes_of_all.stdout.str()
    failed = {int(number) for number in re.findall(r"^ERROR \S+::test_(\d+)", shown, re.MULTILINE)}
    assert failed == set(range(len(PRINTING)))
    outcomes_of_all.assert_outcomes(passed=len(PRINTING) + len(QUIET), errors=len(PRINTING))
    # Where pytest knows that it runs in CI, it says all of it once more at the end.
    told = shown.partition("short test summary info")[0].split("a credential was printed:")[1:]
    assert len(told) == len(PRINTING)
    assert all("***f7" in each for each in told)
    assert told[1].split(",")[1].strip().startswith("in base64")


def test_what_is_called_a_credential_in_a_test_is_looked_for():
    code = """
PARAMS = {"token": "tk-1234567", "user": "ada-1234567", "password": "words", "nested": {"api_key": "ak-1234567"}}
SECRET = "se-1234567"
run("--panoply-param=password=pw-1234567", "--panoply-param=user=us-1234567", client_secret="cs-1234567")
"""
    assert set(credentials_in(code)) == {"tk-1234567", "ak-1234567", "se-1234567", "pw-1234567", "cs-1234567"}
    assert len(credentials_below(Path(__file__).parents[1]).secrets) > 30
