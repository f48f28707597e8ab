"""Projects in git, brought up to a template that has changed since they were made."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from panoply import _template_notes
from panoply._template_filling import Template
from panoply._template_update import apply_update, difference, plan_update
from panoply.constants import VERSION
from panoply.errors import TemplateError

ROOT = Path(__file__).parents[2]
PROJECT = "{{cookiecutter.__project_slug}}"


@pytest.fixture(autouse=True)
def own_git(monkeypatch, tmp_path):
    """Git as somebody has it who has just installed it."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ada@example.com")


def git(project, *words):
    done = subprocess.run(["git", *words], cwd=project, check=True, capture_output=True, text=True)
    return done.stdout


def commit(project):
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", "all")


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A project as it is made, to be copied."""
    with Template() as template:
        answers = template.completed({"title": "Acme {{ CRM }}", "author": "Zoë", "ci": "none"})
        project = template.fill_in(answers, created="2020-02-02")
        return Path(shutil.copytree(project, tmp_path_factory.mktemp("made") / "acme"))


@pytest.fixture
def project(made, tmp_path):
    """The same in a repository, committed as it was made."""
    project = Path(shutil.copytree(made, tmp_path / "acme"))
    git(project, "init", "--quiet")
    commit(project)
    return project


@pytest.fixture
def template(tmp_path):
    """The template, to be changed."""
    return Path(shutil.copytree(ROOT / "template", tmp_path / "template"))


def append(path, text):
    path.write_text(path.read_text() + text)


def prepend(path, text):
    path.write_text(text + path.read_text())


def names(changes):
    return {change.name: change.kind for change in changes}


def noted(project):
    return json.loads((project / ".panoply-template.json").read_text())


def test_a_project_of_the_present_template_is_up_to_date(project):
    update = plan_update(project)

    assert not update.changes
    assert not update.left


def test_what_its_author_changed_and_the_template_did_not_is_left(project):
    append(project / "README.md", "mine\n")
    (project / "LICENSE").unlink()

    update = plan_update(project)

    assert not update.changes
    assert not update.left


def test_what_its_author_did_not_change_is_replaced(project, template):
    append(template / PROJECT / "CHANGELOG.md", "new\n")

    update = plan_update(project, template)
    assert names(update.changes) == {"CHANGELOG.md": "replaced"}
    assert "new" not in (project / "CHANGELOG.md").read_text()

    apply_update(update)
    # Its date is that of the project, not today's.
    assert (
        project / "CHANGELOG.md"
    ).read_text() == "# Changelog\n\n## 0.1.0 (2020-02-02)\n\n- The first version.\nnew\n"
    assert git(project, "status", "--short").split() == ["M", ".panoply-template.json", "M", "CHANGELOG.md"]
    commit(project)
    assert not plan_update(project, template).changes


def test_the_notes_are_written_as_the_template_writes_them(project, template):
    before = noted(project)
    append(template / PROJECT / "CHANGELOG.md", "new\n")
    apply_update(plan_update(project, template))

    after = noted(project)
    assert after.pop("files") != before.pop("files")
    assert list(after.items()) == list(before.items())
    assert len(git(project, "diff", "--numstat", ".panoply-template.json").split()) == 3
    assert git(project, "diff", "--numstat", ".panoply-template.json").split()[:2] == ["1", "1"]


def test_what_both_changed_in_different_places_is_merged(project, template):
    append(project / "README.md", "mine\n")
    commit(project)
    prepend(template / PROJECT / "README.md", "theirs\n")

    update = plan_update(project, template)
    apply_update(update)

    assert names(update.changes) == {"README.md": "merged"}
    assert not update.conflicts
    text = (project / "README.md").read_text()
    assert text.startswith("theirs\n# Acme")
    assert text.endswith("mine\n")


def test_the_next_merge_knows_what_was_merged_before(project, template):
    """What the template had is in no commit of the project's: its author committed the merged file."""
    append(project / "README.md", "mine\n")
    commit(project)
    prepend(template / PROJECT / "README.md", "first\n")
    apply_update(plan_update(project, template))
    commit(project)
    # An update in between has nothing to do with it.
    append(template / PROJECT / "CHANGELOG.md", "new\n")
    assert names(plan_update(project, template).changes) == {"CHANGELOG.md": "replaced"}
    apply_update(plan_update(project, template))
    commit(project)
    readme = template / PROJECT / "README.md"
    readme.write_text(readme.read_text().replace("first\n", "second\n"))

    update = plan_update(project, template)
    apply_update(update)

    assert names(update.changes) == {"README.md": "merged"}
    assert not update.conflicts
    text = (project / "README.md").read_text()
    assert text.startswith("second\n# Acme")
    assert text.endswith("mine\n")
    # The text of the time before is not kept.
    assert len(noted(project)["texts"]) == 1


