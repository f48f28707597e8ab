"""What a source asks for, imports, and gets: from values, and once from real files."""

from __future__ import annotations

import ast
from email.message import Message
from importlib.metadata import distributions, packages_distributions

import pytest
from packaging.requirements import Requirement
from review_projects import PYPROJECT, SOURCE, site_of

from panoply.constants import __version__
from panoply_testing.review import dependencies as family
from panoply_testing.review._declared import read_declared
from panoply_testing.review._environment import Needs, needs_with
from panoply_testing.review._import_facts import SourceText, imports_in
from panoply_testing.review._installed import Library, _licence, installed, owners_of
from panoply_testing.review._module_facts import Undeclared
from panoply_testing.review._project import find_project
from panoply_testing.review.dependencies import judge
from panoply_testing.review.model import CannotReview

SDK = "panoply-python-sdk"


def library(name, modules=None, needs=(), version="2.0"):
    return Library(
        name=name,
        version=version,
        modules=frozenset(modules if modules is not None else {name.replace("-", "_")}),
        needs=tuple(map(Requirement, needs)),
    )


LIBRARIES = {
    each.name: each
    for each in (
        library(
            SDK,
            {"panoply", "panoply_testing"},
            ["urllib3>=1.26.9", "orjson>=3.10", "click; extra == 'cli'"],
            version="4.1",
        ),
        library("requests", needs=["urllib3<3,>=1.21", "certifi"]),
        library("urllib3"),
        library("certifi"),
        library("pyyaml", {"yaml", "_yaml"}),
        library("sqlalchemy", needs=["psycopg2-binary; extra == 'postgresql'", "mysqlclient; extra == 'mysql'"]),
        library("psycopg2-binary", {"psycopg2"}),
        library("tzdata"),
        library("google-cloud-storage", {"google"}),
        library("google-cloud-bigquery", {"google"}),
        library("lgplib"),
        library("duallib"),
        library("pytest"),
        library("orjson"),
    )
}


def judged(declared, code="", *, optional=(), most=5, **more):
    needs = Needs(run=tuple(map(Requirement, declared)), optional=tuple(map(Requirement, optional)), **more)
    tree = ast.parse(code)
    texts = frozenset(
        each.value for each in ast.walk(tree) if isinstance(each, ast.Constant) and isinstance(each.value, str)
    )
    source = SourceText(imports=tuple(imports_in(tree, "shop/source.py")), texts=texts)
    return judge(needs, source, LIBRARIES, {"shop"}, most=most)


def rules(outcome):
    return [each.rule for each in outcome.findings]


RIGHT = {
    "the SDK alone": ([SDK], "import panoply\nfrom panoply.errors import ParamsError\nimport json, os.path\n"),
    "one library": ([SDK, "requests>=2.32"], "import panoply, requests\n"),
    "under another name": ([SDK, "PyYAML>=6"], "import panoply\nfrom yaml import safe_load\n"),
    "in another spelling": ([SDK, "Psycopg2_Binary"], "import psycopg2.extras\n"),
    "a namespace": ([SDK, "google-cloud-storage"], "from google.cloud import storage\n"),
    "inside of a function": ([SDK, "requests"], "def f():\n    import requests\n"),
    "by import_module": ([SDK, "requests"], "import importlib\nimportlib.import_module('requests')\n"),
    "a driver named in a URL": ([SDK, "psycopg2-binary"], "URL = 'postgresql+psycopg2://'\n"),
    "a driver of another dependency": ([SDK, "sqlalchemy", "psycopg2-binary"], "import sqlalchemy\n"),
    "time zones": ([SDK, "tzdata"], "import zoneinfo\n"),
    "its own": ([SDK], "from shop.config import CONFIG\nfrom . import config\nimport shop\n"),
    "only for type checkers": (
        [SDK],
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from requests import Session\n",
    ),
    "tried": ([SDK], "try:\n    import yaml\nexcept ImportError:\n    yaml = None\n"),
    "tried, in an extra": ([SDK], "try:\n    import yaml\nexcept (ImportError, OSError):\n    import json as yaml\n"),
    "tried by suppress": ([SDK], "with contextlib.suppress(ImportError):\n    import yaml\n"),
    "used where it was there": (
        [SDK],
        "try:\n    import yaml\nexcept ImportError:\n    yaml = None\nif yaml:\n    from yaml import load\n",
    ),
    "for another system": ([SDK], "if sys.platform == 'win32':\n    import winkerberos\nelse:\n    import os\n"),
    "for an older Python": (
        [SDK],
        "if sys.version_info >= (3, 11):\n    import tomllib\nelse:\n    import tomli as tomllib\n",
    ),
    "for another Python": ([SDK, "tomli; python_version < '3'"], "import panoply\n"),
    "with a wildcard": ([SDK, "requests==2.*"], "import requests\n"),
    "compatible": ([SDK, "requests~=2.32"], "import requests\n"),
}


@pytest.mark.parametrize("case", RIGHT)
def test_what_is_right_has_no_finding(case):
    outcome = judged(*RIGHT[case])
    assert (outcome.findings, outcome.unchecked) == ((), ())
    assert set(outcome.judged) == {rule.name for rule in family.RULES}


