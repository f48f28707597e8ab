"""`panoply new` as it is typed: in a terminal, where it asks, and in a pipe, where it does not."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import click
import pytest


@pytest.fixture
def environ(environ, tmp_path):
    """Somebody whose name git knows."""
    (tmp_path / "gitconfig").write_text("[user]\nname = Ada Lovelace\nemail = ada@example.com\n")
    return environ | {"GIT_CONFIG_GLOBAL": str(tmp_path / "gitconfig"), "GIT_CONFIG_NOSYSTEM": "1", "NO_COLOR": "1"}


def answers(project):
    return json.loads((project / ".panoply-template.json").read_text())["answers"]


def plain(dialogue):
    """What was shown, as far as it can be read."""
    return click.unstyle(dialogue.shown).replace("\r", "")


def test_what_is_given_and_the_usual_for_the_rest_make_a_project(panoply_command, folder):
    done = panoply_command(
        "new", "{{ 7*7 }} Ümläut", "--package", "shop_two", "--ci", "none", "--output-dir", "out/deep"
    )

    assert done.returncode == 0, done.stderr
    assert not done.stderr
    project = folder / "out" / "deep" / "shop-two"
    assert answers(project) == {
        "title": "{{ 7*7 }} Ümläut",
        "package": "shop_two",
        "kind": "api",
        "auth": "token",
        "mode": "sync",
        "author": "Ada Lovelace",
        "license": "MIT",
        "ci": "none",
    }
    assert done.stdout.splitlines()[:1] == ["Made out/deep/shop-two: 15 files."]
    assert "  cd out/deep/shop-two\n  git init -b main && git add . && git commit" in done.stdout
    assert "  panoply run shop_two --params params.toml\n" in done.stdout
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--package", "requests", "--author", " "], ["package is 'requests'", "author is blank"]),
        (["--kind", "fax"], ["'fax' is not one of 'api', 'database', 'files'"]),
        (["Shop", "--into", "."], ["TITLE cannot be given with --into"]),
        (["--auth", "none", "--update"], ["--auth cannot be given with --update"]),
        (["--yes"], ["--yes cannot be given with a new project"]),
        (["--into", ".", "--update"], ["One at a time"]),
        (["--into", "nowhere"], ["There is no folder"]),
        (["--update"], ["no .panoply-template.json"]),
        (["Taken"], ["taken already", "--into", "--update"]),
        (["--output-dir", "shop.py"], ["shop.py"]),
        (["--output-dir", "shop.py/x"], ["Cannot write", "Not a directory"]),
    ],
)
def test_what_cannot_be_done_is_told_and_nothing_is_written(panoply_command, folder, words, told):
    (folder / "taken").mkdir()
    before = sorted(folder.rglob("*"))

    done = panoply_command("new", *words)

    assert done.returncode == 2
    for each in told:
        assert each in done.stderr
    assert "Traceback" not in done.stderr
    assert not done.stdout
    assert sorted(folder.rglob("*")) == before


def test_the_help_has_the_templates_own_words(panoply_command):
    text = " ".join(panoply_command("new", "--help").stdout.split())

    assert "--kind [api|database|files] What does it read? api: an HTTP API, page by page;" in text
    assert "Start a data source from the template" in panoply_command("--help").stdout


def test_without_cookiecutter_it_says_how_to_install_it(panoply_command, folder, environ):
    code = """