def test_what_both_changed_in_the_same_place_is_marked(project, template):
    prepend(project / "README.md", "mine\n")
    commit(project)
    prepend(template / PROJECT / "README.md", "theirs\n")

    update = plan_update(project, template)
    apply_update(update)

    assert [(change.name, change.conflicts) for change in update.conflicts] == [("README.md", 1)]
    assert (
        (project / "README.md")
        .read_text()
        .startswith(
            f"<<<<<<< yours\nmine\n||||||| the template before ({VERSION})\n=======\ntheirs\n"
            f">>>>>>> the template now ({VERSION})\n"
        )
    )


def test_what_both_changed_alike_is_only_noted(project, template):
    append(project / "CHANGELOG.md", "same\n")
    append(project / ".gitignore", "mine\n")
    commit(project)
    append(template / PROJECT / "CHANGELOG.md", "same\n")
    prepend(template / PROJECT / ".gitignore", "theirs\n")

    update = plan_update(project, template)
    apply_update(update)

    assert names(update.changes) == {".gitignore": "merged"}
    commit(project)
    append(template / PROJECT / "CHANGELOG.md", "more\n")
    assert names(plan_update(project, template).changes) == {"CHANGELOG.md": "replaced"}


def test_what_git_never_had_as_it_was_made_is_not_touched(made, template, tmp_path):
    project = Path(shutil.copytree(made, tmp_path / "late"))
    append(project / "README.md", "mine\n")
    git(project, "init", "--quiet")
    commit(project)
    prepend(template / PROJECT / "README.md", "theirs\n")
    append(template / PROJECT / ".gitignore", "theirs\n")

    update = plan_update(project, template)

    assert names(update.changes) == {".gitignore": "replaced"}
    [left] = update.left
    assert left.name == "README.md"
    assert "git does not know it as the template made it" in left.why
    lines = list(difference(left.name, left.before, left.after))
    assert "+theirs" in lines
    assert "-mine" in lines
    apply_update(update)
    assert (project / "README.md").read_text().endswith("mine\n")
    # It is told again, until somebody has looked at it.
    assert noted(project)["files"]["README.md"] == noted(made)["files"]["README.md"]


def test_files_come_and_go_with_the_template(project, template):
    append(project / ".pre-commit-config.yaml", "# mine\n")
    commit(project)
    hook = template / "hooks" / "post_gen_project.py"
    text = hook.read_text()
    for name in (".gitignore", ".pre-commit-config.yaml"):
        (template / PROJECT / name).unlink()
        text = text.replace(f"\n{name}\n", "\n")
    hook.write_text(text.replace("\nLICENSE\n", "\nLICENSE\ndocs/index.md\n"))
    (template / PROJECT / "docs").mkdir()
    (template / PROJECT / "docs" / "index.md").write_text("of {{ cookiecutter.title }}\n")

    update = plan_update(project, template)
    apply_update(update)

    assert names(update.changes) == {".gitignore": "removed", "docs/index.md": "added"}
    assert [left.name for left in update.left] == [".pre-commit-config.yaml"]
    assert not (project / ".gitignore").exists()
    assert (project / "docs" / "index.md").read_text() == "of Acme {{ CRM }}\n"
    assert (project / ".pre-commit-config.yaml").read_text().endswith("# mine\n")
    assert "docs/index.md" in noted(project)["files"]
    assert ".pre-commit-config.yaml" not in noted(project)["files"]


def test_a_new_file_of_the_template_does_not_replace_one_of_the_author(project, template):
    (project / "NEWS.md").write_text("mine\n")
    commit(project)
    hook = template / "hooks" / "post_gen_project.py"
    hook.write_text(hook.read_text().replace("\nLICENSE\n", "\nLICENSE\nNEWS.md\n"))
    (template / PROJECT / "NEWS.md").write_text("theirs\n")

    update = plan_update(project, template)

    assert not update.changes
    assert [(left.name, left.before, left.after) for left in update.left] == [("NEWS.md", b"mine\n", b"theirs\n")]


