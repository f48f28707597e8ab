"""The fixtures: how a project overrides them, what they give its tests, and what pytest may show of them."""

from __future__ import annotations

import pytest

ENDS = "mymod::read_ends_with_none"
EMPTY = "mymod::constructor_takes_source_and_options"

# A source whose read() passes only where it was given the params that the test is about.
NEEDY = """
import json, os, panoply, urllib.request

CONFIG = {"title": "x", "params": []}
NEEDS = {}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.done = False

    def read(self, n=None):
        if self.done:
            return None
        source = self.source
        for name, value in NEEDS.items():
            assert source.get(name, os.environ.get(name)) == value, (name, source)
        rows = [{"id": 1}]
        if "url" in source:
            with urllib.request.urlopen(source["url"], timeout=5) as response:
                rows = json.load(response)
        self.done = True
        self.log("read", len(rows), "rows")
        self.progress(1, 1, "all")
        self.state("s1", {"at": 1})
        return rows
"""


@pytest.fixture(autouse=True)
def needy(project):
    project.write("mymod.py", NEEDY)


def needing(**needs: str) -> str:
    """The code of a source that can only be read with these params, or with these in its environment."""
    return NEEDY.replace("NEEDS = {}", f"NEEDS = {needs}")


def params(text: str, scope: str = "function", more: str = "", takes: str = "") -> str:
    return f"import pytest\n{more}\n@pytest.fixture(scope={scope!r})\ndef panoply_params({takes}):\n    return {text}\n"


# ---------------------------------------------------------------------- overriding


@pytest.mark.parametrize(
    ("file", "scope"),
    [
        ("conftest.py", "module"),
        *(("tests/conftest.py", scope) for scope in ("session", "package", "module", "class", "function")),
    ],
)
def test_params_of_the_project_may_have_any_scope(project, file, scope):
    project.write("mymod.py", needing(a="b"))
    project.write(file, params('{"a": "b"}', scope))
    assert project.outcomes("--panoply-source=mymod", ENDS) == {ENDS: "PASSED"}


def test_an_override_may_extend_the_default(project):
    project.write("mymod.py", needing(a="b", c="d"))
    project.write("tests/conftest.py", params('{**panoply_params, "a": "b"}', takes="panoply_params"))
    assert project.outcomes("--panoply-source=mymod", "--panoply-param=c=d", ENDS) == {ENDS: "PASSED"}


def test_an_override_may_have_another_name_than_its_function(project):
    project.write("mymod.py", needing(a="b"))
    text = params('{"a": "b"}').replace("panoply_params", "ours")
    project.write("checks/conftest.py", text.replace("(scope='function')", "(name='panoply_params')"))
    project.write("tests/conftest.py", "")
    assert project.outcomes("--panoply-source=mymod", ENDS) == {ENDS: "PASSED"}


def test_the_test_folder_builds_on_the_root(project):
    project.write("mymod.py", needing(a="b", HERE="yes"))
    project.write("conftest.py", params('{"a": "b"}'))
    autouse = "import pytest\n@pytest.fixture(autouse=True)\ndef here(monkeypatch): monkeypatch.setenv('HERE', 'yes')\n"
    project.write("tests/conftest.py", autouse)
    # What holds for a part of the tests holds for that part.
    project.write("tests/unit/conftest.py", autouse.replace("'yes'", "'no'"))
    project.write("tests/unit/test_unit.py", "def test_unit(): pass\n")
    assert project.outcomes("--panoply-source=mymod", "-k", "ends_with_none") == {ENDS: "PASSED"}


@pytest.mark.parametrize("args", [["other"], ["other/test_more.py"], [ENDS], ["tests/unit"]], ids=" ".join)
def test_the_fixtures_are_the_same_whatever_else_is_run(project, args):
    project.write("mymod.py", needing(a="b"))
    project.write("tests/conftest.py", params('{"a": "b"}'))
    project.write("tests/unit/test_unit.py", "def test_unit(): pass\n")
    project.write("other/test_more.py", "def test_more(): pass\n")
    outcomes = project.outcomes("--panoply-source=mymod", "-k", "ends_with_none or more or unit", *args)
    assert outcomes[ENDS] == "PASSED"


