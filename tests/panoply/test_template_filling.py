"""The template as the SDK fills it in: what it asks, what it refuses, and that answers come through as they were typed."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panoply._template_filling import Template, questions, template_folder
from panoply.constants import VERSION
from panoply.errors import TemplateError

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def template():
    with Template() as template:
        yield template


def test_the_template_of_a_checkout_is_the_one_beside_the_package():
    assert template_folder() == ROOT / "template"


def test_the_template_knows_the_version_of_the_sdk():
    """`cookiecutter template/` has nothing else to tell it from."""
    settings = json.loads((ROOT / "template" / "cookiecutter.json").read_text())

    assert settings["_sdk_version"] == VERSION


def test_what_is_asked_is_what_cookiecutter_asks():
    settings = json.loads((ROOT / "template" / "cookiecutter.json").read_text())

    asked = {question.name: [value for value, _ in question.choices] for question in questions()}

    assert asked == {
        name: raw if isinstance(raw, list) else [] for name, raw in settings.items() if not name.startswith("_")
    }
    assert all(question.text and all(meaning for _, meaning in question.choices) for question in questions())


def test_a_choice_means_something_else_than_its_own_name():
    meanings = {value: meaning for question in questions() for value, meaning in question.choices}

    assert meanings["api"] == "an HTTP API, page by page"
    # Where cookiecutter's text begins with it.
    assert meanings["sync"].startswith("plain functions")
    assert meanings["Apache-2.0"].startswith("do what you like")
    assert meanings["Proprietary"].startswith("none: ")


@pytest.mark.parametrize(("kind", "auth"), [("api", "token"), ("database", "password"), ("files", "none")])
def test_how_it_authenticates_depends_on_what_it_reads(template, kind, auth):
    assert template.completed({"kind": kind})["auth"] == auth
    assert template.completed({"kind": kind, "auth": "oauth2"})["auth"] == "oauth2"


def test_the_package_is_called_after_the_title(template):
    assert template.completed({"title": "Müller & Söhne"})["package"] == "muller_sohne"
    assert template.completed({"title": "Stripe"})["package"] == "source_stripe"
    assert template.completed({"title": "Stripe", "package": "my_stripe"})["package"] == "my_stripe"


BRACES = "{{ 7 * 7 }} {% raw %} {# x"


def test_braces_in_answers_stay_as_they_were_typed(template, tmp_path):
    answers = template.completed({"title": BRACES, "author": BRACES, "package": "braces", "ci": "none"})
    project = template.make(answers, tmp_path)

    notes = json.loads((project / ".panoply-template.json").read_text())
    assert notes["answers"] == answers
    assert notes["sdk"] == VERSION
    metadata = tomllib.loads((project / "pyproject.toml").read_text())
    assert metadata["project"]["authors"] == [{"name": BRACES}]
    assert metadata["project"]["description"].endswith(BRACES)
    [title] = [
        value.value
        for node in ast.walk(ast.parse((project / "braces" / "config.py").read_text()))
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and key.value == "title" and isinstance(value, ast.Constant)
    ][:1]
    assert title == BRACES


# What the template's own language, and those of its files, are made of.
pieces = st.sampled_from(
    ["{{", "}}", "{%", "%}", "{#", "#}", '"', "'", '"""', "\\", "\n", " ", "$", "%s", "{0}", "`", "<b>", "#"]
)


@settings(max_examples=15)
@given(title=st.lists(pieces | st.text(max_size=3), min_size=1, max_size=8).map("".join))
def test_any_title_comes_through_or_is_refused(template, title):
    answers = template.completed({"title": title})
    if template.problem("title", answers):
        assert not title.strip() or not title.strip().isprintable() or "\n" in title.strip()
        return

    project = template.fill_in(answers)

    assert template.problem("package", answers) is None
    metadata = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))
    assert metadata["project"]["description"] == f"Panoply data source: {title.strip()}"
    assert json.loads((project / ".panoply-template.json").read_text("utf-8"))["answers"] == answers
    for path in project.rglob("*.py"):
        compile(path.read_text("utf-8"), path.name, "exec")