def test_what_its_author_removed_stays_removed(project, template):
    (project / "README.md").unlink()
    commit(project)
    prepend(template / PROJECT / "README.md", "theirs\n")

    update = plan_update(project, template)

    assert not update.changes
    assert "you have removed it" in update.left[0].why


def test_an_icon_of_the_author_stays(project, template):
    package = next(project.glob("*/icon.png")).parent
    (package / "icon.png").write_bytes(b"\x89PNG mine \0")
    commit(project)
    (template / PROJECT / "{{cookiecutter.package}}" / "icon.png").write_bytes(b"\x89PNG theirs \0")

    update = plan_update(project, template)

    assert not update.changes
    [left] = update.left
    assert left.why == "it is no text; yours stays"
    assert list(difference(left.name, left.before, left.after)) == [f"Binary file {left.name} differs"]


def test_a_link_is_not_followed(project, template, tmp_path):
    outside = tmp_path / "outside.md"
    shutil.copy(project / "README.md", outside)
    (project / "README.md").unlink()
    (project / "README.md").symlink_to(outside)
    commit(project)
    prepend(template / PROJECT / "README.md", "theirs\n")

    update = plan_update(project, template)

    assert not update.changes
    assert "link" in update.left[0].why


def test_ends_of_lines_stay_as_they_are(project, template):
    """As git checks files out on Windows."""
    for name in ("README.md", "CHANGELOG.md"):
        (project / name).write_bytes((project / name).read_bytes().replace(b"\n", b"\r\n"))
    (project / "README.md").write_bytes((project / "README.md").read_bytes() + b"mine\r\n")
    commit(project)
    for name in ("README.md", "CHANGELOG.md"):
        prepend(template / PROJECT / name, "theirs\n")

    update = plan_update(project, template)
    apply_update(update)

    assert names(update.changes) == {"README.md": "merged", "CHANGELOG.md": "replaced"}
    assert not update.conflicts
    for name in ("README.md", "CHANGELOG.md"):
        contents = (project / name).read_bytes()
        assert contents.startswith(b"theirs\r\n")
        assert contents.count(b"\n") == contents.count(b"\r\n")


@pytest.mark.parametrize("state", ["changed", "staged", "untracked", "notes changed"])
def test_what_is_not_committed_is_not_touched(project, template, state):
    name = ".panoply-template.json" if state == "notes changed" else "README.md"
    if state == "untracked":
        git(project, "rm", "--quiet", "--cached", name)
        git(project, "commit", "--quiet", "--message", "no longer")
    else:
        append(project / name, "\n")
    if state == "staged":
        git(project, "add", "--all")
    prepend(template / PROJECT / "README.md", "theirs\n")

    with pytest.raises(TemplateError, match=f"not committed as they are:\n  - {name}\nCommit them first"):
        plan_update(project, template)


def test_what_is_not_touched_need_not_be_committed(project, template):
    append(project / "LICENSE", "mine\n")
    prepend(template / PROJECT / "README.md", "theirs\n")

    assert names(plan_update(project, template).changes) == {"README.md": "replaced"}


@pytest.mark.parametrize("begun", [False, True])
def test_a_project_without_a_commit_is_refused(made, template, tmp_path, begun):
    project = Path(shutil.copytree(made, tmp_path / "late"))
    if begun:
        git(project, "init", "--quiet")
    prepend(template / PROJECT / "README.md", "theirs\n")

    with pytest.raises(TemplateError, match="not committed" if begun else "in no git repository"):
        plan_update(project, template)


def test_a_project_may_lie_within_a_repository(made, template, tmp_path):
    outer = tmp_path / "outer"
    project = Path(shutil.copytree(made, outer / "sources" / "acme"))
    git(outer, "init", "--quiet")
    commit(outer)
    append(project / "README.md", "mine\n")
    commit(outer)
    prepend(template / PROJECT / "README.md", "theirs\n")
    append(project / "LICENSE", "not committed\n")

    assert names(plan_update(project, template).changes) == {"README.md": "merged"}
    append(project / "README.md", "not committed\n")
    with pytest.raises(TemplateError, match=r"not committed as they are:\n  - README\.md"):
        plan_update(project, template)