def test_in_a_repository_of_several_sources_each_has_the_fixtures_beside_it(project):
    for name in ("one", "two"):
        project.write(f"sources/{name}/reader_of_{name}.py", needing(a=name))
        text = params(f'{{"a": {name!r}}}')
        project.write(f"sources/{name}/tests/conftest.py", text)
        project.write(f"sources/{name}/tests/test_{name}.py", "def test_it(): pass\n")
    outcomes = project.outcomes(
        "--panoply-source=sources/one/reader_of_one.py",
        "--panoply-source=sources/two/reader_of_two.py",
        "-k",
        "ends_with_none",
    )
    assert list(outcomes.values()) == ["PASSED", "PASSED"]


def test_what_holds_for_a_part_of_the_tests_does_not_hold_for_the_source(project):
    project.write("mymod.py", needing(a="b"))
    project.write("checks/conftest.py", params('{"a": "b"}'))
    project.write("checks/unit/conftest.py", params('{"a": "c"}'))
    project.write("checks/unit/test_unit.py", "def test_unit(): pass\n")
    assert project.outcomes("--panoply-source=mymod", "-k", "ends_with_none") == {ENDS: "PASSED"}


def test_fixtures_beside_the_tests_of_one_source_are_found_by_its_name(project):
    for name in ("one", "two"):
        project.write(f"src/{name}.py", needing(a=name))
        project.write(f"tests/{name}/conftest.py", params(f'{{"a": {name!r}}}'))
    outcomes = project.outcomes("--panoply-source=one", "--panoply-source=two", "-k", "ends_with_none")
    assert list(outcomes.values()) == ["PASSED", "PASSED"]


SERVER = """
import pytest
from pytest_httpserver import HTTPServer


@pytest.fixture{scope}
def panoply_params({takes}):
    {takes}.expect_request("/rows").respond_with_json([{{"id": 7}}, {{"id": 8}}])
    return {{"url": {takes}.url_for("/rows")}}
"""


@pytest.mark.parametrize(
    ("server", "args"),
    [("httpserver", ["-W", "error"]), ("make_httpserver", ["-W", "error"]), ("make_httpserver", ["-n2"])],
)
def test_a_source_reads_from_a_server_that_a_fixture_starts(project, server, args):
    scope = "(scope='session')" if server == "make_httpserver" else ""
    project.write("tests/conftest.py", SERVER.format(takes=server, scope=scope))
    project.write(
        "tests/test_own.py",
        "def test_own(panoply_collect):\n    assert [row['id'] for row in panoply_collect().records] == [7, 8]\n",
    )
    result = project.run("--panoply-source=mymod", "tests", ENDS, EMPTY, "mymod::read_terminates", *args, apart=True)
    assert result.ret == 0
    result.assert_outcomes(passed=4)


def test_a_fixture_that_fails_is_an_error(project):
    project.write("tests/conftest.py", params("1 / 0"))
    result = project.run("--panoply-source=mymod", ENDS)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([">       return 1 / 0", f"ERROR {ENDS} - ZeroDivisionError: division by zero"])
    # Its traceback is the project's: not ours, and not pytest's.
    assert "site-packages" not in result.stdout.str()
    assert "CheckItem" not in result.stdout.str()


@pytest.mark.parametrize("name", ["panoply_params", "panoply_options"])
def test_a_fixture_that_gives_no_dict_is_an_error_in_one_line(project, name):
    project.write("tests/conftest.py", params("[('a', 'b')]").replace("panoply_params", name))
    result = project.run("--panoply-source=mymod", ENDS)
    result.assert_outcomes(errors=1)
    assert f"The fixture {name} gives a list; it has to give a dict." in result.outlines
    assert "items.py" not in result.stdout.str()


# ---------------------------------------------------------------------- what they give


def own_test(project, text: str, *args: str) -> pytest.RunResult:
    project.write("tests/test_own.py", text)
    return project.run("tests/test_own.py", *args)


