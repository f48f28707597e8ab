"""`_anew`: what a source's import does is seen also where the session has imported it before."""

from __future__ import annotations

import sys
import textwrap
import threading
from functools import partial

import pytest

from panoply.loading import load_source
from panoply_testing._anew import Anew, observe_anew
from panoply_testing.isolation import Limits
from panoply_testing.plans import IMPORTED_ANEW
from panoply_testing.runs import Inputs, Runs

LOUD = """
    import os
    import panoply

    os.environ["ACME"] = "on"
    CONFIG = {"title": "Loud", "params": []}


    class Stream(panoply.DataSource):
        def read(self, n=None):
            return None
"""

# As projects do it, in conftest.py or at the head of a test module.
TESTS = """
    import loud


    def test_own():
        assert loud.CONFIG["title"] == "Loud"
"""


@pytest.mark.parametrize(
    ("done", "said"),
    [
        ('os.environ["ACME"] = "on"', "it sets the variable ACME"),
        ('os.chdir("/")', "it changes to the folder /"),
        ("__import__('logging').disable(10)", "*logging*"),
    ],
)
def test_a_check_of_the_import_looks_once_more_where_the_tests_have_imported_the_source(project, done, said):
    project.write("loud.py", textwrap.dedent(LOUD).replace('os.environ["ACME"] = "on"', done))
    project.write("tests/test_loud.py", textwrap.dedent(TESTS))
    project.ini("pythonpath = .")
    result = project.run("--panoply-source=loud", "-k", "imports_quietly or own", apart=True)
    result.stdout.fnmatch_lines([f"*received  {said}", "*source    loud.py:5 in <module>"])
    result.assert_outcomes(passed=3, failed=1, deselected=result.parseoutcomes()["deselected"])


def test_a_quiet_source_passes_though_the_tests_have_imported_it(project):
    project.write("tests/test_own.py", "import mymod\n\n\ndef test_own():\n    assert mymod.CONFIG\n")
    project.ini("pythonpath = .")
    found = project.outcomes("--panoply-source=mymod", "-k", "imports_quietly", apart=True)
    assert found == {"mymod::module_imports_quietly": "PASSED"}


def test_a_class_of_the_contract_sees_the_import_as_well(project):
    project.write("loud.py", textwrap.dedent(LOUD))
    project.write(
        "tests/test_own.py",
        """
import pytest
import loud
import panoply_testing


class TestLoud(panoply_testing.SourceContract):
    @pytest.fixture
    def panoply_source(self):
        return loud
""",
    )
    project.ini("pythonpath = .")
    result = project.run("-k", "imports_quietly", apart=True)
    result.stdout.fnmatch_lines(["*received  it sets the variable ACME"])


@pytest.fixture
def loud(tmp_path):
    path = tmp_path / "loud.py"
    path.write_text(textwrap.dedent(LOUD), encoding="utf-8")
    return partial(load_source, str(path), tmp_path)


def anew(load, **params):
    return observe_anew(IMPORTED_ANEW, Anew(load=load), params=params, options={}, limits=Limits())


def test_modules_are_looked_for_where_this_process_does_and_params_are_not_for_all_to_read(loud, monkeypatch, tmp_path):
    (tmp_path / "loud.py").write_text("import beside\n" + textwrap.dedent(LOUD), encoding="utf-8")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/beside.py").write_text(
        "import os, pathlib\nARGUMENTS = pathlib.Path('/proc/self/cmdline')\n"
        "assert not ARGUMENTS.exists() or b'tk9f3b71' not in ARGUMENTS.read_bytes()\n"
    )
    monkeypatch.syspath_prepend(tmp_path / "elsewhere")
    seen = anew(loud, token="tk9f3b71")
    assert [trace.what for trace in seen.imported] == ["sets the variable ACME"]
    assert "loud" not in sys.modules


def test_what_a_module_prints_is_no_answer(loud, tmp_path):
    (tmp_path / "loud.py").write_text(
        "import os\nos.write(1, b'x' * 100_000)\n" + textwrap.dedent(LOUD), encoding="utf-8"
    )
    assert {trace.kind for trace in anew(loud).imported} == {"output", "environment"}


def test_where_nothing_can_be_handed_over_this_process_looks_and_says_what_it_could_not_see(loud):
    assert anew(loud, lock=threading.Lock()) is None
    assert anew(lambda: loud()) is None  # noqa: PLW0108 - one without a name
    seen = Runs(lambda: loud(), Limits()).get(IMPORTED_ANEW, Inputs(params={}))  # noqa: PLW0108
    assert [trace.what for trace in seen.imported] == ["sets the variable ACME"]
    assert len(seen.steps) == 1


def test_a_fault_of_the_kit_is_told_as_one(loud, monkeypatch):
    monkeypatch.setattr("panoply_testing._anew._START", "raise SystemExit('out of order')")
    with pytest.raises(RuntimeError, match=r"kit itself failed.*\nout of order"):
        anew(loud)


def test_what_the_project_sets_for_its_source_is_there_if_need_be(project):
    project.write("loud.py", "import os\nassert os.environ['NEEDED']\n" + textwrap.dedent(LOUD))
    project.write("conftest.py", "import os\nos.environ['NEEDED'] = 'yes'\nimport loud\ndel os.environ['ACME']\n")
    result = project.run("--panoply-source=loud", "-k", "imports_quietly", apart=True)
    result.stdout.fnmatch_lines(["*received  it sets the variable ACME"])
