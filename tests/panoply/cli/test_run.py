"""`panoply run`, as it is typed: what comes out on which stream, and with which exit code."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import pty
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from panoply.cli import cli
from panoply.cli._choices import choose
from panoply.cli._command import option_help
from panoply.cli._files import read_file
from panoply.cli._flags import flags
from panoply.cli._screen import Screen
from panoply.config import Choice, Config, Param
from panoply.errors import ParamsError
from panoply.masking import Mask

ROOT = Path(__file__).parents[3]
TOKEN = "hunter2/hunter2"


def records(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


def params_of(done):
    assert done.returncode == 0, done.stderr
    return records(done)[0]["params"]


# What comes out


def test_records_come_on_stdout_as_json_lines_and_a_summary_on_stderr(panoply_command):
    done = panoply_command("run", "shop", "--pages", "3")

    assert done.returncode == 0
    assert [(record["__table"], record["page"], record["i"]) for record in records(done)] == [
        ("shop", page, i) for page in (1, 2, 3) for i in (0, 1)
    ]
    assert done.stderr == "closed\nCollected 6 records in 3 reads into 1 table: shop 6; everything delivered.\n"


def test_what_a_source_prints_logs_and_warns_goes_to_stderr_without_credentials(panoply_command):
    done = panoply_command("run", "shop", "--pages", "1", "--mode", "chatty")

    assert done.returncode == 0
    assert len(records(done)) == 2
    for line in ("logged ***", "printed ***", "to stderr ***", "bytes", "WARNING lib: library ***", "child"):
        assert f"{line}\n" in done.stderr
    assert "UserWarning: warned ***" in done.stderr
    assert "quiet" not in done.stderr
    assert "hunter2" not in done.stderr


def test_verbose_shows_what_libraries_log_at_info(panoply_command):
    done = panoply_command("run", "shop", "--pages", "1", "--mode", "chatty", "-v")

    assert "INFO lib: quiet ***\n" in done.stderr


def test_a_failure_is_told_by_type_message_and_place_without_a_traceback(panoply_command, folder):
    done = panoply_command("run", "shop", "--mode", "fail")

    line = (folder / "shop.py").read_text().splitlines().index("def fail(source):") + 2
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "closed",
        "Error: read() number 1 raised PanoplyException: refused: ***",
        f"  at shop.py:{line}, in fail",
        "Collected no records in 0 reads; the source was not read to its end; nothing was delivered.",
        "With -v the whole traceback is shown.",
    ]


def test_traceback_shows_it_whole_and_masked(panoply_command):
    done = panoply_command("run", "shop", "--mode", "fail", "--traceback")

    assert done.returncode == 1
    assert "Traceback (most recent call last):" in done.stderr
    assert 'raise panoply.PanoplyException("refused: "' in done.stderr
    assert "PanoplyException: refused: ***" in done.stderr
    assert "hunter2" not in done.stderr


@pytest.mark.parametrize(
    ("mode", "message"),
    [
        ("exit", "read() number 1 called sys.exit()"),
        ("nan", 'item 0 of the batch of read() number 1: record["a"]: '),
        ("close", "close() raised OSError: cannot close"),
    ],
)
def test_whatever_goes_wrong_the_exit_code_is_1(panoply_command, mode, message):
    done = panoply_command("run", "shop", "--mode", mode)

    assert done.returncode == 1
    assert f"Error: {message}" in done.stderr
    assert "closed\n" in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_closes_the_source_and_delivers_what_was_read(panoply_command):
    done = panoply_command("run", "shop", "--mode", "interrupt", "--to", "out.jsonl")

    assert done.returncode == 130
    assert done.stderr.splitlines()[:2] == ["closed", "Interrupted."]
    assert "the source was not read to its end" in done.stderr


def test_a_file_is_complete_or_only_a_part(panoply_command, folder):
    assert panoply_command("run", "shop", "--to", "out.jsonl").returncode == 0
    whole = (folder / "out.jsonl").read_text()
    assert len(whole.splitlines()) == 4

    (folder / "half.py").write_text(
        (folder / "shop.py")
        .read_text()
        .replace("self.page += 1", "self.page += 1\n        if self.page == 2: fail(self.source)")
    )
    done = panoply_command("run", "half", "--to", "out.jsonl")

    assert done.returncode == 1
    assert "these are in out.jsonl.part" in done.stderr
    assert (folder / "out.jsonl").read_text() == whole
    assert len((folder / "out.jsonl.part").read_text().splitlines()) == 2


def test_records_reach_the_queue(panoply_command, environ, queue):
    environ |= {"PANOPLY_API_KEY": queue.apikey, "PANOPLY_API_SECRET": queue.apisecret}

    done = panoply_command("run", "shop", "--to", "sqs", "--endpoint-url", queue.endpoint_url)

    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.endswith("Collected 4 records in 2 reads into 1 table: shop 4; everything delivered.\n")
    assert [(record["__table"], record["page"]) for record in queue.records()] == [("shop", 1)] * 2 + [("shop", 2)] * 2


def test_the_queue_can_be_named_by_options_and_by_the_usual_variable(panoply_command, environ, queue):
    environ["AWS_ENDPOINT_URL"] = queue.endpoint_url

    done = panoply_command(
        *("run", "shop", "--to", "sqs", "--panoply-api-key", queue.apikey, "--panoply-api-secret", queue.apisecret)
    )

    assert done.returncode == 0, done.stderr
    assert len(queue.records()) == 4


def test_records_that_the_queue_does_not_take_make_the_run_fail(panoply_command, environ, queue):
    environ |= {"PANOPLY_API_KEY": queue.apikey, "PANOPLY_API_SECRET": queue.apisecret}
    queue.client.delete_queue(QueueUrl=queue.url)

    done = panoply_command("run", "shop", "--to", "sqs", "--endpoint-url", queue.endpoint_url)
    queue.client.create_queue(QueueName=queue.url.rpartition("/")[2])

    assert done.returncode == 1
    assert "4 records of them not delivered" in done.stderr
    assert queue.apisecret not in done.stderr


def test_a_reader_that_goes_away_ends_the_run_quietly(folder, environ):
    process = subprocess.Popen(
        [sys.executable, "-m", "panoply", "run", "shop", "--pages", "100000"],
        cwd=folder,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout.readline().startswith("{")
        process.stdout.close()
        err = process.stderr.read()

    assert process.returncode == 1
    assert err.startswith("closed\nStopped: the reader of standard output has gone away.\nCollected ")
    assert len(err.splitlines()) == 3


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_full_disk_is_told(folder, environ):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "panoply", "run", "shop"],
            cwd=folder, env=environ, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip

    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


# Where the values come from


def test_flags_come_in_the_params_exact_name_and_with_dashes(panoply_command, environ):
    del environ["PANOPLY_PARAM_API_TOKEN"]

    assert panoply_command("run", "shop", "--api-token", "x").returncode == 0
    assert panoply_command("run", "shop", "--apiToken=x").returncode == 0
    assert panoply_command("run", "--batch-size", "5", "shop", "--param", "apiToken=x").returncode == 0


def test_values_are_turned_into_what_the_param_takes(panoply_command):
    done = panoply_command(
        *("run", "shop", "--pages", "1", "--tables", "users", "--tables", "Orders", "--views", "View 0"),
        *(
            "--region",
            "eu",
            "--deep",
            "--param",
            "to=[1]",
            "--extra",
            '{"a": [1]}',
            "--param",
            "destination=dest_{page}",
        ),
    )

    assert params_of(done) == {
        "pages": 1,
        "tables": [{"name": "All users", "value": "users"}, {"name": "Orders", "value": "orders"}],
        "views": [{"name": "View 0", "value": 0}],
        "region": "eu",
        "deep": True,
        "to": "[1]",
        "extra": {"a": [1]},
        "destination": "dest_{page}",
        "type": "shop",
    }
    assert records(done)[0]["__table"] == "dest_1"


def test_a_list_can_be_given_as_json(panoply_command):
    done = panoply_command("run", "shop", "--tables", '[{"name": "x", "value": "y"}]', "--no-deep")

    assert params_of(done)["tables"] == [{"name": "x", "value": "y"}]


def test_defaults_and_the_type_are_filled_in(panoply_command):
    assert params_of(panoply_command("run", "shop")) == {"pages": 2, "deep": False, "type": "shop"}


def test_a_flag_goes_before_param_before_the_environment_before_the_file_before_the_default(
    panoply_command, environ, folder
):
    def mode(*words):
        return params_of(panoply_command("run", "shop", *words)).get("mode")

    (folder / "params.json").write_text('{"mode": "file", "pages": 1}')
    assert mode() is None
    assert mode("--params", "params.json") == "file"
    environ["PANOPLY_PARAM_MODE"] = "environment"
    assert mode("--params", "params.json") == "environment"
    assert mode("--params", "params.json", "--param", "mode=pair") == "pair"
    assert mode("--params", "params.json", "--param", "mode=pair", "--mode", "flag") == "flag"


def test_params_can_come_from_toml(panoply_command, folder):
    (folder / "params.toml").write_text("pages = 1\nto = 2024-01-02\n[extra]\nsince = 2024-01-02T03:04:05Z\n")

    found = params_of(panoply_command("run", "shop", "--params", "params.toml"))

    assert (found["pages"], found["to"], found["extra"]) == (1, "2024-01-02", {"since": "2024-01-02T03:04:05+00:00"})


def test_an_unknown_key_is_passed_on_with_a_warning_and_what_the_platform_adds_without(panoply_command, folder):
    known = {"destination": "d", "idpattern": "{i}", "state": {}, "__x": 1, "incval": "1", "lastTimeSucceed": "x"}
    (folder / "params.json").write_text(json.dumps({"regoin": "eu", **known}))

    done = panoply_command("run", "shop", "--params", "params.json")

    assert params_of(done)["regoin"] == "eu"
    assert done.stderr.splitlines()[0] == (
        "Warning: CONFIG has no param 'regoin'; it is passed on as it is. Did you mean 'region'?"
    )
    assert done.stderr.count("Warning") == 1


def test_missing_params_are_named_with_the_ways_to_give_them(panoply_command, environ):
    del environ["PANOPLY_PARAM_API_TOKEN"]

    done = panoply_command("run", "shop")

    assert done.returncode == 2
    assert (
        "apiToken: the environment variable PANOPLY_PARAM_API_TOKEN, --api-token-file FILE, or --api-token VALUE"
        in done.stderr
    )
    assert "--params FILE.json" in done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--pages", "hunter2"], "--pages expects a number"),
        (["--param", "deep=hunter2"], "--param deep expects true or false"),
        (["--param", "hunter2"], "--param expects NAME=VALUE"),
        (["--tables", "user"], "does not offer the value given. Did you mean 'users'? It offers: users, orders"),
        (["--tables", "[hunter2"], "--tables begins like JSON, but is not"),
        (["--views", "hunter2"], "It offers: 0, 1"),
        (["--region", "hunter2"], "The param 'region' does not offer the value given. It offers: eu, us."),
        (["--views", "x", "--param", "pages=1"], "It offers: 0."),
        (["--to", "hunter"], "There is no target 'hunter'"),
        (["--to", "sqs"], "missing: API key and API secret. `panoply run` takes them from the environment variables"),
        (["--split", "tabels"], "Did you mean 'tables'?"),
        (["--split", "tables"], "nothing is chosen for it. Give --tables VALUE, or the environment variable PANOPLY_"),
        (["--split", "views"], "PANOPLY_PARAM_VIEWS. `--choose views` lists what there is."),
        (["--split", "mode", "--mode", "x"], "cannot be split by 'mode', whose value is no list"),
        (["--workers", "2"], "add --split PARAM"),
        (["--to", "sqs", "--panoply-api-key", "hunter2", "--panoply-api-secret", "x"], "apikey should be"),
        (["--params", "none.json"], "Cannot read the params file none.json: No such file"),
        (["--regoin", "eu"], "No such option '--regoin'"),
        (["--batch-size", "0"], "--batch-size"),
        (["--mode", "a", "hunter2"], "1 of the words belong to no flag"),
    ],
)
def test_a_wrong_command_line_is_told_and_never_quotes_a_value(panoply_command, words, message):
    done = panoply_command("run", "shop", *words)

    assert done.returncode == 2
    assert message in done.stderr
    assert "hunter2" not in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_values_function_that_fails_is_told_and_json_goes_around_it(panoply_command, folder):
    text = (folder / "shop.py").read_text()
    (folder / "sore.py").write_text(text.replace("range(source[", "range(1 / 0 and source["))

    done = panoply_command("run", "sore", "--views", "1")
    assert done.returncode == 2
    assert "The function that gives the values of 'views' failed" in done.stderr
    assert "ZeroDivisionError: division by zero\n  at sore.py:" in done.stderr
    assert params_of(panoply_command("run", "sore", "--views", "[1]"))["views"] == [1]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("raise ValueError('at import')", "ValueError: at import\n  at odd.py:1"),
        ("x = 1", "odd has no CONFIG"),
        ("CONFIG = {}", "CONFIG has 2 errors"),
        ("CONFIG = {'title': 'T', 'params': []}", "odd has no Stream"),
        ("import sys; sys.exit()", "it called sys.exit()"),
    ],
)
def test_a_module_that_is_no_source_is_told(panoply_command, folder, code, message):
    (folder / "odd.py").write_text(code)

    done = panoply_command("run", "odd", "--to", "out.jsonl")

    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(folder.glob("out*"))


def test_of_a_param_whose_default_is_text_a_number_is_text_and_what_the_platform_consumes_need_not_be_given(
    panoply_command, folder
):
    (folder / "base.py").write_text(
        """