import sys
from importlib import abc
class Hidden(abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == "cookiecutter":
            raise ModuleNotFoundError(name)
import importlib.util
usual = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name == "cookiecutter" else usual(name, package)
from panoply.__main__ import main
sys.argv = ["panoply", "new"]
sys.exit(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environ, capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert (
        "panoply new needs the extra 'new'. Install it with: python -m pip install 'panoply-python-sdk[new]'"
        in done.stderr
    )


@pytest.mark.parametrize("columns", [60, 120])
def test_in_a_terminal_it_asks_and_checks_each_answer(in_terminal, folder, columns):
    dialogue = in_terminal("new", "--license", "MIT", columns=columns)
    for question, typed in [
        ("title [Acme CRM]: ", "Stripe\n"),
        ("package [source_stripe]: ", "stripe\n"),
        # Asked again.
        ("package [source_stripe]: ", "\n"),
        ("kind [api]: ", "9\n"),
        ("kind [api]: ", "API\n"),
        ("auth [token]: ", "4\n"),
        ("mode [sync]: ", "asinc\n"),
        ("mode [sync]: ", "async\n"),
        ("author [Ada Lovelace]: ", "\n"),
        ("ci [github]: ", "none\n"),
    ]:
        dialogue.until(question)
        dialogue.answer(typed)

    assert dialogue.end() == 0
    shown = " ".join(plain(dialogue).split())
    assert "package is 'stripe', a name that a well-known library or folder has" in shown
    assert "1 api an HTTP API, page by page" in shown
    assert "Type one of the numbers, or one of api, database, files." in shown
    assert "Did you mean 'async'?" in shown
    assert "Which licence?" not in shown
    assert all(len(line) <= columns for line in plain(dialogue).splitlines())
    assert answers(folder / "source-stripe") == {
        "title": "Stripe",
        "package": "source_stripe",
        "kind": "api",
        "auth": "none",
        "mode": "async",
        "author": "Ada Lovelace",
        "license": "MIT",
        "ci": "none",
    }


def test_a_wrong_option_is_told_before_anything_is_asked(in_terminal, folder):
    dialogue = in_terminal("new", "--author", " ")

    assert dialogue.end() == 2
    assert "author is blank" in plain(dialogue)
    assert "title [" not in plain(dialogue)


def test_a_package_whose_folder_is_there_is_asked_for_again(in_terminal, folder):
    (folder / "acme-crm").mkdir()
    dialogue = in_terminal("new", "Acme CRM", "--kind", "api")
    dialogue.until("package [acme_crm]: ")
    dialogue.answer("\n")
    dialogue.until("package [acme_crm]: ")
    dialogue.answer("\x03")

    assert dialogue.end() == 130
    assert "there is" in plain(dialogue)
    assert plain(dialogue).rstrip().endswith("Interrupted.")
    assert not list((folder / "acme-crm").iterdir())


def test_what_is_told_to_end_at_a_question_leaves_nothing(in_terminal, environ, folder, tmp_path_factory):
    temporary = tmp_path_factory.mktemp("temporary")
    environ["TMPDIR"] = str(temporary)
    before = sorted(folder.rglob("*"))
    dialogue = in_terminal("new")
    dialogue.until("title [Acme CRM]: ")
    assert list(temporary.iterdir())
    dialogue.process.send_signal(signal.SIGTERM)

    assert dialogue.end() == 130
    assert not list(temporary.iterdir())
    assert sorted(folder.rglob("*")) == before


def test_the_end_of_the_input_is_told(in_terminal, folder):
    before = sorted(folder.rglob("*"))
    dialogue = in_terminal("new")
    dialogue.until("title [Acme CRM]: ")
    dialogue.answer("\x04")

    assert dialogue.end() == 2
    assert "the input has ended" in plain(dialogue)
    assert sorted(folder.rglob("*")) == before


def test_into_adds_what_a_project_lacks_and_asks_for_the_ci(in_terminal, panoply_command, folder):
    dialogue = in_terminal("new", "--into", ".")
    dialogue.until("ci [github]: ")
    dialogue.answer("gitlab\n")
    assert dialogue.end() == 0
    assert (folder / ".gitlab-ci.yml").exists()

    done = panoply_command("new", "--into", ".")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[:3] == ["The source is shop.", "Nothing was added.", "Was there, and is left as it was:"]
    assert "  .gitlab-ci.yml" in lines
    assert any(line.split()[:2] == ["README.md", "for"] for line in lines)


def test_into_asks_which_of_several_sources_it_is(in_terminal, folder):
    (folder / "other.py").write_text("CONFIG = {'title': 'x', 'params': []}\nclass Stream: pass\n")
    dialogue = in_terminal("new", "--into", ".", "--ci", "none")
    dialogue.until("package [other]: ")
    dialogue.answer("2\n")

    assert dialogue.end() == 0
    assert "panoply_source = shop" in (folder / "pytest.ini").read_text()


def test_into_tells_by_its_exit_code_what_could_not_be_made(panoply_command, folder):
    (folder / "shop.py").write_text("import nothing_at_all\nCONFIG = {}\nclass Stream: pass\n")

    done = panoply_command("new", "--into", ".")

    assert done.returncode == 1
    assert "imports 'nothing_at_all', which is not installed" in done.stdout


@pytest.fixture
def outdated(panoply_command, folder, environ):
    """A project with a file of an earlier template, as it says."""
    assert panoply_command("new", "--ci", "none").returncode == 0
    project = folder / "acme-crm"
    changelog = project / "CHANGELOG.md"
    changelog.write_text("old\n")
    notes = json.loads((project / ".panoply-template.json").read_text())
    notes["files"]["CHANGELOG.md"] = "3367afdbbf91e638efe983616377c60477cc6612"  # of these contents
    (project / ".panoply-template.json").write_text(json.dumps(notes))
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"]):
        subprocess.run(["git", *words], cwd=project, env=environ, check=True)
    return project


def test_update_shows_the_difference_and_writes_when_it_may(panoply_command, outdated):
    shown = panoply_command("new", "--update", "acme-crm")

    assert shown.returncode == 1
    assert (
        "CHANGELOG.md: changed\n--- a/CHANGELOG.md\n+++ b/CHANGELOG.md\n@@ -1 +1,5 @@\n-old\n+# Changelog\n"
        in shown.stdout
    )
    assert shown.stdout.endswith("Nothing was written. With --yes it is.\n")
    assert (outdated / "CHANGELOG.md").read_text() == "old\n"

    done = panoply_command("new", "--update", "acme-crm", "--yes")
    assert done.returncode == 0
    assert "Updated: 1 file.\n" in done.stdout
    assert (outdated / "CHANGELOG.md").read_text().startswith("# Changelog\n")
    assert panoply_command("new", "--update", "acme-crm").stdout.startswith("The project is up to date")


@pytest.mark.parametrize("answer", ["\n", "y\n"])
def test_update_asks_in_a_terminal(in_terminal, outdated, answer):
    dialogue = in_terminal("new", "--update", "acme-crm")
    dialogue.until(" [y/N]: ")
    dialogue.answer(answer)

    assert dialogue.end() == (0 if answer == "y\n" else 1)
    assert ((outdated / "CHANGELOG.md").read_text() == "old\n") == (answer == "\n")


def test_conflicts_are_told_by_the_exit_code(panoply_command, outdated, environ):
    (outdated / "CHANGELOG.md").write_text("mine\n")
    subprocess.run(["git", "commit", "-qam", "mine"], cwd=outdated, env=environ, check=True)

    done = panoply_command("new", "--update", "acme-crm", "--yes")

    assert done.returncode == 1
    assert "  CHANGELOG.md: 1 place\n" in done.stdout
    assert "<<<<<<< yours" in (outdated / "CHANGELOG.md").read_text()