def test_a_folder_with_braces_in_its_name_is_one_like_any_other(template, tmp_path):
    output = tmp_path / "{{ 7 * 7 }}"

    project = template.make(template.completed({}), output)

    assert project == output / "acme-crm"
    assert (project / "acme_crm" / "source.py").is_file()


def test_all_that_is_wrong_is_told_and_nothing_is_written(template, tmp_path):
    answers = template.completed({"title": " ", "package": "requests", "author": "a\nb", "kind": "fax"})

    with pytest.raises(TemplateError) as caught:
        template.make(answers, tmp_path)

    lines = str(caught.value).splitlines()
    assert [line.split()[1] for line in lines[1:]] == ["title", "package", "kind", "author"]
    assert "source_requests" in lines[2]
    assert "api, database, files" in lines[3]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", ["folder", "file", "broken link"])
def test_what_is_there_already_is_not_touched(template, tmp_path, kind):
    target = tmp_path / "acme-crm"
    if kind == "folder":
        target.mkdir()
    elif kind == "file":
        target.write_text("mine")
    else:
        target.symlink_to("nowhere")

    with pytest.raises(TemplateError, match=r"there is .*acme-crm already"):
        template.make(template.completed({}), tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["acme-crm"]
    assert kind != "folder" or not list(target.iterdir())


def test_what_fails_on_the_way_leaves_nothing(template, tmp_path, monkeypatch):
    def copytree(_, target):
        Path(target).mkdir()
        (Path(target) / "half").write_text("")
        raise KeyboardInterrupt

    monkeypatch.setattr("shutil.copytree", copytree)
    with pytest.raises(KeyboardInterrupt):
        template.make(template.completed({}), tmp_path)

    assert not list(tmp_path.iterdir())


def test_neither_the_home_folder_nor_the_temporary_one_has_anything_of_it(tmp_path):
    """Cookiecutter's command line reads its user's settings, keeps replays, and leaves its hooks lying there."""
    home, temporary, output = (tmp_path / name for name in ("home", "tmp", "out"))
    for folder in (home, temporary, output):
        folder.mkdir()
    (home / ".cookiecutterrc").write_text("default_context: {author: Somebody Else}\nreplay_dir: /nowhere\n")
    code = f"""
from pathlib import Path
from panoply._template_filling import Template
with Template() as template:
    template.make(template.completed({{}}), Path({str(output)!r}))
"""
    environment = {**os.environ, "HOME": str(home), "TMPDIR": str(temporary), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, cwd=tmp_path)

    assert [path.name for path in home.iterdir()] == [".cookiecutterrc"]
    assert not list(temporary.iterdir())
    notes = json.loads((output / "acme-crm" / ".panoply-template.json").read_text())
    assert notes["answers"]["author"] == "Your Name"


def test_two_templates_do_not_get_into_each_others_way(template, tmp_path):
    """Cookiecutter imports a template's own filters by name, once in a process."""
    before = sys.modules.get("panoply_template")
    other = copy_of_the_template(tmp_path)
    names = other / "panoply_template.py"
    names.write_text(
        names.read_text().replace("def today(_: object) -> str:", 'def today(_): return "today"\ndef once(_):')
    )

    with Template(other) as changed:
        assert "(today)" in (changed.make(changed.completed({}), tmp_path) / "CHANGELOG.md").read_text()
    assert "(today)" not in (template.make(template.completed({}), tmp_path / "out") / "CHANGELOG.md").read_text()
    assert sys.modules.get("panoply_template") is before


def test_another_module_of_the_templates_name_is_not_taken_for_its_own(template, tmp_path, monkeypatch):
    other = ModuleType("panoply_template")
    monkeypatch.setitem(sys.modules, "panoply_template", other)

    assert template.make(template.completed({}), tmp_path).is_dir()
    assert sys.modules["panoply_template"] is other


def copy_of_the_template(folder):
    return Path(shutil.copytree(ROOT / "template", folder / "template"))
