"""`panoply config`, as it is typed: what comes out on which stream, and with which exit code."""

from __future__ import annotations

import base64
import contextlib
import io
import itertools
import json
import os
import pty
import subprocess
import sys
import tomllib
from pathlib import Path

import jsonschema
import PIL.Image
import pytest
from click.testing import CliRunner

from panoply.cli import cli
from panoply.config import config_schema

SECRET = "s3cret-default"

HEAD = "import panoply\n"


def png() -> str:
    file = io.BytesIO()
    PIL.Image.new("1", (64, 64)).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


PNG = png()
TAIL = """
class Stream(panoply.DataSource):
    def read(self, n=None):
        return None
"""
FINE = {
    "title": "The Shop",
    "categories": ["APIS"],
    "keywords": ["shop"],
    "createdAt": "2024-05-31",
    "icon": "",
    "params": [
        {"name": "host", "title": "Host", "required": True, "placeholder": "db.example"},
        {
            "name": "apiToken",
            "title": "API token",
            "type": "password",
            "required": True,
            "help": "Get it **[here](https://a.io)**.",
        },
        {"name": "oldToken", "title": "Old token", "type": "password", "default": SECRET},
        {"name": "pages", "title": "Pages", "type": "number", "default": 2},
        {"name": "tables", "title": "Tables", "type": "list", "values": ["users", "orders"], "dependencies": ["host"]},
        {"name": "deep", "title": "Deep", "category": "advanced", "default": True},
    ],
}
NUMBERS = itertools.count()


@pytest.fixture
def source(tmp_path, monkeypatch):
    """Write a source; gives its module's name."""
    monkeypatch.chdir(tmp_path)
    before = sys.path[:], set(sys.modules)

    def write(config=FINE, *, code=""):
        name = f"shop_{next(NUMBERS)}"
        told = config if isinstance(config, str) else repr(config)
        (tmp_path / f"{name}.py").write_text(f"{HEAD}{code}\nCONFIG = {told}\n{TAIL}", encoding="utf-8")
        return name

    yield write
    sys.path[:] = before[0]
    for name in set(sys.modules) - before[1]:
        if name.startswith("shop_"):
            del sys.modules[name]


