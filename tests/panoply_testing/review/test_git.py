"""Tags, branches and what is committed: in real repositories, made wrong in each way."""

from __future__ import annotations

import os
import shutil

import pytest
from review_projects import PYPROJECT, commit, git, make, put, site_of

from panoply_testing.review import git as family
from panoply_testing.review._git import find_git
from panoply_testing.review._tree import own_files

TAG = {"version_is_tagged", "tag_is_annotated", "tag_is_on_main_branch", "tag_is_on_reviewed_commit"}


@pytest.fixture
def repository(project):
    """A right project, committed, with its tag."""

    def repository(changes=None, tag="v1.2.0"):
        return commit(project(changes), tag=tag)

    return repository


@pytest.fixture
def look(tmp_path):
    def look(folder):
        return family.look(site_of(folder, tmp_path / "scratch"))

    return look


def rules(outcome):
    return sorted(each.rule for each in outcome.findings)


def test_a_right_repository_has_no_finding(repository, look):
    outcome = look(repository())
    assert (outcome.findings, outcome.unchecked) == ((), ())
    assert set(outcome.judged) == {rule.name for rule in family.RULES}


def test_a_project_without_a_tag_lacks_just_that(repository, look):
    folder = repository(tag=None)
    outcome = look(folder)
    assert rules(outcome) == ["version_is_tagged"]
    assert outcome.findings[0].fix == "Tag the commit: `git tag --annotate v1.2.0 --message v1.2.0`."
    assert {each.rule for each in outcome.unchecked} == TAG - {"version_is_tagged"}
    git(folder, "tag", "--annotate", "v1.2.0", "--message", "v1.2.0")
    assert look(folder).findings == ()


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        ("1.2.0", "without the v"),
        ("v1.1.0", "this commit is tagged v1.1.0"),
        ("v1.2", "tagged v1.2,"),
        ("V1.2.0", "tagged V1.2.0"),
    ],
)
def test_a_tag_for_another_version_is_none(repository, look, tag, said):
    outcome = look(repository(tag=tag))
    assert rules(outcome) == ["version_is_tagged"]
    assert said in outcome.findings[0].found


def test_a_lightweight_tag_is_no_annotated_one(repository, look):
    folder = repository(tag=None)
    git(folder, "tag", "v1.2.0")
    outcome = look(folder)
    assert rules(outcome) == ["tag_is_annotated"]
    command = outcome.findings[0].fix.split("`")[1].split()[1:]
    git(folder, *command)
    assert look(folder).findings == ()


def test_a_tag_that_was_replaced_by_a_lightweight_one(repository, look):
    folder = repository()
    git(folder, "tag", "--force", "v1.2.0", "HEAD")
    assert rules(look(folder)) == ["tag_is_annotated"]


def test_a_tag_of_a_tag_leads_to_its_commit(repository, look):
    folder = repository(tag="inner")
    git(folder, "tag", "--annotate", "v1.2.0", "inner", "--message", "v1.2.0")
    assert rules(look(folder)) == []


def test_a_tag_on_another_branch_is_told(repository, look):
    folder = repository(tag=None)
    git(folder, "switch", "--quiet", "--create", "feature")
    commit(folder, tag="v1.2.0")
    assert rules(look(folder)) == ["tag_is_on_main_branch"]
    git(folder, "switch", "--quiet", "main")
    assert rules(look(folder)) == ["tag_is_on_main_branch", "tag_is_on_reviewed_commit"]
    git(folder, "merge", "--quiet", "--ff-only", "feature")
    assert rules(look(folder)) == []


@pytest.mark.parametrize("name", ["master", "trunk", "stable"])
def test_the_main_branch_may_be_called_otherwise(repository, look, name):
    folder = repository()
    git(folder, "branch", "--move", "main", name)
    assert rules(look(folder)) == []


