"""The plugin's options: on the command line, in every kind of ini file, and of no use."""

from __future__ import annotations

import json
from fnmatch import fnmatch

import pytest

ENDS = "mymod::read_ends_with_none"

# Fails the check, with what the source was given as its message.
TELLING = """
import json, panoply
CONFIG = {"title": "x", "params": []}


class Stream(panoply.DataSource):
    def read(self, n=None):
        options = {key: value for key, value in self.options.items() if key != "logger"}
        raise panoply.PanoplyException(json.dumps([self.source, options], sort_keys=True), retryable=False)
"""


@pytest.fixture
def given(project):
    """What the source gets as params and options, with these arguments."""
    project.write("mymod.py", TELLING)

    def given(*args: str) -> list:
        result = project.run(ENDS, *args)
        lines = "".join(line.strip() for line in result.outlines)
        start = lines.index("PanoplyException: [", lines.index("received")) + len("PanoplyException: ")
        return json.JSONDecoder().raw_decode(lines[start:])[0]

    return given


@pytest.fixture
def refused(project):
    """What pytest says where it refuses to start."""

    def refused(*args: str) -> str:
        result = project.run(*args)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        text = "\n".join(result.errlines + result.outlines)
        assert "Traceback" not in text
        assert "hunter22" not in text
        (line,) = (line for line in result.errlines if line.startswith("ERROR: "))
        return line.removeprefix("ERROR: ")

    return refused


# ---------------------------------------------------------------------- on the command line


def test_params_come_from_a_file_and_single_ones_override_them(project, given):
    project.write("params.json", '{"a": 1, "b": [2], "c": null}')
    params, options = given("--panoply-source=mymod", "--panoply-params=params.json", "--panoply-param", "b=x=y")
    assert params == {"a": 1, "b": "x=y", "c": None}
    assert options == {}


def test_toml_will_do_as_well(project, given):
    project.write("params.toml", 'a = 1\n[b]\nc = "d"\n')
    project.write("options.toml", "e = [1.5]\n")
    assert given("--panoply-source=mymod", "--panoply-params=params.toml", "--panoply-options=options.toml") == [
        {"a": 1, "b": {"c": "d"}},
        {"e": [1.5]},
    ]


def test_a_file_may_begin_with_a_byte_order_mark(project, given):
    project.write("params.json", '\ufeff{"a": 1}')
    assert given("--panoply-source=mymod", "--panoply-params=params.json")[0] == {"a": 1}


def test_single_params_are_text_but_for_json_lists_and_objects(given):
    args = [f"--panoply-param={text}" for text in ("a=1", "b=true", 'c=["x"]', 'd={"e": 2}', "f=", "g= blanks ")]
    assert given("--panoply-source=mymod", *args)[0] == {
        "a": "1",
        "b": "true",
        "c": ["x"],
        "d": {"e": 2},
        "f": "",
        "g": " blanks ",
    }


# ---------------------------------------------------------------------- in ini files

FILES = {"params.json": '{"a": 1}', "options.json": '{"o": 2}'}

INI = """
panoply_source = mymod
panoply_params = params.json
panoply_param =
    b=2
    c=3
panoply_options = options.json
panoply_max_reads = 7
panoply_read_timeout = 1.5
panoply_strict = true
panoply_known_issues =
    read_stays_at_eof: known
"""

# In the table that pytest reads as if it were an ini file, each key may be text.
TOML_AS_INI = """
panoply_source = "mymod"
panoply_params = "params.json"
panoply_param = ["b=2", "c=3"]
panoply_options = "options.json"
panoply_max_reads = "7"
panoply_read_timeout = "1.5"
panoply_strict = true
panoply_known_issues = ["read_stays_at_eof: known"]
"""

