"""What the template gives is ready to be handed in, but for the version's tag, which only its author can set."""

from __future__ import annotations

import shutil

from review_projects import commit, git

from panoply_testing.review import review


def test_a_new_project_lacks_nothing_but_its_tag(acme, tmp_path):
    project = shutil.copytree(acme, tmp_path / acme.name)
    commit(project, "First")
    # What takes long, the sample in test_matrix is taken through.
    done = review(project, only=["git", "release", "dependencies", "config"])
    assert [each.rule for each in done.findings] == ["version_is_tagged"]
    untold = {each.rule for each in done.unchecked if each.reason != "there is no tag v0.1.0"}
    assert untold == {"dependencies_have_no_known_vulnerabilities"}
    git(project, "tag", "--annotate", "v0.1.0", "--message", "v0.1.0")
    # What else there is to look at has not changed.
    done = review(project, only=["git", "release"])
    assert (done.verdict, done.findings, done.unchecked) == ("ready", (), ())