def test_what_the_remote_calls_its_main_branch_is_it(repository, look):
    folder = repository()
    git(folder, "update-ref", "refs/remotes/origin/release", "HEAD")
    git(folder, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/release")
    put(folder, "more.md", "More.\n")
    commit(folder)
    git(folder, "tag", "--annotate", "--force", "v1.2.0", "--message", "v1.2.0")
    assert rules(look(folder)) == ["tag_is_on_main_branch"]


def test_a_checkout_without_a_branch_cannot_tell(repository, look):
    folder = repository()
    git(folder, "checkout", "--quiet", "--detach")
    git(folder, "branch", "--delete", "--force", "main")
    outcome = look(folder)
    assert outcome.findings == ()
    assert [each.rule for each in outcome.unchecked] == ["tag_is_on_main_branch"]


def test_a_tag_on_an_earlier_commit_is_not_on_this_one(repository, look):
    folder = repository()
    put(folder, "more.md", "More.\n")
    assert rules(look(commit(folder))) == ["tag_is_on_reviewed_commit"]


def test_a_version_that_the_build_decides_on_is_not_guessed(repository, look):
    dynamic = PYPROJECT.replace('version = "1.2.0"', 'dynamic = ["version"]')
    outcome = look(repository({"pyproject.toml": dynamic}))
    assert outcome.findings == ()
    assert {each.rule for each in outcome.unchecked} == TAG


@pytest.mark.parametrize(
    "change",
    [
        ("shop/source.py", "x = 1\n"),
        ("new.md", "New.\n"),
        ("new/file.md", "New.\n"),
        ("README.md", None),
        ("a b\u00fc.md", "x"),
    ],
)
def test_what_is_not_committed_is_told(repository, look, change):
    folder = repository()
    put(folder, *change)
    outcome = look(folder)
    assert rules(outcome) == ["working_tree_is_clean"]
    assert change[0].partition("/")[0] in outcome.findings[0].found


def test_what_is_staged_or_renamed_is_not_committed(repository, look):
    folder = repository()
    git(folder, "mv", "README.md", "LIESMICH.md")
    assert "Not committed: LIESMICH.md." in look(folder).findings[0].found


@pytest.mark.parametrize("change", [("params.json", "{}"), ("shop/__pycache__/x.pyc", "x")])
def test_what_is_ignored_need_not_be_committed(repository, look, change):
    folder = repository()
    put(folder, *change)
    assert look(folder).findings == ()


def test_a_project_without_git_is_told_so_and_the_rest_looked_at(project, look):
    outcome = look(project())
    assert rules(outcome) == ["project_is_in_git"]
    assert {"files_hold_no_conflict_markers", "files_are_small"} <= set(outcome.judged)
    assert {each.rule for each in outcome.unchecked} == TAG | {
        "working_tree_is_clean",
        "generated_files_are_not_committed",
    }


def test_a_repository_without_a_commit_is_told_so(project, look):
    folder = project()
    git(folder, "init", "--quiet")
    outcome = look(folder)
    assert rules(outcome) == ["project_is_in_git"]
    assert "no commit yet" in outcome.findings[0].found


def test_a_project_in_somebody_else_s_repository_is_not_in_git(project, look, tmp_path):
    put(tmp_path, "other.md", "Other.\n")
    put(tmp_path, ".gitignore", "shop-source\n")
    commit(tmp_path)
    assert "tracks none of its files" in look(project()).findings[0].found


def test_a_project_may_be_a_folder_of_a_repository(project, look, tmp_path):
    folder = project()
    put(tmp_path, ".gitignore", "scratch\n")
    commit(tmp_path, tag="v1.2.0")
    assert look(folder).findings == ()
    put(tmp_path, "elsewhere.md", "Not of this project.\n")
    assert look(folder).findings == ()


def test_without_git_nobody_can_tell(repository, look, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    outcome = look(repository())
    assert outcome.findings == ()
    assert {each.reason for each in outcome.unchecked} == {"git is not installed here"}


CONFLICT = "a = 1\n<<<<<<< HEAD\nb = 1\n=======\nb = 2\n>>>>>>> feature\n"


@pytest.mark.parametrize("name", ["shop/notes.txt", "README.md", "tests/data.json"])
def test_conflict_markers_are_told_with_their_line(repository, look, name):
    (finding,) = look(repository({name: CONFLICT})).findings
    assert (finding.rule, finding.path, finding.line) == ("files_hold_no_conflict_markers", name, 2)


@pytest.mark.parametrize(
    "text",
    [
        "Title\n=======\n",
        "x = '<<<<<<< HEAD'\n",
        ">>>>>>> quoted\n",
        "<<<<<<<< 8\n>>>>>>>> 8\n",
        "Markers:\n  <<<<<<< a\n  >>>>>>> b\n",
    ],
)
def test_what_looks_like_a_marker_is_none(repository, look, text):
    assert look(repository({"notes.rst": text})).findings == ()


def test_large_files_are_told(repository, look):
    outcome = look(repository({"a.bin": b"\0" * 2**21, "b.bin": b"\0" * 2**20, "c.csv": "x" * (2**20 + 1)}))
    assert [(each.rule, each.path) for each in outcome.findings] == [
        ("files_are_small", "a.bin"),
        ("files_are_small", "c.csv"),
    ]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("shop/__pycache__/source.cpython-311.pyc", "shop/__pycache__"),
        ("shop_source.egg-info/PKG-INFO", "shop_source.egg-info"),
        ("dist/shop-1.2.0.tar.gz", "dist"),
        ("build/lib/shop/source.py", "build"),
        (".venv/pyvenv.cfg", ".venv"),
        (".coverage", ".coverage"),
        ("docs/.DS_Store", "docs/.DS_Store"),
        ("shop/source.py.orig", "shop/source.py.orig"),
    ],
)
def test_generated_files_are_told(repository, look, name, told):
    (finding,) = look(repository({name: "x", ".gitignore": ""})).findings
    assert (finding.rule, finding.path) == ("generated_files_are_not_committed", told)


