"""The ways in which a version's tag is wrong."""

from __future__ import annotations

from ways._making import Way, Ways, append, commit, edit, git, tag, way

_RAISED = edit("pyproject.toml", 'version = "1.2.0"', 'version = "1.3.0"')
_NEWS = edit("CHANGELOG.md", "## 1.2.0\n", "## 1.3.0\n\n- More.\n\n## 1.2.0\n")
_NO_TAG = git("tag", "--delete", "v1.2.0")


def _tagged_on(branch: str, *others) -> tuple:
    return (
        git("switch", "--quiet", "--create", branch),
        append("README.md", "\nMore.\n"),
        commit(),
        tag(),
        *others,
    )


def _from_remote(project) -> None:
    """A clone of it, as a CI makes one: the branches are the remote's."""
    origin = project.parent / "origin"
    project.rename(origin)
    from review_projects import git as run

    run(project.parent, "clone", "--quiet", str(origin), project.name)
    run(project, "checkout", "--quiet", "--detach", "v1.2.0")


def _later(phrase: str, *then, **more) -> Way:
    return way(phrase, then=then, **more)


WAYS = {
    "version_is_tagged": Ways(
        broken=(
            _later("no tag", _NO_TAG),
            _later("a tag without the v", _NO_TAG, tag("1.2.0")),
            _later("a tag of another version, on this commit", _NO_TAG, tag("v1.2.1")),
            _later(
                "the version was raised, and the tag is the last one's", _RAISED, _NEWS, commit("Raise the version")
            ),
            _later("a capital V", _NO_TAG, tag("V1.2.0")),
            _later("the package's name before the version", _NO_TAG, tag("shop-1.2.0")),
            _later("a tag of two numbers, for three", _NO_TAG, tag("v1.2")),
            _later("a branch that is called as the tag should be", _NO_TAG, git("branch", "v1.2.0")),
        ),
        kept=(
            _later("another tag on the same commit", tag("stable")),
            _later("tags of earlier versions", tag("v1.1.0"), tag("v1.1.1")),
        ),
    ),
    "tag_is_annotated": Ways(
        broken=(
            _later("a lightweight tag", _NO_TAG, git("tag", "v1.2.0")),
            _later(
                "a lightweight tag, which was moved",
                _NO_TAG,
                git("tag", "v1.2.0"),
                append("README.md", "\nMore.\n"),
                commit(),
                git("tag", "--force", "v1.2.0"),
            ),
            _later(
                "a tag that was made as a reference to the commit, as a web page's button does",
                _NO_TAG,
                git("update-ref", "refs/tags/v1.2.0", "HEAD"),
            ),
            _later(
                "an annotated tag of another name beside it",
                _NO_TAG,
                tag("release-1.2.0"),
                git("tag", "v1.2.0", "release-1.2.0^{commit}"),
            ),
        ),
        kept=(
            _later("a lightweight tag beside the version's", git("tag", "latest")),
            _later("a tag with a long message", tag(), git("tag", "-a", "-f", "v1.2.0", "-m", "Regions.\n\nAnd more.")),
            _later("all references packed", git("pack-refs", "--all")),
        ),
    ),
    "tag_is_on_main_branch": Ways(
        broken=(
            _later("a tag on a branch that was never merged", *_tagged_on("prices")),
            _later(
                "a tag on the branch of a release, which has a commit more than main",
                *_tagged_on("release/1.2"),
            ),
            _later(
                "a commit that was amended after it was tagged",
                git("commit", "--quiet", "--amend", "--message", "All of it, again"),
                git("checkout", "--quiet", "v1.2.0"),
            ),
            _later(
                "a tag on a commit that no branch has",
                git("checkout", "--quiet", "--detach"),
                append("README.md", "\nMore.\n"),
                commit(),
                tag(),
            ),
            _later(
                "the branch was squashed when it was merged",
                *_tagged_on("prices"),
                git("switch", "--quiet", "main"),
                git("merge", "--quiet", "--squash", "prices"),
                commit("Prices"),
                git("checkout", "--quiet", "v1.2.0"),
            ),
        ),
        kept=(
            _later(
                "a branch that was merged with its tag",
                *_tagged_on("prices"),
                git("switch", "--quiet", "main"),
                git("merge", "--quiet", "--ff-only", "prices"),
            ),
            _later("a main branch that is called master", git("branch", "--move", "main", "master")),
            _later("a clone of a CI's, without branches of its own", _from_remote),
        ),
    ),
    "tag_is_on_reviewed_commit": Ways(
        broken=(
            _later("a commit after the tag", append("README.md", "\nMore.\n"), commit()),
            _later(
                "the last commit was amended after it was tagged",
                append("README.md", "\nMore.\n"),
                commit(),
                tag(),
                append("README.md", "\nAnd more.\n"),
                git("commit", "--quiet", "--all", "--amend", "--message", "More"),
                # So that the tagged one is on the main branch all the same.
                git("merge", "--quiet", "--strategy", "ours", "v1.2.0", "--message", "Merge"),
            ),
            _later(
                "a branch under review that goes on from the tag",
                git("switch", "--quiet", "--create", "prices"),
                append("README.md", "\nMore.\n"),
                commit(),
            ),
            _later(
                "an older commit is checked out",
                append("README.md", "\nMore.\n"),
                commit(),
                tag(),
                git("checkout", "--quiet", "HEAD~1"),
            ),
        ),
        kept=(
            _later("a tag of a tag", git("tag", "-a", "-f", "v1.2.0", "-m", "Again", "v1.2.0")),
            _later(
                "the tag was set anew",
                append("README.md", "\nMore.\n"),
                commit(),
                tag(),
            ),
            _later(
                "main has gone on, and the tagged commit is checked out",
                append("README.md", "\nMore.\n"),
                commit(),
                git("checkout", "--quiet", "v1.2.0"),
            ),
        ),
    ),
}
