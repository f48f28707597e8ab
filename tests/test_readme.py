"""What the README says is tried, and what there is to use is in the README."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_both_commands_are_on_the_first_screen():
    first_screen = "\n".join(README.splitlines()[:24])

    assert "make demo" in first_screen
    assert "make test" in first_screen


def test_the_example_of_a_source_keeps_the_contract_and_passes_the_example_of_a_test(tmp_path):
    (source,) = [code for code in PYTHON if "class Stream" in code]
    (test,) = [code for code in PYTHON if "panoply_collect" in code]
    (properties,) = [code for code in PYTHON if "strategies" in code]
    (tmp_path / "greetings.py").write_text(source)
    (tmp_path / "test_greetings.py").write_text(test)
    (tmp_path / "test_properties.py").write_text(properties)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")

    words = ["--panoply-source=greetings", "--panoply-param=token=made-up-token"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    passed = re.search(r"(\d+) passed, (\d+) skipped", done.stdout)
    assert passed is not None
    # The four tests of its own, and of the 44 checks all but those that speak of a network, of state and of processes.
    assert int(passed[1]) + int(passed[2]) == 48
    assert int(passed[1]) >= 4 + 27, done.stdout


def test_the_example_of_a_run_from_python_works(tmp_path, monkeypatch, capsys):
    (source,) = [code for code in PYTHON if "class Stream" in code]
    (program,) = [code for code in PYTHON if "runner.run(" in code]
    (tmp_path / "acme_crm.py").write_text(source)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])

    exec(program, {})

    assert capsys.readouterr().out == "True 2500 {'acme_crm': 2500} ()\n"
    assert len((tmp_path / "crm.jsonl").read_bytes().splitlines()) == 2500
    del sys.modules["acme_crm"]


def test_every_option_of_a_run_is_explained():
    from panoply.cli._options import own_options

    flags = {flag for option in own_options() for flag in option.opts if flag.startswith("--")}
    # Their names say all that the README would.
    flags -= {"--verbose", "--traceback", "--quiet", "--panoply-api-key", "--panoply-api-secret", "--endpoint-url"}
    assert [flag for flag in sorted(flags) if flag not in README] == []


def test_the_example_of_streaming_works(panoply_sqs, monkeypatch):
    (program,) = [code for code in PYTHON if "panoply.SDK" in code]
    monkeypatch.setenv("AWS_ENDPOINT_URL", panoply_sqs.endpoint_url)

    exec(program, {"apikey": panoply_sqs.apikey, "apisecret": panoply_sqs.apisecret})

    assert panoply_sqs.records() == [{"__table": "tablename", "foo": "bar"}]


def test_every_line_on_config_does_what_it_says(tmp_path):
    (source,) = [code for code in PYTHON if "class Stream" in code]
    (tmp_path / "acme_crm.py").write_text(source)
    (console,) = [
        block for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL) if "panoply config" in block
    ]
    lines = [line.removeprefix("$ ") for line in console.splitlines()]
    # The example has no icon, no categories ...: fine, but not in a review.
    script = "".join(f"{line}\necho $? >> codes\n" for line in lines)

    bin_of_ours = Path(sys.executable).parent
    environ = {**os.environ, "PATH": f"{bin_of_ours}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, env=environ, capture_output=True, text=True, check=True)

    codes = dict(zip(lines, (tmp_path / "codes").read_text().split(), strict=True))
    assert {line for line, code in codes.items() if code != "0"} == {line for line in lines if "--review" in line}
    assert done.stderr == ""
    assert '# greeting = "hello"' in (tmp_path / "params.toml").read_text()
    assert '"default": "hello"' in (tmp_path / "params.schema.json").read_text()
    assert "Greeting" in done.stdout


@pytest.mark.parametrize("code", PYTHON)
def test_every_example_is_python(code):
    assert ast.parse(code).body


def test_every_option_of_the_plugin_is_documented():
    plugin = (ROOT / "panoply_testing" / "plugin.py").read_text(encoding="utf-8")
    shown = subprocess.run(
        [sys.executable, "-m", "pytest", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout

    options = set(re.findall(r"--panoply-[a-z-]+", shown))
    fixtures = set(re.findall(r"^def (panoply_[a-z]+)\(", plugin, re.MULTILINE))
    assert len(options) == 12
    assert len(fixtures) == 7
    assert {name for name in options | fixtures if name not in README} == set()


def test_every_strategy_is_documented():
    from panoply_testing import strategies

    public = {name for name in strategies.__all__ if name.islower()}
    assert len(public) == 4
    assert {name for name in public if f"| `{name}(" not in README} == set()


def test_every_method_of_a_source_is_documented():
    import panoply

    methods = {
        name for name in vars(panoply.DataSource) if not name.startswith("_") and name not in ("source", "options")
    }

    assert {name for name in methods if f"`{name}(" not in README} == set()