def test_panoply_source_is_the_module(project):
    text = "def test_own(panoply_source): assert panoply_source.CONFIG['title'] == 'x'"
    own_test(project, text, "--panoply-source=mymod", "-k", "own").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], "*needs exactly one source, and none is named. Name it with --panoply-source=MODULE, with*"),
        (["--panoply-source=mymod", "--panoply-source=other"], "*and 2 are named (mymod, other). Name it with*"),
    ],
)
def test_panoply_source_is_refused_where_there_is_no_telling_which(project, args, message):
    project.write("other.py", NEEDY)
    result = own_test(project, "def test_own(panoply_source): pass", "-k", "own", *args)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([message])
    assert "plugin.py" not in result.stdout.str()


def test_a_source_that_cannot_be_imported_fails_its_tests_with_its_own_traceback(project):
    project.write("mymod.py", "import nowhere_to_be_found")
    result = own_test(project, "def test_own(panoply_source): pass", "-k", "own", "--panoply-source=mymod")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["Importing mymod failed: it imports 'nowhere_to_be_found'*", "*mymod.py*, line 1*"])


COLLECT = """
import json

import pytest


def test_everything(panoply_collect):
    told = panoply_collect()
    assert told.records == [{"id": 1}] and told.batches == [[{"id": 1}]]
    assert told.logs == [("read", 1, "rows")]
    assert told.progress == [{"loaded": 1, "total": 1, "msg": "all"}]
    assert [state["state"] for state in told.states] == [{"at": 1}]
    assert [name for name, _ in told.events] == ["progress", "source-state"]


def test_other_params(panoply_collect, panoply_params):
    mine = {"a": "b"}
    told = panoply_collect(mine)
    assert told.source == mine and told.source is not mine
    assert panoply_params == {}


def test_what_the_source_raises(panoply_collect):
    with pytest.raises(OSError, match="refused"):
        panoply_collect({"url": "http://127.0.0.1:9"})
"""


def test_panoply_collect_gives_everything_that_the_source_lets_out(project):
    own_test(project, COLLECT, "--panoply-source=mymod", "-k", "test_own").assert_outcomes(passed=3)


def test_panoply_collect_does_not_read_for_ever(project):
    project.write(
        "mymod.py", "import panoply\nclass Stream(panoply.DataSource):\n  def read(self, n=None): return []\n"
    )
    text = "def test_own(panoply_collect): panoply_collect()"
    result = own_test(project, text, "--panoply-source=mymod", "--panoply-max-reads=9", "-k", "own")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*gave 9 batches and still no None*"])


def test_panoply_collect_drives_an_async_source_too(project):
    project.write(
        "mymod.py",
        "import asyncio, panoply\nclass Stream(panoply.DataSource):\n  rows = [[{'id': 1}]]\n"
        "  async def read(self, n=None):\n    await asyncio.sleep(0)\n    return self.rows.pop() if self.rows else None\n",
    )
    text = "def test_own(panoply_collect): assert panoply_collect().records == [{'id': 1}]"
    own_test(project, text, "--panoply-source=mymod", "-k", "own").assert_outcomes(passed=1)


# ---------------------------------------------------------------------- what pytest shows of them

SECRET = "s3cr3t/of+ours"

OWN_WITH_SECRETS = """
import pytest

@pytest.fixture
def broken(panoply_params):
    token = panoply_params["token"]
    raise OSError("cannot log in with " + token)

def test_setup(broken): pass

def test_locals(panoply_params):
    token = panoply_params["token"]
    assert token == "another"

def test_output(panoply_params):
    print("out", panoply_params)
    import sys, logging
    print("err", panoply_params, file=sys.stderr)
    logging.getLogger().error("log %s", panoply_params)
    assert 0

def test_skipped(panoply_params):
    pytest.skip(f"no luck with {panoply_params['token']}")
"""