import panoply

CONFIG = {"title": "Base", "params": [
    {"name": "port", "type": "number", "default": "5432", "required": True},
    {"name": "most", "type": "number", "default": ""},
    {"name": "schema", "type": "schema", "required": True},
    {"name": "keys", "type": "primary-key", "required": True},
]}

class Stream(panoply.DataSource):
    left = 1

    def read(self, n=None):
        if not self.left:
            return None
        self.left = 0
        self.progress(1, 1)
        return [{"params": [self.source["port"], self.source["most"], self.source["port"].isdigit()]}]
"""
    )

    done = panoply_command("run", "base", "--port", " 5433", "--most", "7", "--no-input")
    assert params_of(done) == ["5433", 7, True]
    assert (
        "[required"
        not in panoply_command("run", "base", "--help").stdout.partition("--schema")[2].partition("Where")[0]
    )
    assert panoply_command("run", "base", "--port", "five", "--no-input").returncode == 2


def test_an_icon_that_is_wrong_keeps_nobody_from_collecting(panoply_command, folder):
    text = (folder / "shop.py").read_text()
    added = "CONFIG['icon'] = 'data:image/png;base64,/9j/4A=='"
    (folder / "ugly.py").write_text(f"{text}\n{added}\n")

    done = panoply_command("run", "ugly", "--views", "[1]", "--to", "-")

    assert (done.returncode, bool(done.stdout)) == (0, True)
    assert done.stderr.startswith(
        "Warning: CONFIG has 1 error:\n  icon: found image/png by name, but a JPEG by its bytes"
    )


@pytest.mark.parametrize("words", [["--pages", "1", "shop"], ["-v"], ["--to", "out.jsonl"]])
def test_the_module_comes_before_its_flags(panoply_command, words):
    done = panoply_command("run", *words)

    assert done.returncode == 2
    assert "There is no MODULE, or it does not come before" in done.stderr


def test_a_source_gets_its_options_from_a_file_and_what_is_secret_in_them_is_masked(panoply_command, folder):
    (folder / "optional.py").write_text(
        textwrap.dedent(
            """
            import panoply

            CONFIG = {
                "title": "Optional",
                "params": [{"name": "tables", "title": "Tables", "type": "list", "values": lambda source, options:
                            [options["refresh"]["client_id"]]}],
            }

            class Stream(panoply.DataSource):
                def read(self, n=None):
                    refresh = self.options.pop("refresh", None)
                    self.log("refresh", refresh)
                    return [refresh] if refresh else None
            """
        )
    )
    (folder / "options.toml").write_text('logger = 1\n[refresh]\nclient_id = "me"\nclient_secret = "hunter2-hunter2"\n')

    done = panoply_command("run", "optional", "--options", "options.toml")

    assert done.returncode == 0, done.stderr
    assert records(done)[0]["client_id"] == "me"
    assert "refresh {'client_id': 'me', 'client_secret': '***'}" in done.stderr
    assert panoply_command("run", "optional", "--options", "options.toml", "--choose", "tables").stdout == "me\n"
    assert "The options file shop.py, line " in panoply_command("run", "optional", "--options", "shop.py").stderr


@pytest.mark.parametrize(("renewed", "warned"), [("refreshToken", True), ("accessToken", False)])
def test_a_refresh_token_that_was_used_up_is_told_of(panoply_command, folder, renewed, warned):
    (folder / "desk.py").write_text(
        textwrap.dedent(
            f"""
            import panoply

            CONFIG = {{
                "title": "Desk",
                "params": [{{"name": "accessToken", "title": "A", "type": "hidden"}},
                           {{"name": "refreshToken", "title": "R", "type": "hidden"}}],
            }}

            class Stream(panoply.DataSource):
                def read(self, n=None):
                    self.source[{renewed!r}] = "new-hunter2-of-the-far-end"
                    self.fire("source-change", {{{renewed!r}: self.source[{renewed!r}]}})
            """
        )
    )
    (folder / "desk.json").write_text('{"accessToken": "old-hunter2-access", "refreshToken": "old-hunter2-refresh"}')

    done = panoply_command("run", "desk", "--params", "desk.json")

    assert done.returncode == 0, done.stderr
    assert ("has replaced what was given for refreshToken, and the new one is kept nowhere" in done.stderr) is warned
    assert "hunter2" not in done.stderr


# Help


def test_help_shows_the_flags_of_the_source(panoply_command):
    done = panoply_command("run", "shop", "--help")

    assert done.returncode == 0
    assert done.stderr == ""
    text = " ".join(done.stdout.split())
    assert "Collect from The Shop" in text
    assert (
        "--api-token VALUE API token. Get it here (https://shop.example/keys), see docs. "
        "[required; env: PANOPLY_PARAM_API_TOKEN; file: --api-token-file FILE]"
    ) in text
    assert "--apiToken" not in text
    assert "--pages NUMBER Pages. [default: 2; " in text
    assert "--tables users|orders Tables. One of: users (All users), orders (Orders). May be repeated." in text
    assert "--deep / --no-deep Deep. [default: False; " in text
    assert "Params whose flags mean something else here: --param to=VALUE Until." in text
    assert "Where the records go" in text


def test_help_without_a_module_is_general(panoply_command):
    for words in (["run"], ["run", "--help"], ["run", "-h"]):
        done = panoply_command(*words)
        assert done.returncode == 0
        assert "Usage: panoply run MODULE [--PARAM VALUE ...] [OPTIONS]" in done.stdout
        assert "--to TARGET" in done.stdout


def test_the_overview_names_each_command_and_imports_none():
    shown = CliRunner().invoke(cli, ["--help"])

    assert shown.exit_code == 0
    assert "run" in shown.output
    assert "Collect from a data source" in shown.output
    assert CliRunner().invoke(cli, ["--version"]).output.startswith("panoply 4.")
    assert CliRunner().invoke(cli, ["nothing"]).exit_code == 2


def test_without_click_the_command_says_how_to_install_it(folder, environ):
    code = textwrap.dedent(
        """
        import importlib.util, sys
        found = importlib.util.find_spec
        sys.modules["click"] = sys.modules["rich"] = None
        importlib.util.find_spec = lambda name, *args: None if name in ("click", "rich") else found(name, *args)
        import panoply.__main__
        sys.exit(panoply.__main__.main())
        """
    )
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "python -m pip install 'panoply-python-sdk[cli]'" in done.stderr


def test_click_and_rich_are_imported_in_this_package_only():
    for file in (ROOT / "panoply").rglob("*.py"):
        if file.is_relative_to(ROOT / "panoply" / "cli"):
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.partition(".")[0] for name in names} & {"click", "rich"}, file


# In a terminal


def in_a_terminal(folder, environ, *words, stdout=subprocess.DEVNULL):
    """Run with stderr, and stdin, in a terminal of 100 columns; what that shows."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "panoply", *words],
        cwd=folder,
        env={**environ, "COLUMNS": "100"},
        stdin=theirs,
        stdout=stdout,
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