# In the table of pytest 9, each value has its own type.
TOML = """
panoply_source = "mymod"
panoply_params = "params.json"
panoply_param = ["b=2", "c=3"]
panoply_options = "options.json"
panoply_max_reads = 7
panoply_read_timeout = 1.5
panoply_strict = true
panoply_known_issues = ["read_stays_at_eof: known"]
"""

TOML_OTHERWISE = """
panoply_source = ["mymod"]
panoply_params = "params.json"
panoply_param = {b = "2", c = "3"}
panoply_options = "options.json"
panoply_max_reads = "7"
panoply_read_timeout = "1.5"
panoply_strict = true
panoply_known_issues = {read_stays_at_eof = "known"}
"""

SHOW = """
import pytest

def pytest_configure(config):
    from panoply_testing.settings import Settings
    settings = Settings.of(config)
    print(settings.params, settings.options, settings.strict, settings.limits, settings.known_issues)
"""


@pytest.mark.parametrize(
    ("file", "head", "keys"),
    [
        ("pytest.ini", "[pytest]", INI),
        ("setup.cfg", "[tool:pytest]", INI),
        ("tox.ini", "[pytest]", INI),
        ("pyproject.toml", "[tool.pytest.ini_options]", TOML_AS_INI),
        ("pyproject.toml", "[tool.pytest]", TOML),
        ("pyproject.toml", "[tool.pytest]", TOML_OTHERWISE),
        ("pytest.toml", "[pytest]", TOML),
    ],
    ids=lambda value: None if "\n" in value else value,
)
def test_each_option_is_an_ini_key_too(project, file, head, keys):
    if head == "[tool.pytest]" or file == "pytest.toml":
        pytest.importorskip("pytest", minversion="9.0")
    (project.path / "pytest.ini").unlink()
    project.write(file, head + keys)
    for name, text in FILES.items():
        project.write(name, text)
    project.write("conftest.py", SHOW)
    result = project.run("-s", "--collect-only", "-q", ENDS)
    assert result.ret == 0
    expected = "{'a': 1, 'b': '2', 'c': '3'} {'o': 2} True Limits(read_timeout=1.5, max_reads=7) {'read_stays_at_eof': 'known'}"
    assert expected in result.outlines
    assert ENDS in result.outlines


def test_several_sources_in_an_ini_file_stand_on_lines_of_their_own(project):
    project.write("other.py", TELLING)
    project.ini("panoply_source =", "    mymod", "    ./other.py")
    assert {line.partition("::")[0] for line in project.collected()} == {"tests/test_own.py", "mymod", "other"}


def test_a_file_named_in_an_ini_file_lies_beside_it(project, given, monkeypatch):
    project.ini("panoply_source = mymod", "panoply_params = params.json")
    project.write("params.json", '{"a": 1}')
    monkeypatch.chdir(project.path / "tests")
    assert given()[0] == {"a": 1}


def test_the_command_line_goes_before_the_ini_file(project, given):
    project.ini("panoply_source = nowhere", "panoply_params = nowhere.json", "panoply_param = a=1")
    project.write("params.json", '{"a": 2}')
    args = ["--panoply-source=mymod", "--panoply-params=params.json", "--panoply-param=b=3"]
    assert given(*args)[0] == {"a": 2, "b": "3"}


def test_an_ini_key_can_be_overridden(project, given):
    assert given("-o", "panoply_source=mymod", "-o", "panoply_param=a=1")[0] == {"a": "1"}


