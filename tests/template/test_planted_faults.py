"""One fault at a time, planted in the project that the template makes: exactly the right checks turn red."""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as ET
from dataclasses import dataclass

import pytest

TOKEN = "t0ken/with+signs=inside"


@dataclass(frozen=True)
class Fault:
    old: str
    new: str
    red: tuple[str, ...]
    says: tuple[str, ...]
    options: tuple[str, ...] = ()


PROGRESS = '        self.progress(self._loaded, total, f"{resource}: {self._loaded:,}/{total:,} rows loaded")\n'

FAULTS = {
    "token logged percent-encoded": Fault(
        PROGRESS,
        PROGRESS
        + '        from urllib.parse import quote\n        self.log("GET /x?t=" + quote(self.source["token"], safe=""))\n',
        ("logs_hide_credentials",),
        ("through log()", "param token, percent-encoded: GET /x?t=t0***de", "source.py:"),
    ),
    "a hang": Fault(
        "        self._taken += len(rows)\n",
        "        if page.number == 2 and len(rows) > 1:\n"
        "            import threading\n"
        "            threading.Event().wait()\n"
        "        self._taken += len(rows)\n",
        ("read_ends_with_none", "read_terminates"),
        ("read 2 did not return within 2 seconds", "threading.Event().wait()", "Give every wait an end"),
        ("--panoply-read-timeout=2",),
    ),
}


@pytest.fixture(params=FAULTS)
def planted(request, acme, tmp_path):
    fault = FAULTS[request.param]
    project = tmp_path / "project"
    shutil.copytree(acme, project)
    plant(project / "acme_crm" / "source.py", fault.old, fault.new)
    plant(project / "tests" / "conftest.py", "self.token = secrets.token_hex(16)", f"self.token = {TOKEN!r}")
    return project, fault


def plant(path, old, new):
    text = path.read_text()
    assert text.count(old) == 1, f"the template has changed: plant this fault anew in {path.name}"
    path.write_text(text.replace(old, new))


def test_a_planted_fault_turns_exactly_the_right_checks_red(planted, run_pytest, tmp_path):
    project, fault = planted

    # Its own tests notice most faults, too; here it is about the contract.
    done = run_pytest(project, "-k", "not test_", f"--junitxml={tmp_path / 'report.xml'}", *fault.options)

    cases = ET.parse(tmp_path / "report.xml").getroot().iter("testcase")
    red = {case.get("name") for case in cases if case.find("failure") is not None or case.find("error") is not None}
    assert red == set(fault.red), done.stdout
    assert done.returncode == 1
    said = " ".join(done.stdout.split())  # lines are as long as the terminal has them
    missing = [words for words in fault.says if words not in said]
    assert not missing, done.stdout
    assert TOKEN not in done.stdout + done.stderr
