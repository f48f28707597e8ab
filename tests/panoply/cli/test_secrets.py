"""How a credential reaches `panoply run`: by the environment, by a file, by a question; and what is said of one in argv."""

from __future__ import annotations

import pytest

from panoply.cli._files import read_secret
from panoply.cli._flags import flags
from panoply.cli._params import Typed, given
from panoply.config import Config, Param
from panoply.errors import ParamsError

TOKEN = "hunter2/hunter2"

FLAGGED = flags(
    Config.parse(
        {
            "title": "T",
            "params": [
                {"name": "apiToken", "title": "T", "type": "password", "default": "of CONFIG"},
                {"name": "url", "title": "URL"},
            ],
        }
    ).params,
    (),
)


def put_together(environ=(), file=(), **typed):
    return given(FLAGGED, typed=Typed(**typed), environ=dict(environ), file=dict(file))


def test_a_credential_comes_from_the_nearest_place(tmp_path):
    for name in ("flag-file", "env-file"):
        (tmp_path / name).write_text(f"by {name}\n")
    environ = {"PANOPLY_PARAM_API_TOKEN_FILE": str(tmp_path / "env-file")}

    def value(**settings):
        return put_together(**settings).values["apiToken"]

    assert value() == "of CONFIG"
    assert value(file={"apiToken": "params"}) == "params"
    assert value(file={"apiToken": "params"}, environ=environ) == "by env-file"
    environ["PANOPLY_PARAM_API_TOKEN"] = ""
    assert value(environ=environ) == "by env-file"
    environ["PANOPLY_PARAM_API_TOKEN"] = "variable"
    assert value(environ=environ) == "variable"
    typed = {"files": {"apiToken": str(tmp_path / "flag-file")}}
    assert value(environ=environ, **typed) == "by flag-file"
    typed["pairs"] = ["apiToken=pair"]
    assert value(environ=environ, **typed) == "pair"
    typed["flags"] = {"apiToken": ["flag"]}
    assert value(environ=environ, **typed) == "flag"


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n"])
def test_the_line_end_of_a_file_is_no_part_of_the_credential(tmp_path, end):
    (tmp_path / "f").write_bytes(f"\ufeff a\nb {end}".encode())

    assert read_secret(str(tmp_path / "f"), "--f") == " a\nb "


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot read the file that it names: No such file"),
        (b"", "is empty"),
        (b" \r\n", "is empty"),
        (b"hunter2\0", "is not text in UTF-8"),
        (b"hunter2\xff", "is not text in UTF-8"),
        (b"h" * (2**20 + 1), "is larger than 1 MiB"),
    ],
)
def test_a_file_that_holds_no_credential_is_told_without_quoting_it(tmp_path, content, message):
    if content is not None:
        (tmp_path / "hunter2").write_bytes(content)

    with pytest.raises(ParamsError, match=f"^--token-file: .*{message}") as caught:
        read_secret(str(tmp_path / "hunter2"), "--token-file")
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("path", ["", "a\0b", "."])
def test_what_names_no_file_is_told(path):
    with pytest.raises(ParamsError, match="cannot read the file"):
        read_secret(path, "--token-file")


def test_a_file_flag_gives_way_to_a_param_of_that_name():
    params = [
        Param(name="token", is_credential=True),
        Param(name="token_file"),
        Param(name="key", is_credential=True),
        Param(name="plain"),
        Param(name="api_secret", is_credential=True),
    ]

    assert {flag.param.name: (flag.file, flag.file_env) for flag in flags(params, ("--key-file",))} == {
        "token": ("", ""),
        "token_file": ("", ""),
        "key": ("", "PANOPLY_PARAM_KEY_FILE"),
        "plain": ("", ""),
        "api_secret": ("--api-secret-file", "PANOPLY_PARAM_API_SECRET_FILE"),
    }


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ({"flags": {"apiToken": [TOKEN]}}, "--apiToken"),
        ({"pairs": [f"apiToken={TOKEN}"]}, "--param apiToken"),
        ({"pairs": [f"clientSecret={TOKEN}"]}, "--param clientSecret"),
        ({"flags": {"url": [f"https://ada:{TOKEN}@a.io"]}}, "--url"),
    ],
)
def test_a_credential_on_the_command_line_gives_a_warning_with_better_ways(typed, named):
    warnings = [warning for warning in put_together(**typed).warnings if "command line" in warning]

    (warning,) = warnings
    assert warning.startswith(f"{named.replace('--apiToken', '--api-token')} puts a credential on the command line")
    assert "hunter2" not in warning
    if "apiToken" in named:
        assert "PANOPLY_PARAM_API_TOKEN, by --api-token-file FILE" in warning