# ---------------------------------------------------------------------- of no use


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--panoply-params=nowhere.json"], "--panoply-params: nowhere.json: No such file or directory (*)"),
        (["--panoply-params=tests"], "--panoply-params: tests: Is a directory (*)"),
        (["--panoply-params=bad.json"], "--panoply-params: bad.json: is not JSON: *, line 1, column 11"),
        (["--panoply-options=bad.toml"], "--panoply-options: bad.toml: is not TOML"),
        (["--panoply-params=list.json"], "--panoply-params: list.json: holds a list, not an object with *"),
        (["--panoply-params=deep.json"], "--panoply-params: deep.json: is not JSON"),
        (["--panoply-params=latin.json"], "--panoply-params: latin.json: is not UTF-8 text"),
        (["--panoply-param=hunter22"], "--panoply-param takes NAME=VALUE; one has no name or no '='"),
        (["--panoply-param==hunter22"], "--panoply-param takes NAME=VALUE; one has no name or no '='"),
        (["--panoply-param=token=[hunter22"], "--panoply-param token=...: is not JSON: Expecting value, column 2"),
        (["--panoply-param=token=..."], "--panoply-param token=...: put its value where the dots are"),
        (["--panoply-max-reads=many"], "--panoply-max-reads takes a whole number, not 'many'"),
        (["--panoply-max-reads=0"], "--panoply-max-reads takes a whole number above 0, not '0'"),
        (["--panoply-read-timeout=soon"], "--panoply-read-timeout takes a number of seconds, not 'soon'"),
        (["--panoply-read-timeout=nan"], "--panoply-read-timeout takes a number of seconds above 0, not 'nan'"),
        (["-o", "panoply_max_reads=-1"], "panoply_max_reads in pytest.ini takes a whole number above 0, not '-1'"),
        (["--panoply-broken=token"], "--panoply-broken: 'token' names no param and what is wrong with it, as *"),
        (["--panoply-broken=token:gone"], "--panoply-broken: a param cannot be 'gone'; there are missing, none, *"),
        (
            ["--panoply-report=report.txt"],
            "--panoply-report: report.txt: the name has to end in .html or .json, which says what to write",
        ),
        (["--panoply-report=x.json", "--panoply-report=report"], "--panoply-report: report: the name has to end in *"),
        (["--panoply-report=folder.json"], "--panoply-report: folder.json: is a folder (*)"),
        (["-o", "panoply_report=report.xml"], "panoply_report in pytest.ini: report.xml: the name has to end in *"),
        (["-o", "panoply_strict=perhaps"], "panoply_strict: its value is of no use (see pytest --help)"),
        (
            ["-o", "panoply_known_issues=read_end_with_none: why"],
            "panoply_known_issues: there is no check 'read_end_with_none'. Did you mean read_ends_with_none?",
        ),
        (
            ["-o", "panoply_known_issues=read_ends_with_none"],
            "panoply_known_issues: 'read_ends_with_none' is not of the form 'check_name: reason'",
        ),
        (["-o", "panoply_source=mymdo"], "panoply_source in pytest.ini: There is no module 'mymdo': *"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_is_of_no_use_is_refused_before_anything_runs(project, refused, args, message):
    project.write("bad.json", '{"token": hunter22}')
    project.write("bad.toml", "token = hunter22")
    project.write("list.json", '["hunter22"]')
    (project.path / "folder.json").mkdir()
    project.write("deep.json", "[" * 100_000)
    (project.path / "latin.json").write_bytes(b'{"token": "hunter22\xe9"}')
    line = refused(*args)
    assert fnmatch(line, message)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("panoply_param = 5", "panoply_param in pyproject.toml takes NAME=VALUE"),
        ('panoply_param = "hunter22"', "panoply_param in pyproject.toml takes NAME=VALUE"),
        ('panoply_strict = "yes"', "panoply_strict in pyproject.toml takes true or false"),
        ("panoply_params = 5", "panoply_params in pyproject.toml: takes the name of a file"),
        ("panoply_max_reads = true", "panoply_max_reads in pyproject.toml takes a whole number, not 'True'"),
    ],
)
def test_so_are_values_of_another_type_in_toml(project, refused, key, message):
    pytest.importorskip("pytest", minversion="9.0")
    (project.path / "pytest.ini").unlink()
    project.write("pyproject.toml", f"[tool.pytest]\n{key}\n")
    assert refused("--panoply-source=mymod").startswith(message)
