"""Which files are a project's own, and how they are copied: links, named pipes and what nobody may read among them."""

from __future__ import annotations

import os

import pytest
from review_projects import commit

from panoply_testing.review._git import find_git
from panoply_testing.review._tree import copy_tree, own_files
from panoply_testing.review.model import CannotReview


@pytest.fixture(params=["git", "no git"])
def folder(project, request):
    """A project, in a repository or in none."""
    made = project({"data/rows.json": "[]", "docs/größe 1.md": ""})
    return commit(made) if request.param == "git" else made


def copy_of(folder, tmp_path):
    files = own_files(folder, find_git(folder))
    copy_tree(folder, files, tmp_path / "copy")
    return files, tmp_path / "copy"


def test_a_link_inside_of_the_project_stays_one(folder, tmp_path):
    (folder / "tests/data").symlink_to("../data")
    (folder / "link.md").symlink_to("README.md")
    files, copy = copy_of(folder, tmp_path)
    assert {"tests/data", "link.md", "docs/größe 1.md"} <= set(files)
    assert (copy / "tests/data").readlink().as_posix() == "../data"
    assert (copy / "tests/data/rows.json").read_text() == "[]"


def test_a_link_out_of_the_project_is_followed(folder, tmp_path):
    (tmp_path / "outside.txt").write_text("outside")
    (folder / "outside.txt").symlink_to(tmp_path / "outside.txt")
    _, copy = copy_of(folder, tmp_path)
    assert (copy / "outside.txt").read_text() == "outside"
    assert not (copy / "outside.txt").is_symlink()


def test_a_link_to_nowhere_or_to_itself_is_of_no_concern(folder, tmp_path):
    (folder / "loop").symlink_to("loop")
    (folder / "gone").symlink_to("nowhere")
    (folder / "up").symlink_to("../..")
    _, copy = copy_of(folder, tmp_path)
    assert not os.path.lexists(copy / "loop")
    assert not os.path.lexists(copy / "up")


def test_a_named_pipe_is_no_file(folder):
    os.mkfifo(folder / "README.pipe")
    assert "README.pipe" not in own_files(folder, find_git(folder))


def test_a_file_that_nobody_may_read_is_not_passed_over(folder, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, _mode: not str(path).endswith("rows.json"))
    with pytest.raises(CannotReview, match=r"data/rows\.json: cannot be read"):
        own_files(folder, find_git(folder))