def test_a_terminal_shows_a_bar_above_which_lines_go(folder, environ):
    shown = in_a_terminal(folder, environ, "run", "shop", "--mode", "chatty")

    assert "\u2501" in shown
    assert "shop: 4 records" in shown
    assert "100%" in shown
    assert "logged ***" in shown
    assert "everything delivered." in shown
    assert "hunter2" not in shown


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_told_once(folder, environ):
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "panoply", "run", "shop"],
            cwd=folder,
            env=environ,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert done.returncode == 1
    assert done.stderr.count("No space left on device") == 1


def test_what_a_pipe_takes_on_is_not_written_into_a_bar(folder, environ):
    shown = in_a_terminal(folder, environ, "run", "shop", stdout=subprocess.PIPE)

    assert "\u2501" not in shown
    assert "everything delivered." in shown
    assert "\u2501" in in_a_terminal(folder, environ, "run", "shop", "--to", "out.jsonl", stdout=subprocess.PIPE)


def test_no_color_is_respected(folder, environ):
    assert "\x1b[32m" in in_a_terminal(folder, environ, "run", "shop")
    assert "\x1b[32m" not in in_a_terminal(folder, {**environ, "NO_COLOR": "1"}, "run", "shop")


def test_a_dumb_terminal_gets_lines(folder, environ):
    shown = in_a_terminal(folder, {**environ, "TERM": "dumb"}, "run", "shop")

    assert shown.splitlines() == [
        "closed",
        "Collected 4 records in 2 reads into 1 table: shop 4; everything delivered.",
    ]