WRONG = {
    "undeclared": ([SDK], "import requests\n", "imports_are_declared", "requests is imported, and requests is not"),
    "undeclared, by its other name": ([SDK], "import yaml\n", "imports_are_declared", "pyyaml is not"),
    "only another one needs it": ([SDK, "requests"], "import requests, certifi\n", "imports_are_declared", "certifi"),
    "only the SDK needs it": ([SDK], "import orjson\n", "imports_are_declared", "orjson"),
    "not even installed": ([SDK], "import stripe\n", "imports_are_declared", "stripe is imported"),
    "no SDK": ([], "import panoply\n", "imports_are_declared", SDK),
    "another part of a namespace": (
        [SDK, "google-cloud-storage"],
        "from google.cloud import bigquery, storage\n",
        "imports_are_declared",
        "google-cloud-bigquery",
    ),
    "in a function": ([SDK], "def f():\n    import requests\n", "imports_are_declared", "requests"),
    "for types, and then for use": (
        [SDK],
        "if TYPE_CHECKING:\n    import requests\ndef f():\n    import requests\n",
        "imports_are_declared",
        "requests",
    ),
    "suppressed for something else": (
        [SDK],
        "with suppress(ValueError):\n    import requests\n",
        "imports_are_declared",
        "requests",
    ),
    "tried for something else": (
        [SDK],
        "try:\n    import requests\nexcept ValueError:\n    pass\n",
        "imports_are_declared",
        "requests",
    ),
    "unused": ([SDK, "requests"], "import panoply\n", "dependencies_are_used", "requests is imported nowhere"),
    "only mentioned in a longer word": ([SDK, "requests"], "x = 'max_requests'\n", "dependencies_are_used", "requests"),
    "unused, of a namespace": (
        [SDK, "google-cloud-storage", "google-cloud-bigquery"],
        "from google.cloud import storage\n",
        "dependencies_are_used",
        "google-cloud-bigquery",
    ),
    "one version": ([SDK, "requests==2.32.3"], "import requests\n", "dependencies_are_ranges", "requests==2.32.3"),
    "exactly one version": ([SDK, "requests===2.32.3"], "import requests\n", "dependencies_are_ranges", "one version"),
    "the SDK's version": ([f"{SDK}==4.1"], "import panoply\n", "dependencies_are_ranges", SDK),
    "an address": (
        [SDK, "requests @ git+https://example.com/requests"],
        "import requests\n",
        "dependencies_are_ranges",
        "address",
    ),
    "an old SDK": (
        [f"{SDK}<4"],
        "import panoply\n",
        "dependencies_fit_the_sdk",
        "leaves out this version of the SDK, 4.1",
    ),
    "too old for the SDK": ([SDK, "urllib3<1.26"], "import urllib3\n", "dependencies_fit_the_sdk", "urllib3>=1.26.9"),
    "just too old": ([SDK, "urllib3<1.26.9"], "import urllib3\n", "dependencies_fit_the_sdk", "urllib3>=1.26.9"),
    "too old a series": ([SDK, "orjson~=3.9.0"], "import orjson\n", "dependencies_fit_the_sdk", "orjson>=3.10"),
    "a tool": ([SDK, "pytest>=8"], "import panoply\n", "tools_are_not_dependencies", "pytest is a tool"),
    "a tool's plugin": (
        [SDK, "pytest-httpserver"],
        "import panoply\n",
        "tools_are_not_dependencies",
        "pytest-httpserver",
    ),
    "types": ([SDK, "types-requests"], "import panoply\n", "tools_are_not_dependencies", "types-requests"),
    "the test kit": ([f"{SDK}[testing]"], "import panoply\n", "tools_are_not_dependencies", "test kit"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_has_this_finding_and_no_other(case):
    declared, code, rule, said = WRONG[case]
    outcome = judged(declared, code)
    assert rules(outcome) == [rule]
    assert said in outcome.findings[0].found


@pytest.mark.parametrize(
    "range_", ["<3,>=1.21", ">=1.26.9", "==1.26.9", "<=1.26.9", ">1.26.8,<1.26.10", "==2.*", "~=1.26.5", "!=2.0", "<2"]
)
def test_what_leaves_room_for_the_sdk_is_no_clash(range_):
    assert "dependencies_fit_the_sdk" not in rules(judged([SDK, f"urllib3{range_}"], "import urllib3\n"))


def test_few_are_as_many_as_the_settings_say():
    many = ["requests", "pyyaml", "sqlalchemy", "duallib", "lgplib"]
    code = "import requests, yaml, sqlalchemy, duallib, lgplib, urllib3\n"
    assert rules(judged([SDK, *many, "urllib3"], code)) == ["dependencies_are_few"]
    assert rules(judged([SDK, *many, "urllib3"], code, most=6)) == []
    assert rules(judged([SDK, *many], code.replace(", urllib3", ""))) == []


def test_an_import_is_told_once_with_its_place():
    (finding,) = judged([SDK], "import os\nimport requests\nimport requests.adapters\n").findings
    assert (finding.path, finding.line) == ("shop/source.py", 2)


def test_what_is_only_in_an_extra_has_to_be_tried():
    (finding,) = judged([SDK], "import yaml\n", optional=["pyyaml"]).findings
    assert "only in an extra" in finding.found
    assert judged([SDK], "def f():\n    import yaml\n", optional=["pyyaml"]).findings == ()


def test_what_only_running_shows_is_told_once():
    met = (Undeclared(top="requests", owner="requests", path="shop/source.py", line=7),)
    found = judge(Needs(run=(Requirement(SDK),)), SourceText(), LIBRARIES, {"shop"}, most=5, met=met).findings
    assert [(each.rule, each.path, each.line) for each in found] == [("imports_are_declared", "shop/source.py", 7)]
    read = SourceText(imports=tuple(imports_in(ast.parse("import requests"), "shop/client.py")))
    found = judge(Needs(run=(Requirement(SDK),)), read, LIBRARIES, {"shop"}, most=5, met=met).findings
    assert [(each.rule, each.path, each.line) for each in found] == [("imports_are_declared", "shop/client.py", 1)]


def test_what_is_not_installed_leaves_doubt():
    outcome = judged([SDK, "fancy-sdk"], "import fancy\n")
    assert outcome.findings == ()
    assert {each.rule for each in outcome.unchecked} == {
        "imports_are_declared",
        "dependencies_are_used",
    }
    # Its name alone tells what it is imported by.
    assert "imports_are_declared" not in {
        each.rule for each in judged([SDK, "fancy-sdk"], "import fancy_sdk\n").unchecked
    }


def test_dependencies_that_a_build_decides_on_are_not_judged():
    outcome = judged([], "import requests\n", is_dynamic=True)
    assert (outcome.findings, outcome.judged) == ((), ())
    assert len(outcome.unchecked) == len(family.RULES)


def test_real_files_are_read(project, tmp_path):
    code = "import requests\nimport shop.config\nimport beside\n" + SOURCE
    folder = project(
        {"shop/source.py": code, "shop/tests/test_x.py": "import hypothesis\n", "beside.py": "import yaml\n"}
    )
    outcome = family.look(site_of(folder, tmp_path / "scratch"))
    assert [(each.rule, each.path, each.line) for each in outcome.findings] == [
        ("imports_are_declared", "shop/source.py", 1)
    ]


# ---------------------------------------------------------------------- what is declared


def needs(project, text):
    made = find_project(project({"pyproject.toml": PYPROJECT.replace('dependencies = ["panoply-python-sdk"]', text)}))
    return needs_with(read_declared(made), made.name, installed(distributions(), packages_distributions()))


def test_what_tests_need_is_told_apart(project):
    found = needs(
        project,
        'dependencies = ["panoply-python-sdk", "click>=99"]\n'
        "[project.optional-dependencies]\n"
        'test = ["pytest", "no-such-tool>=2"]\nexcel = ["openpyxl"]\n'
        '[dependency-groups]\nlint = ["ruff"]\ndev = ["mypy", { include-group = "lint" }]\n',
    )
    assert [each.name for each in found.run] == ["panoply-python-sdk", "click"]
    assert [each.name for each in found.optional] == ["openpyxl"]
    assert {each.name for each in found.test} == {"pytest", "no-such-tool", "ruff", "mypy"}
    assert found.unmet[0].startswith("click>=99 (here: ")
    assert found.unmet_tests == ("no-such-tool>=2 (not installed)",)
    assert "pip install -e '.[test]'" in found.missing


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('dependencies = "requests"', "has to be a list"),
        ('dependencies = ["requests >< 2"]', "'requests >< 2' is no requirement"),
    ],
)
def test_what_is_no_requirement_is_refused(project, text, message):
    with pytest.raises(CannotReview, match=message):
        needs(project, text)