def call(*words):
    done = CliRunner().invoke(cli, ["config", *map(str, words)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert SECRET not in done.output
    assert "Traceback" not in done.output
    return done


def with_(**changes):
    return {**FINE, **changes}


# ---------------------------------------------------------------------- what is wrong


def test_without_an_option_it_shows_what_config_says_and_what_is_wrong(source):
    done = call(source())

    assert done.exit_code == 0
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "The Shop",
        "  categories  APIS",
        "  keywords    shop",
        "  created     2024-05-31",
        "",
        "  param     type                              after",
        "  host      text      required",
        "  apiToken  password  required, credential",
        "  oldToken  password  credential",
        "  pages     number    default 2",
        "  tables    list      2 choices               host",
        "  deep      text      advanced, default True",
        "",
        (
            "warning: icon: found an empty text; expected an image of at most 256 KiB as a data URL. "
            'Write "data:image/png;base64," followed by the file\'s bytes in base64.'
        ),
        "CONFIG: no errors, 1 warning.",
    ]


def test_an_error_makes_the_exit_code_1_and_the_rest_is_told_as_well(source):
    done = call(source(with_(title="", colour=1)))

    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    assert lines[0] == (
        "error: title: found '' (str); expected text that is not blank. Give the source the name that its users know it by."
    )
    assert [line.partition(":")[0] for line in lines] == ["error", "warning", "warning", "CONFIG"]
    assert lines[-1] == "CONFIG: 1 error, 2 warnings."


def test_in_a_review_warnings_are_errors_but_for_what_the_platform_may_know(source):
    done = call(source(with_(colour=1)), "--review")

    assert done.exit_code == 1
    assert "error: icon: " in done.stdout
    assert "warning: colour: " in done.stdout
    assert call(source(with_(icon=PNG, colour=1)), "--review").exit_code == 0


def test_the_icon_is_looked_into(source):
    assert call(source(with_(icon=PNG))).stdout.splitlines()[-1] == "CONFIG: no errors, no warnings."
    cut = call(source(with_(icon=PNG[:50])))
    assert cut.exit_code == 1
    assert "error: icon: found a PNG that is damaged or incomplete" in cut.stdout
    script = call(source(with_(icon="data:image/svg+xml,<svg onload='a()'/>")))
    assert script.exit_code == 1
    assert "SVG with a script" in script.stdout


def test_params_may_be_an_empty_dict_or_list(source):
    for params in ({}, []):
        done = call(source(with_(params=params)))
        assert done.exit_code == 0
        assert "It has no params." in done.stdout


# ---------------------------------------------------------------------- what is written


def test_json_is_the_normalised_config_and_nothing_else(source):
    done = call(source("{'title': 'A', 'params': [{'name': 'a', 'values': len, 'x-own': {1}}]}"), "--json")

    assert done.exit_code == 0
    assert done.stderr == ""
    written = json.loads(done.stdout)
    assert written["params"][0] == {
        "name": "a",
        "title": "",
        "type": "",
        "required": False,
        "hidden": False,
        "dependencies": [],
        "values": {"$callable": {"signature": "(obj)", "binds": [1]}},
        "x-own": {"$python-type": "set"},
    }
    jsonschema.Draft202012Validator(config_schema()).validate(written)
    assert json.loads(call(source(), "--json").stdout)["params"][2]["default"] == "***"


def test_schema_is_what_a_params_file_has_to_look_like(source):
    schema = json.loads(call(source(), "--schema").stdout)

    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["required"] == ["host", "apiToken"]
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid({"host": "a", "apiToken": "b", "tables": ["users"], "destination": "c"})
    assert not validator.is_valid({"host": "a", "apiToken": "b", "tables": ["user"]})


def test_example_is_a_params_file_that_the_command_itself_takes(source, tmp_path):
    name = source()
    done = call(name, "--example")
    assert tomllib.loads(done.stdout) == {"host": "", "apiToken": ""}
    assert f"panoply run {name} --params FILE.toml" in done.stdout

    file = tmp_path / "params.toml"
    file.write_text(done.stdout, encoding="utf-8")
    empty = call(name, "--params", file)
    assert empty.exit_code == 1
    assert "error: params.toml: host: found empty text; expected text: it is required.\n" in empty.stdout
    file.write_text(done.stdout.replace('= ""', '= "x"'), encoding="utf-8")
    filled = call(name, "--params", file)
    assert (filled.exit_code, filled.stdout.splitlines()[-1]) == (0, "params.toml: no errors, no warnings.")


def test_the_example_filled_in_is_what_panoply_run_takes(source, environ, tmp_path):
    name = source()
    text = call(name, "--example").stdout.replace('host = ""', 'host = "db.example"')
    (tmp_path / "params.toml").write_text(text, encoding="utf-8")
    words = [sys.executable, "-m", "panoply", "run", name, "--params", "params.toml"]

    # The token stays empty in the file: it is in the environment.
    done = subprocess.run(words, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr


KEPT_SECRET = [
    {"name": "pin", "type": "password", "default": SECRET},
    {"name": "memory", "type": "hidden", "default": [SECRET]},
    {"name": "apiToken", "default": SECRET},
    {"name": "field", "title": "API token", "default": SECRET},
    {"name": "server", "default": f"postgres://ada:{SECRET}@db/shop"},
    {"name": "other", "defualt": f"Server=db;Password={SECRET};"},
    {"name": "tunnel", "type": "number", "default": {"ssh": {"privateKey": SECRET}}},
]


@pytest.mark.parametrize("option", ["--review", "--json", "--schema", "--example", "--form", "--verbose"])
def test_no_default_that_is_or_holds_a_credential_is_shown_anywhere(source, option):
    done = call(source(with_(params=KEPT_SECRET)), option)  # `call` looks for it

    assert done.stdout
    assert "field" in done.stdout or "API token" in done.stdout


def test_form_is_drawn_with_all_that_a_user_sees(source):
    done = call(source(with_(params=[*FINE["params"], {"name": "key", "type": "hidden"}])), "--form")

    assert done.exit_code == 0
    assert done.stderr == ""
    text = done.stdout
    assert text.startswith("The Shop\n\nHost *\n╭")
    assert "│ db.example " in text
    assert "what is typed is masked" in text
    assert "Get it here (https://a.io)." in text
    assert "(a default that is not shown)" in text
    assert "Tables   after Host\n" in text
    assert "│ [ ] users" in text
    assert "choose any" in text
    assert text.index("Advanced (folded away)") < text.index("Deep")
    assert "Not drawn: key" in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_form_without_fields_says_so(source):
    assert "There is nothing to fill in." in call(source(with_(params=[])), "--form").stdout


@pytest.mark.parametrize("option", ["--json", "--schema", "--example", "--form"])
def test_with_an_error_nothing_is_written_and_it_is_told_on_stderr(source, option):
    done = call(source(with_(title="", colour=1)), option)

    assert (done.exit_code, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: title: found '' (str)")


@pytest.mark.parametrize("option", ["--json", "--schema", "--example", "--form"])
def test_warnings_leave_what_is_written_alone_but_for_a_review(source, option):
    name = source()
    done = call(name, option)
    assert (done.exit_code, done.stderr) == (0, "")
    strict = call(name, option, "--review")
    assert (strict.exit_code, strict.stdout) == (1, done.stdout)
    assert strict.stderr.startswith("error: icon: found an empty text")


# ---------------------------------------------------------------------- a params file


def test_a_params_file_is_checked_against_config(source, tmp_path):
    file = tmp_path / "params.json"
    file.write_text(json.dumps({"host": "a", "apiToken": "b", "pages": SECRET, "tables": ["user"], "hots": 1}))

    done = call(source(), "--params", file)

    assert done.exit_code == 1
    assert done.stdout.splitlines()[-4:] == [
        (
            "error: params.json: hots: found a key that is no param; expected one of: host, apiToken, oldToken, pages, tables, "
            "deep. Remove it."
        ),
        "error: params.json: pages: found text; expected a number, without quotes.",
        "error: params.json: tables[0]: found text that is not offered; expected one of: users, orders. Did you mean 'users'?",
        "params.json: 3 errors.",
    ]


def test_what_the_environment_gives_may_be_missing_from_the_file(source, tmp_path, monkeypatch):
    file = tmp_path / "params.json"
    file.write_text('{"host": "a"}')
    name = source()
    assert "params.json: apiToken: found nothing" in call(name, "--params", file).stdout
    monkeypatch.setenv("PANOPLY_PARAM_API_TOKEN", "b")
    assert call(name, "--params", file).exit_code == 0


def test_a_params_file_is_not_looked_at_before_config_is_right(source, tmp_path):
    done = call(source(with_(title="")), "--params", tmp_path / "params.json")

    assert done.exit_code == 1
    assert done.stdout.endswith("params.json was not looked at: CONFIG has to be mended first.\n")


# ---------------------------------------------------------------------- what cannot be looked at


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("raise ValueError('at import')", "ValueError: at import\n  at odd.py:1"),
        ("x = 1", "odd has no CONFIG: a data source module has a dict of that name."),
        ("import sys; sys.exit()", "it called sys.exit()"),
        ("CONFIG = (", "SyntaxError"),
        ("import no_such_library", "it imports 'no_such_library', which is not installed"),
    ],
)
def test_a_module_that_cannot_be_looked_at_is_told_with_exit_code_2(source, tmp_path, code, message):
    (tmp_path / "odd.py").write_text(code)
    sys.modules.pop("odd", None)

    done = call("odd.py", "--json")

    assert (done.exit_code, done.stdout) == (2, "")
    assert message in done.stderr


def test_what_is_no_source_and_no_file_is_told_with_exit_code_2(source, tmp_path):
    assert "There is no module 'no_such_shop'" in call("no_such_shop").stderr
    missing = call(source(), "--params", tmp_path / "none.json")
    assert missing.exit_code == 2
    assert "Cannot read the params file" in missing.stderr


@pytest.mark.parametrize("config", ["None", "[]", "'text'", "len", "{1: 2}"])
def test_a_config_of_any_kind_is_an_error_and_no_accident(source, config):
    done = call(source(config))

    assert done.exit_code == 1
    assert done.stdout.startswith("error: ")


@pytest.mark.parametrize("words", [("--json", "--form"), ("--schema", "--params", "x.json")])
def test_one_thing_is_asked_for_at_a_time(source, words):
    done = call(source(), *words)

    assert done.exit_code == 2
    assert f"One at a time: {words[0]} and {words[1]} cannot be given together." in done.stderr


def test_help_names_each_option():
    text = CliRunner().invoke(cli, ["config", "--help"], prog_name="panoply").output
    assert text.startswith("Usage: panoply config [OPTIONS] MODULE")
    for option in ("--review", "--params FILE", "--json", "--schema", "--example", "--form", "-v, --verbose"):
        assert option in text
    assert "config  Check a data source's CONFIG, and show it." in CliRunner().invoke(cli, ["--help"]).output


# ---------------------------------------------------------------------- as a process

NOISY = """
import os, subprocess, sys
os.write(1, b"raw\\n")
print("printed")
subprocess.run([sys.executable, "-S", "-c", "print('child')"], check=True)
"""
ODD = {**FINE, "title": "The \x1b[31mShop\x07 \ud800", "icon": PNG}


def run(*words, environ, folder, **settings):
    return subprocess.run(
        [sys.executable, "-m", "panoply", "config", *words],
        cwd=folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        check=False,
        **settings,
    )


@pytest.mark.parametrize("option", ["--json", "--form"])
def test_what_a_module_prints_goes_to_stderr_and_a_file_gets_plain_text(source, environ, tmp_path, option):
    environ |= {"FORCE_COLOR": "1", "TTY_COMPATIBLE": "1"}
    done = run(source(ODD, code=NOISY), option, environ=environ, folder=tmp_path, capture_output=True)

    assert done.returncode == 0, done.stderr
    assert {b"raw", b"printed", b"child"} <= set(done.stderr.split())
    assert b"\x1b" not in done.stdout
    if option == "--json":
        assert json.loads(done.stdout)["title"] == ODD["title"]
    else:
        assert done.stdout.decode().startswith("The  [31mShop  ?\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
@pytest.mark.parametrize("words", [(), ("--json",)])
def test_a_full_disk_is_told(source, environ, tmp_path, words):
    with Path("/dev/full").open("w") as full:
        done = run(source(), *words, environ=environ, folder=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True)

    assert (done.returncode, done.stderr) == (2, "Error: Cannot write to standard output: No space left on device.\n")


def in_a_terminal(*words, environ, folder, columns=60):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "panoply", "config", *words],
        cwd=folder,
        env={**environ, "COLUMNS": str(columns)},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    # Linux tells the end of a terminal by an error.
    with process, contextlib.suppress(OSError):
        while piece := os.read(ours, 65536):
            shown += piece
    os.close(ours)
    assert process.returncode == 0
    return shown.decode()


def test_a_terminal_gets_colours_paragraphs_and_lines_that_fit(source, environ, tmp_path):
    name = source()
    shown = in_a_terminal(name, environ=environ, folder=tmp_path)
    assert "\x1b[1;33mwarning" in shown
    assert "    found an empty text; expected an image" in shown
    assert "\r\n    Write " in shown

    plain = in_a_terminal(name, "--form", environ={**environ, "NO_COLOR": "1"}, folder=tmp_path)
    assert "\x1b[3" not in plain.replace("\x1b[3m", "")
    assert max(len(line) for line in plain.split("\r\n") if line.startswith("╭")) == 60