@pytest.mark.parametrize("variable", ["FORCE_COLOR", "TTY_COMPATIBLE"])
def test_a_pipe_gets_plain_lines_whatever_the_environment_says(panoply_command, environ, variable):
    environ[variable] = "1"

    assert "\x1b" not in panoply_command("run", "shop").stderr


def test_a_pipe_gets_a_line_of_progress_now_and_then():
    stream, now = io.StringIO(), [0.0]
    screen = Screen(stream, Mask(), title="shop", clock=lambda: now[0])

    for second in range(25):
        now[0] = float(second)
        screen.batch(second, 100 * second)
        screen.progress(second, 1000, f"page {second}")

    assert stream.getvalue().splitlines() == [
        "1,000 records so far (9 of 1,000, 0%; 100/s; 16:31 left): page 9",
        "2,000 records so far (19 of 1,000, 1%; 100/s; 16:21 left): page 19",
    ]


@pytest.mark.parametrize("numbers", [(None, None), ("1", "2"), (3, 2), (0, 0), (1.5, 2)])
def test_odd_progress_is_shown_without_numbers(numbers):
    stream, now = io.StringIO(), [0.0]
    screen = Screen(stream, Mask(), clock=lambda: now[0])
    now[0] = 60.0

    screen.progress(*numbers, "wait\nfor it")

    assert stream.getvalue() == "0 records so far: wait for it\n"