def test_what_only_sounds_generated_is_not(repository, look):
    names = ["shop/build.py", "docs/dist/notes.md", "shop/env/keep.md", "original.md", ".coveragerc", "build.md"]
    assert look(repository(dict.fromkeys(names, "x"))).findings == ()


# ---------------------------------------------------------------------- harmless


def test_asking_git_runs_and_changes_nothing(repository, look, tmp_path):
    folder = repository()
    trap = tmp_path / "trapped"
    hook = tmp_path / "hook.sh"
    hook.write_text(f"#!/bin/sh\ntouch {trap}\n")
    hook.chmod(0o700)
    git(folder, "config", "core.fsmonitor", str(hook))
    git(folder, "config", "core.hooksPath", str(tmp_path))
    os.utime(folder / "README.md")
    index = (folder / ".git/index").read_bytes()
    assert look(folder).findings == ()
    assert not trap.exists()
    assert (folder / ".git/index").read_bytes() == index


@pytest.mark.parametrize("name", ["lfs", "a.b=c", "größe"])
def test_filters_that_a_repository_names_are_not_run(repository, look, tmp_path, name):
    folder = repository({".gitattributes": f"*.md filter={name}\n"})
    for key in ("clean", "process", "smudge"):
        git(folder, "config", f"filter.{name}.{key}", f"touch {tmp_path / 'ran'}; cat")
    git(folder, "config", f"filter.{name}.required", "true")
    (folder / "README.md").write_text("changed\n")
    (folder / "CHANGELOG.md").touch()
    assert rules(look(folder)) == ["working_tree_is_clean"]
    assert not (tmp_path / "ran").exists()


def test_a_submodule_s_settings_are_not_asked(repository, look, tmp_path):
    other, folder = commit(make(tmp_path / "other")), repository()
    git(folder, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", other.as_uri(), "vendor")
    commit(folder)
    git(folder / "vendor", "config", "filter.x.clean", f"touch {tmp_path / 'ran'}; cat")
    put(folder, ".git/modules/vendor/info/attributes", "*.md filter=x\n")
    (folder / "vendor/README.md").write_text("changed\n")
    look(folder)
    assert not (tmp_path / "ran").exists()


def test_a_hook_s_variables_do_not_lead_elsewhere(repository, look, monkeypatch, tmp_path):
    folder = repository()
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    assert look(folder).findings == ()


def test_files_are_those_that_git_tracks_or_would(repository):
    folder = repository({".gitignore": "*.log\n", "a.log": "x"})
    put(folder, "new.md", "x")
    (folder / "README.md").unlink()
    found = own_files(folder, find_git(folder))
    assert "new.md" in found
    assert not {"a.log", "README.md"} & set(found)


def test_without_git_what_tools_leave_is_passed_over(project):
    folder = project(
        {"env1/pyvenv.cfg": "", "env1/x.py": "", "cache/CACHEDIR.TAG": "", "x.pyc": "", "shop/__pycache__/y": ""}
    )
    found = own_files(folder, None)
    assert "shop/source.py" in found
    assert not [name for name in found if name.startswith(("env1", "cache", "x.pyc", "shop/__pycache__"))]