@pytest.mark.parametrize(
    ("how", "args"),
    [
        ("option", ["--tb=long", "-vv"]),
        ("file", ["--tb=short"]),
        ("ini", ["--tb=native"]),
        ("conftest", ["-vv"]),
        ("conftest", ["-n2"]),
    ],
)
def test_a_credential_is_in_nothing_that_pytest_shows(project, how, args):
    project.write("tests/test_own.py", OWN_WITH_SECRETS)
    given = ["--panoply-source=mymod"]
    if how == "option":
        given.append(f"--panoply-param=token={SECRET}")
    elif how == "file":
        project.write("params.json", f'{{"token": "{SECRET}"}}')
        given.append("--panoply-params=params.json")
    elif how == "ini":
        project.ini(f"panoply_param = token={SECRET}")
    else:
        project.write("tests/conftest.py", params(f'{{"token": "".join({list(SECRET)})}}'))
    result = project.run(
        *given,
        "tests",
        ENDS,
        "--showlocals",
        "--setup-show",
        "-rA",
        "--junitxml=junit.xml",
        "-o",
        "junit_logging=all",
        *args,
        apart="-n2" in args,
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(failed=2, errors=1, skipped=1, passed=1)
    text = result.stdout.str() + result.stderr.str() + (project.path / "junit.xml").read_text()
    assert SECRET not in text
    assert "s3***rs" in text


@pytest.mark.parametrize("load", ["panoply_source", "panoply_collect"])
def test_what_only_config_marks_is_in_nothing_either_once_a_test_has_the_source(project, load):
    source = (project.path / "mymod.py").read_text(encoding="utf-8")
    project.write("mymod.py", source.replace('"params": []', '"params": [{"name": "code", "type": "password"}]'))
    project.write("tests/conftest.py", params(f'{{"code": "".join({list(SECRET)})}}'))
    project.write("tests/test_own.py", f"def test_own(panoply_params, {load}): assert panoply_params == 2\n")
    text = project.run("--panoply-source=mymod", "-k", "test_own", "-vv", "--showlocals").stdout.str()
    assert "1 failed" in text
    assert SECRET not in text
    assert "s3***rs" in text


@pytest.mark.parametrize("args", [[], ["-n1"]])
def test_a_warning_that_pytest_shows_has_no_credential_in_it(project, args):
    project.write("tests/conftest.py", params(f'{{"token": "".join({list(SECRET)})}}'))
    project.write(
        "tests/test_own.py",
        "import warnings\n\nclass Old(UserWarning):\n    def __init__(self, text, more): super().__init__(text)\n\n"
        "def test_own(panoply_params):\n    warnings.warn('no more ' + panoply_params['token'], UserWarning)\n"
        "    warnings.warn(Old('old ' + panoply_params['token'], 7))\n    warnings.warn('harmless')\n",
    )
    text = project.run("--panoply-source=mymod", "-k", "test_own", "-Wdefault", *args, apart=bool(args)).stdout.str()
    assert "1 passed" in text
    assert "3 warnings" in text
    assert "UserWarning: no more s3***rs" in text
    assert "Old: old s3***rs" in text
    assert "UserWarning: harmless" in text
    assert SECRET not in text


def test_a_report_that_is_masked_keeps_its_form_and_its_colours(project):
    project.write("tests/test_own.py", "def test_own(panoply_params):\n    assert panoply_params == 2\n")
    run = ["tests/test_own.py", "--panoply-param=token=hunter22", "--color=yes"]
    failure, _, summary = project.run(*run).stdout.str().partition("FAILURES")[2].partition("short test summary")
    assert "hu***22" in failure
    assert "\x1b[31m" in failure
    assert (
        "AssertionError: assert {'token': 'hu***22'} == 2" in summary or "assert {'token': 'hu***22'} == 2" in summary
    )


def test_a_credential_of_several_lines_is_masked_as_a_whole(project):
    key = "-----BEGIN KEY-----\\nqwertyuiop\\nasdfghjkl\\n-----END KEY-----"
    project.write("tests/conftest.py", params(f'{{"private_key": "{key}"}}'))
    project.write(
        "tests/test_own.py", "def test_own(panoply_params):\n    raise OSError(panoply_params['private_key'])\n"
    )
    text = project.run("tests/test_own.py").stdout.str()
    assert "1 failed" in text
    assert "qwertyuiop" not in text


def test_collecting_shows_no_credential(project):
    result = project.run("--panoply-source=mymod", f"--panoply-param=token={SECRET}", "--collect-only", "-vv")
    assert SECRET not in result.stdout.str()