def test_elsewhere_a_credential_gives_none(tmp_path):
    (tmp_path / "f").write_text(TOKEN)

    assert put_together(files={"apiToken": str(tmp_path / "f")}).warnings == ()
    assert put_together(environ={"PANOPLY_PARAM_API_TOKEN": TOKEN}, file={"apiToken": TOKEN}).warnings == ()
    assert put_together(flags={"url": ["https://a.io"]}).warnings == ()


def test_the_files_work_as_typed(panoply_command, environ, folder):
    del environ["PANOPLY_PARAM_API_TOKEN"]
    (folder / "token").write_text(f"{TOKEN}\n")

    done = panoply_command("run", "shop", "--api-token-file", "token", "--mode", "chatty")
    assert (done.returncode, "hunter2" in done.stderr, "command line" in done.stderr) == (0, False, False)
    environ["PANOPLY_PARAM_API_TOKEN_FILE"] = "token"
    assert panoply_command("run", "shop").returncode == 0
    environ["PANOPLY_PARAM_API_TOKEN_FILE"] = "nothing"
    done = panoply_command("run", "shop")
    assert (done.returncode, done.stderr) == (
        2,
        "Error: PANOPLY_PARAM_API_TOKEN_FILE: cannot read the file that it names: No such file or directory.\n",
    )


def test_the_secret_of_the_queue_gives_the_warning_too(panoply_command):
    done = panoply_command("run", "shop", "--to", "sqs", "--panoply-api-key", "a/b", "--panoply-api-secret", "hunter2")

    assert "Warning: --panoply-api-secret puts a credential on the command line" in done.stderr
    assert "PANOPLY_API_SECRET" in done.stderr
    assert "hunter2" not in done.stderr


# Questions


ASKING = """
import panoply

def tables(source):
    print("offering for", source["apiToken"])
    return [source["region"] + " a", "b, c", "d"]

CONFIG = {"title": "Asking", "params": [
    {"name": "apiToken", "title": "API token", "type": "password", "required": True, "help": "Get *it*."},
    {"name": "region", "title": "Region", "type": "select", "required": True,
     "values": [{"name": "Europe", "value": "eu"}, {"name": "America", "value": "us"}]},
    {"name": "pages", "title": "Pages", "type": "number", "required": True},
    {"name": "tables", "title": "Tables", "type": "list", "required": True, "dependencies": ["region"],
     "values": tables},
]}

class Stream(panoply.DataSource):
    def read(self, n=None):
        if self.source.pop("done", None):
            return None
        self.source["done"] = True
        self.log("got", *(self.source[name] for name in ("apiToken", "region", "pages", "tables")))
        return [{}]
"""


@pytest.fixture
def asking(folder, environ):
    (folder / "asking.py").write_text(ASKING)
    del environ["PANOPLY_PARAM_API_TOKEN"]


def test_a_terminal_is_asked_for_what_is_missing(asking, in_terminal):
    dialogue = in_terminal("run", "asking", "--to", "out.jsonl")

    dialogue.until("apiToken (not shown): ")
    dialogue.answer("\n")
    dialogue.until("apiToken (not shown): ")
    dialogue.answer(f"{TOKEN}\n")
    dialogue.until("region: ")
    dialogue.answer("usa\n")
    dialogue.until("region: ")
    dialogue.answer("America\n")
    dialogue.until("pages: ")
    dialogue.answer("two\n")
    dialogue.until("pages: ")
    dialogue.answer("2\n")
    dialogue.until("tables: ")
    dialogue.answer("us a, d\n")

    assert dialogue.end() == 0
    text = " ".join(dialogue.shown.split())
    assert "API token: Get it." in text
    assert "It is required." in text
    assert "One of: eu (Europe), us (America)." in text
    assert "Did you mean 'us'?" in text
    assert "pages expects a number" in text
    assert "offering for ***" in text
    assert "One of: us a, b, c, d." in text
    assert "got *** us 2 ['us a', 'd']" in text
    # Neither as it is typed nor later.
    assert "hunter2" not in dialogue.shown


@pytest.mark.parametrize(("key", "code", "words"), [("\x03", 130, "Interrupted."), ("\x04", 2, "the input has ended")])
def test_a_question_can_be_left(asking, in_terminal, key, code, words):
    dialogue = in_terminal("run", "asking", "--to", "out.jsonl")

    dialogue.until("apiToken (not shown): ")
    dialogue.answer(key)

    assert dialogue.end() == code
    assert words in dialogue.shown
    assert "Traceback" not in dialogue.shown


@pytest.mark.parametrize("word", ["--no-input", "--json"])
def test_nobody_is_asked_who_does_not_want_to_be(asking, in_terminal, word):
    dialogue = in_terminal("run", "asking", word)

    assert dialogue.end() == 2
    assert "4 required params have no value" in dialogue.shown