def test_what_is_written_in_pieces_is_masked_as_a_whole():
    stream = io.StringIO()
    screen = Screen(stream, Mask([TOKEN]))

    with screen.capturing():
        sys.stdout.write("a")
        sys.stdout.write(TOKEN[:5])
        sys.stdout.write(TOKEN[5:] + "\n")
        sys.stderr.write("the end")

    assert stream.getvalue() == "a***\nthe end\n"


# Pieces


def names_of(*names, taken=(), **settings):
    return [(flag.names, flag.env) for flag in flags([Param(name=name, **settings) for name in names], taken)]


def test_params_that_come_out_alike_keep_their_exact_names():
    assert names_of("apiToken", "api_token", "host") == [
        (("--apiToken",), "PANOPLY_PARAM_apiToken"),
        (("--api_token",), "PANOPLY_PARAM_api_token"),
        (("--host",), "PANOPLY_PARAM_HOST"),
    ]


def test_names_are_taken_apart_into_words():
    assert [names[0] for names, _ in names_of("db_name", "clientId", "APIKey", "oauth2Token", "_x")] == [
        *("--db-name", "--client-id", "--api-key", "--oauth2-token", "--x")
    ]


def test_a_flag_that_is_taken_is_left_out():
    assert names_of("batch_size", "to", taken=("--to", "--batch-size")) == [
        (("--batch_size",), "PANOPLY_PARAM_BATCH_SIZE"),
        ((), "PANOPLY_PARAM_TO"),
    ]


