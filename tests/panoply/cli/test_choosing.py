"""`panoply run MODULE --choose PARAM`: what it lists, and that what it lists can be given."""

from __future__ import annotations

import json

import pytest

from panoply.cli._choices import as_typed, choose, find_param, needs, offered
from panoply.cli._flags import flags
from panoply.cli._params import Typed, given
from panoply.config import Choice, Config, Param
from panoply.errors import PanoplyException, ParamsError

TOKEN = "hunter2/hunter2"

PICKY = """
import asyncio
import panoply

def fail(source):
    raise ValueError("refused: " + source["apiToken"])

def regions(source, options):
    options["logger"](("asking", source["apiToken"]))
    return [{"name": "Europe", "value": "eu"}, {"name": "Mars", "value": "mars", "disabled": True}, "us"]

async def tables(source):
    await asyncio.sleep(0)
    print("asked for", source["region"], source["shapes"])
    return ({"name": f"Table {i}", "value": i} for i in range(2))

CONFIG = {"title": "Picky", "params": [
    {"name": "apiToken", "title": "T", "type": "password", "required": True},
    {"name": "host", "title": "H", "required": True},
    {"name": "region", "title": "R", "type": "select", "values": regions, "dependencies": ["apiToken"]},
    {"name": "shapes", "title": "S", "type": "list", "values": ["round", {"name": "Square", "value": 4}]},
    {"name": "tables", "title": "Ta", "type": "list", "values": tables, "dependencies": ["shapes", "region"]},
    {"name": "sore", "title": "So", "type": "list", "values": fail},
    {"name": "odd", "title": "O", "type": "list", "values": lambda source: [{"name": "no value"}]},
]}

class Stream(panoply.DataSource):
    def read(self, n=None):
        raise panoply.PanoplyException("nothing is to be collected", retryable=False)
"""


@pytest.fixture
def picky(folder):
    (folder / "picky.py").write_text(PICKY)


def test_a_pipe_gets_a_value_a_line_and_its_name_after_a_tab(picky, panoply_command):
    done = panoply_command("run", "picky", "--choose", "region")

    assert (done.returncode, done.stdout, done.stderr) == (0, "eu\tEurope\nus\n", "asking ***\n")


def test_what_it_depends_on_is_filled_in_as_the_source_offers_it(picky, panoply_command):
    done = panoply_command("run", "picky", "--choose", "--tables", "--region", "EU", "--shapes", "Square")

    assert (done.returncode, done.stdout) == (0, "0\tTable 0\n1\tTable 1\n")
    assert "asked for eu [{'name': 'Square', 'value': 4}]\n" in done.stderr


def test_machines_get_an_event_for_each(picky, panoply_command):
    done = panoply_command("run", "picky", "--choose", "region", "--json")

    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(each["event"], each["param"], each["name"], each["value"], each["disabled"]) for each in events] == [
        ("choice", "region", "Europe", "eu", False),
        ("choice", "region", "Mars", "mars", True),
        ("choice", "region", "us", "us", False),
    ]
    assert json.loads(done.stderr.splitlines()[-1])["exit_code"] == 0


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--choose", "tables"], 2, "2 params that are needed to tell what 'tables' offers have no value:\n  region: "),
        (["--choose", "tabels"], 2, "CONFIG has no param 'tabels'. Did you mean 'tables'?"),
        (["--choose", "host"], 2, "'host' has no values to choose from. These have some: region, shapes, tables"),
        (["--choose", "tables", "--region", "mars", "--shapes", "4"], 2, "cannot be chosen (disabled)"),
        (
            ["--choose", "sore"],
            1,
            "gives the values of 'sore' raised ValueError: refused: ***\n  at picky.py:6, in fail",
        ),
        (["--choose", "odd"], 1, "gave a dict without a 'value' (number 0)"),
    ],
)
def test_what_cannot_be_listed_is_told(picky, panoply_command, words, code, message):
    done = panoply_command("run", "picky", *words)

    assert (done.returncode, done.stdout) == (code, "")
    assert message in done.stderr
    assert "hunter2" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_choice_that_is_given_is_checked_and_one_that_cannot_be_asked_for_is_passed_on(
    picky, panoply_command, folder
):
    (folder / "selecting.py").write_text(
        PICKY.replace('"type": "list", "values": fail', '"type": "select", "values": fail')
    )

    done = panoply_command("run", "picky", "--host", "h", "--region", "uss")
    assert done.returncode == 2
    assert "The param 'region' does not offer the value given. Did you mean 'us'? It offers: eu, us." in done.stderr
    done = panoply_command("run", "selecting", "--host", "h", "--sore", "x")
    assert done.returncode == 1
    assert "Warning: The values of 'sore' could not be had" in done.stderr