def test_a_file_that_changes_in_the_meantime_is_not_overwritten(project, template):
    prepend(template / PROJECT / "README.md", "theirs\n")
    append(template / PROJECT / "CHANGELOG.md", "theirs\n")
    update = plan_update(project, template)
    append(project / "README.md", "mine\n")

    with pytest.raises(TemplateError, match="has changed in the meantime"):
        apply_update(update)

    assert git(project, "status", "--short").split() == ["M", "README.md"]


def test_a_question_that_is_new_has_its_usual_answer_and_one_that_is_gone_none(project, template):
    path = template / "cookiecutter.json"
    settings = json.loads(path.read_text())
    path.write_text(json.dumps({"region": ["eu", "us"], **settings}))
    settings = json.loads(path.read_text())
    settings["__prompts__"]["region"] = {"__prompt__": "Where?", "eu": "there", "us": "here"}
    path.write_text(json.dumps(settings))
    prepend(template / PROJECT / "README.md", "{{ cookiecutter.region }}\n")
    hook = template / "hooks" / "post_gen_project.py"
    hook.write_text(hook.read_text().replace("answers=dict(", "answers=dict(region=cookiecutter.region,"))

    update = plan_update(project, template)
    apply_update(update)

    assert (project / "README.md").read_text().startswith("eu\n")
    assert noted(project)["answers"]["region"] == "eu"


def test_a_project_of_a_later_sdk_is_refused(project):
    notes = noted(project)
    (project / ".panoply-template.json").write_text(json.dumps(notes | {"sdk": "99.1"}))

    with pytest.raises(TemplateError, match=r"template of SDK 99\.1, and this is .*pip install --upgrade"):
        plan_update(project)


@pytest.mark.parametrize(("one", "other"), [("4.1", "4.1.0"), ("4.0.0rc1", "4.0.0")])
def test_versions_are_compared_by_their_numbers(one, other):
    assert _template_notes._release(one) == _template_notes._release(other)
    assert _template_notes._release("4.10") > _template_notes._release("4.9.1")


@pytest.mark.parametrize(
    ("notes", "told"),
    [
        ("<<<<<<< mine", "it is not JSON"),
        ("[]", "expected an object"),
        ({"files": {"../../secret": "0" * 40}}, "is no file of the project"),
        ({"files": {"/secret": "0" * 40}}, "is no file of the project"),
        ({"files": {"README.md": "HEAD"}}, "is not the id of a file"),
        ({"answers": {"title": 1}}, "expected an object with texts as 'answers'"),
        ({"sdk": None}, "expected text as 'sdk'"),
        ({"answers": {"kind": "fax"}}, "kind is 'fax'. Choose one of: api, database, files"),
    ],
)
def test_notes_that_cannot_be_right_are_refused(project, notes, told):
    text = notes if isinstance(notes, str) else json.dumps(noted(project) | notes)
    (project / ".panoply-template.json").write_text(text)

    with pytest.raises(TemplateError) as caught:
        plan_update(project)

    assert told in str(caught.value)


KINDS = [
    folder.name for folder in sorted((ROOT / "template" / "templates").iterdir()) if (folder / "source.py").exists()
]


@pytest.mark.parametrize("ci", ["github", "gitlab", "none"])
@pytest.mark.parametrize("kind", KINDS)
def test_each_file_that_is_made_is_noted(kind, ci):
    """What is not could never be updated."""
    with Template() as template:
        project = template.fill_in(template.completed({"kind": kind, "ci": ci}))
        there = {path.relative_to(project).as_posix() for path in project.rglob("*") if path.is_file()}

        assert noted(project)["files"].keys() == there - {".panoply-template.json"}
        assert not plan_update(project).changes


def test_a_project_without_notes_is_refused_with_what_can_be_done(tmp_path):
    with pytest.raises(TemplateError, match="There is no folder"):
        plan_update(tmp_path / "nowhere")
    with pytest.raises(TemplateError, match="panoply new --into"):
        plan_update(tmp_path)


def test_a_project_that_is_installed_can_be_updated_wherever_it_lies(project, template, monkeypatch):
    """Its package has a name that would be refused for a new project."""
    prepend(template / PROJECT / "README.md", "theirs\n")
    monkeypatch.syspath_prepend(project)

    assert names(plan_update(project, template).changes) == {"README.md": "replaced"}