def test_how_to_give_a_param_is_told_by_its_flag_or_by_param():
    found = flags([Param(name="deep", type="boolean"), Param(name="host"), Param(name="to")], ("--to",))

    assert [flag.usage for flag in found] == ["--deep", "--host VALUE", "--param to=VALUE"]


def test_a_switch_leaves_out_the_negative_that_is_another_param():
    found = flags([Param(name="cache", default=True), Param(name="no_cache", default=False)], ())

    assert [flag.negative for flag in found] == ["", "--no-no-cache"]


@pytest.mark.parametrize(
    "keys",
    [{"type": "password"}, {"name": "apiToken"}, {"title": "API token"}, {"default": f"https://ada:{TOKEN}@a.io"}],
)
def test_the_help_shows_no_default_that_is_or_holds_a_credential(keys):
    config = Config.parse({"title": "A", "params": [{"name": "a", "title": "A", "default": TOKEN, **keys}]})
    (flag,) = flags(config.params, ())

    assert "hunter2" not in option_help(flag)
    assert "[default: x; env" in option_help(
        replace(flag, param=replace(flag.param, name="a", title="", type="", default="x", is_credential=False))
    )


def test_a_choice_has_the_shape_in_which_it_is_offered():
    param = Param(name="p", type="list")
    entry = {"name": "One", "value": 1, "requires": ["x"]}

    choices = [Choice.read(entry), Choice.read("two")]

    assert choose(param, ["1", "two"], choices) == [entry, "two"]
    assert choose(param, ["One"], choices)[0] is not entry
    with pytest.raises(ParamsError, match="and 30 more"):
        choose(param, ["x"], map(Choice.read, range(50)))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("p.json", b'{"a":\n hunter2}', r"line 2, column 2: this is not JSON \(Expecting value\)\."),
        ("p.json", b'{"a": "hunter2', "line 1, column 7: this is not JSON"),
        ("p.json", b'["hunter2"]', "holds a JSON array; expected an object"),
        ("p.json", b'"hunter2"', "holds a JSON string"),
        ("p.json", b"null", "holds a JSON null"),
        ("p.json", b"", "this is not JSON"),
        ("p.json", b"\xff\xfe", "is not text in UTF-8"),
        ("p.json", b"[" * 100_000, "nested too deeply"),
        ("p.txt", b"a = 1", "this is not JSON .* A TOML file's name ends in .toml"),
        ("p.toml", b"a = 1\nb = hunter2", "line 2, column 5: this is not TOML"),
        ("p.toml", b"hunter2 = 1\nhunter2 = 2", "end of document: this is not TOML"),
    ],
)
def test_a_params_file_that_cannot_be_read_is_told_by_place_and_not_quoted(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)

    with pytest.raises(ParamsError, match=message) as caught:
        read_file(tmp_path / name)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_dates_in_toml_become_text(tmp_path):
    (tmp_path / "p.toml").write_text("a = 2024-01-02\nb = [{c = 03:04:05}]\n")

    assert read_file(tmp_path / "p.toml") == {"a": "2024-01-02", "b": [{"c": "03:04:05"}]}