def test_groups_that_include_each_other_come_to_an_end(project):
    text = (
        'dependencies = []\n[dependency-groups]\na = [{ include-group = "b" }, "ruff"]\nb = [{ include-group = "a" }]\n'
    )
    assert {each.name for each in needs(project, text).test} == {"ruff"}


def test_this_very_sdk_is_installed(project):
    assert needs(project, f'dependencies = ["panoply-python-sdk=={__version__}"]').unmet == ()


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        ([("License-Expression", "MIT"), ("License", "x")], "MIT"),
        ([("Classifier", "License :: OSI Approved :: MIT License"), ("License", "x")], "MIT License"),
        ([("Classifier", "License :: OSI Approved"), ("License", "BSD\nlong text")], "BSD"),
        ([("License", "UNKNOWN")], ""),
        ([("Classifier", "Topic :: X")], ""),
    ],
)
def test_a_licence_is_told_in_more_than_one_way(fields, licence):
    metadata = Message()
    for name, value in fields:
        metadata[name] = value
    assert _licence(metadata) == licence


def test_a_module_may_belong_to_somebody_who_is_not_installed():
    assert owners_of("dateutil.parser", {}) >= {"python-dateutil"}
    assert owners_of("google.cloud.storage", {}) >= {"google-cloud-storage"}