LISTED = [
    "plain",
    "",
    " spaces ",
    "[x]",
    '{"a"',
    "two\nlines",
    "tab\there",
    "\x1b[31m",
    5,
    1.5,
    True,
    {"name": "A", "value": {"a": 1}},
    {"name": "B", "value": [1]},
    {"name": "C", "value": "[y]", "requires": ["z"]},
]


@pytest.mark.parametrize("entry", LISTED)
@pytest.mark.parametrize("kind", ["list", "select"])
def test_what_is_listed_can_be_given_as_it_stands(entry, kind):
    param = Param(name="p", type=kind, values=tuple(map(Choice.read, LISTED)))
    choice = Choice.read(entry)
    text = as_typed(param, choice)

    found = given(flags([param], ()), typed=Typed(flags={"p": [text]}), environ={}, file={})
    value = choose(param, found.texts["p"], param.values) if "p" in found.texts else found.values["p"]
    if kind == "list":
        assert "\n" not in text
        assert value == [entry]
    else:
        assert (value if isinstance(value, list) and "p" in found.texts else [value]) == [choice.value]


def test_letter_case_counts_only_where_it_tells_choices_apart():
    param = Param(name="p", type="list")
    choices = [Choice.read(entry) for entry in ("eu", "US", "us", {"name": "Mars", "value": 4})]

    assert choose(param, ["EU", "us", "US", "mars"], choices) == ["eu", "us", "US", {"name": "Mars", "value": 4}]
    with pytest.raises(ParamsError, match="does not offer"):
        choose(param, ["Us"], choices)


CHAIN = Config.parse(
    {
        "title": "T",
        "params": [
            {"name": "a", "title": "A"},
            {"name": "b", "title": "B", "dependencies": ["a"]},
            {"name": "cD", "title": "C", "dependencies": ["b"]},
            {"name": "e", "title": "E"},
        ],
    }
)


def test_what_is_needed_includes_what_that_needs():
    assert [param.name for param in needs(CHAIN, find_param(CHAIN, "--c-d"))] == ["a", "b"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (lambda source: None, "gave None; expected a list"),
        (lambda source: "text", "gave a str; expected a list"),
        (lambda source: {"a": 1}, "gave a dict; expected a list"),
        (lambda source: [b"x"], r"gave a bytes \(number 0\)"),
        (lambda source: iter(lambda: 1, 2), "gave more than 100,000 values"),
    ],
)
def test_what_is_no_list_of_choices_is_told(values, message):
    with pytest.raises(PanoplyException, match=message):
        offered(Param(name="p", type="list", values=values), {}, {})


def test_a_function_that_makes_a_stream_gets_neither_the_choice_itself_nor_changes_what_the_run_gets(
    panoply_command, folder
):
    (folder / "forms.py").write_text(MAKES_A_STREAM)

    done = panoply_command("run", "forms", "--forms", "two", "--region", "eu", "--to", "-")

    assert (done.returncode, [json.loads(line)["__table"] for line in done.stdout.splitlines()]) == (0, ["forms_two"])


MAKES_A_STREAM = """
import panoply

CONFIG = {"title": "Forms", "params": [
    {"name": "access_token", "type": "password", "default": "token-of-yesterday"},
    {"name": "forms", "type": "list", "values": lambda source: Stream(source, {}).get_forms()},
    {"name": "region", "type": "list", "values": ["eu", "us"]},
]}

class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        source["destination"] = source.get("destination", "forms") + "_{name}"
        assert source.get("region") in (None, ["eu"])
        self.forms = source.get("forms", [])
        for form in self.forms:
            form["offset"] = 0

    def get_forms(self):
        self.source["access_token"] = "token-of-today"
        return [{"name": "one", "value": 1}, {"name": "two", "value": 2}]

    def read(self, n=None):
        assert self.source["access_token"] == "token-of-today"
        self.progress(1, 1)
        return [self.forms.pop()] if self.forms else None
"""