def test_a_byte_order_mark_is_no_trouble(tmp_path):
    (tmp_path / "p.json").write_text('{"a": 1}', encoding="utf-8-sig")

    assert read_file(tmp_path / "p.json") == {"a": 1}


def test_the_source_that_the_tests_use_has_a_valid_config(folder, monkeypatch):
    scope: dict = {}
    exec(compile((folder / "shop.py").read_text(), "shop.py", "exec"), scope)

    assert Config.parse(scope["CONFIG"]).title == "The Shop"


def test_what_does_not_fit_in_the_params_file_is_a_warning_that_names_the_param(panoply_command, folder):
    (folder / "params.json").write_text(
        json.dumps({"pages": "hunter2", "region": "asia", "tables": ["usres"], "to": ""})
    )

    done = panoply_command("run", "shop", "--params", "params.json", "--pages", "1")

    assert done.returncode == 0
    warnings = [line for line in done.stderr.splitlines() if line.startswith("Warning")]
    assert [line.split(": ")[1].removeprefix("In the params file, ") for line in warnings] == ["tables[0]", "region"]
    assert "Did you mean 'users'?" in warnings[0]
    assert "hunter2" not in done.stderr


def test_a_closed_standard_error_is_no_failure(folder, environ):
    done = subprocess.run(
        f"{sys.executable} -m panoply run shop 2>&-",
        shell=True,
        cwd=folder,
        env=environ,
        stdout=subprocess.PIPE,
        check=False,
    )

    assert (done.returncode, len(done.stdout.splitlines())) == (0, 4)
