"""What git says of a project: its commit, tags and branches, what is not committed, and what was in its files before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from panoply_testing.review._git import GitFailed
from panoply_testing.review._site import Site, git_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from panoply_testing.review._git import Git

__all__ = ["GitFacts", "OldFile", "Tag", "history_of", "look_up"]

# The usual names of the branch that everything is released from, where no remote says which it is.
_MAIN: Final = ("main", "master", "trunk")

# Of all that was ever in the files, so much is looked through: bytes of one file, and of all.
_LARGEST: Final = 2**20
_MOST: Final = 2**25


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A tag: whether it is an object of its own, with an author and a date, and the commit that it leads to."""

    name: str
    is_annotated: bool
    commit: str
    is_on_main: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GitFacts:
    """A project's repository.

    Attributes:
        problem: why there is nothing to look at. Empty: there is.
        is_missing: git itself is not installed; nobody can tell.
        head: the commit under review; `branch`: the main one, empty where nobody can tell which it is.
        changed: the paths that differ from the commit, or are new to it.
        tracked: the paths in the repository.
    """

    problem: str = ""
    is_missing: bool = False
    head: str = ""
    branch: str = ""
    tags: tuple[Tag, ...] = ()
    changed: tuple[str, ...] = ()
    tracked: tuple[str, ...] = ()
    is_shallow: bool = False


def look_up(site: Site) -> GitFacts:
    """What there is to know of the repository's present."""
    git = site.fact(git_of)
    if git is None:
        return _none(site)
    try:
        head = git.text("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    except GitFailed:
        return GitFacts(problem="its repository has no commit yet")
    branch, refs = _main(git)
    return GitFacts(
        head=head,
        branch=branch,
        tags=tuple(_tags(git, refs)),
        changed=tuple(_changed(git)),
        tracked=git.paths("ls-files", "-z", "--", "."),
        is_shallow=git.text("rev-parse", "--is-shallow-repository") == "true",
    )


def _none(site: Site) -> GitFacts:
    from shutil import which  # noqa: PLC0415 - only here

    if which("git") is None:
        return GitFacts(problem="git is not installed here", is_missing=True)
    if (site.project.root / ".git").exists():
        return GitFacts(problem="its .git is no repository that git can open: `git status` in it says why")
    above = next((each for each in site.project.root.parents if (each / ".git").exists()), None)
    if above is not None:
        return GitFacts(problem="it lies in a repository that tracks none of its files")
    return GitFacts(problem="it is in no git repository")


def _main(git: Git) -> tuple[str, tuple[str, ...]]:
    """The main branch's name, and the references that stand for it: the local one, and the remote's."""
    names = git.lines("for-each-ref", "--format=%(refname)", "refs/heads", "refs/remotes")
    remote = ""
    if git.holds("symbolic-ref", "--quiet", "refs/remotes/origin/HEAD"):
        remote = git.text("symbolic-ref", "--quiet", "refs/remotes/origin/HEAD").rpartition("refs/remotes/origin/")[2]
    local = [name.removeprefix("refs/heads/") for name in names if name.startswith("refs/heads/")]
    for name in (remote, *_MAIN, *(local if len(local) == 1 else ())):
        refs = tuple(ref for ref in (f"refs/heads/{name}", f"refs/remotes/origin/{name}") if ref in names)
        if name and refs:
            return name, refs
    return "", ()


def _tags(git: Git, refs: tuple[str, ...]) -> Iterator[Tag]:
    merged = {
        name
        for ref in refs
        for name in git.lines("for-each-ref", f"--merged={ref}", "--format=%(refname:strip=2)", "refs/tags")
    }
    form = "--format=%(objecttype) %(objectname) %(*objecttype) %(*objectname) %(refname:strip=2)"
    for line in git.lines("for-each-ref", form, "refs/tags"):
        kind, own, inner, commit, name = line.split(" ", 4)
        if inner == "tag":
            commit = git.text("rev-parse", "--verify", f"refs/tags/{name}^{{}}")
        yield Tag(name=name, is_annotated=kind == "tag", commit=commit or own, is_on_main=name in merged)


# In a submodule git would be started anew, with the settings of that.
_WITHIN: Final = ("--ignore-submodules=dirty",)


def _changed(git: Git) -> Iterator[str]:
    entries = iter(git.paths("status", "--porcelain=v1", "-z", "--untracked-files=normal", *_WITHIN, "--", "."))
    for entry in entries:
        yield entry[3:]
        if entry[0] in "RC":
            next(entries, None)  # what it was called before


# ---------------------------------------------------------------------- what was


@dataclass(frozen=True, slots=True, kw_only=True)
class OldFile:
    """A file as it was once: its path then, and what was in it."""

    path: str
    blob: str
    data: bytes


@dataclass(slots=True)
class History:
    """What the commits of all branches and tags hold beside the one under review.

    Attributes:
        skipped: why some of it was not looked through. Empty: all was.
    """

    git: Git
    skipped: str = ""

    def files(self) -> Iterator[OldFile]:
        """Each version of each file that is not the present one, once, the latest first."""
        now = {line.split()[2] for line in self.git.lines("ls-tree", "-r", "--full-tree", "HEAD") if "blob" in line}
        paths: dict[str, str] = {}
        for line in self.git.lines("rev-list", "--objects", "--all", "--full-history", "--", "."):
            blob, _, path = line.partition(" ")
            if path and blob not in now:
                paths.setdefault(blob, path)
        if not paths:
            return
        asked = "\n".join(paths).encode()
        told = self.git.bytes("cat-file", "--batch-check", given=asked).decode().splitlines()
        wanted, total = [], 0
        for line in told:
            blob, kind, size = line.split()
            if kind != "blob" or int(size) > _LARGEST:
                continue
            if total + int(size) > _MOST:
                self.skipped = f"it holds more than {_MOST // 2**20} MiB of earlier versions; the oldest ones were not looked through"
                break
            wanted.append(blob)
            total += int(size)
        yield from self._read(wanted, paths)

    def _read(self, blobs: list[str], paths: dict[str, str]) -> Iterator[OldFile]:
        told = self.git.bytes("cat-file", "--batch", given="\n".join(blobs).encode()) if blobs else b""
        at = 0
        while at < len(told):
            end = told.index(b"\n", at)
            blob, _, size = told[at:end].decode().split()
            data = told[end + 1 : end + 1 + int(size)]
            at = end + 2 + int(size)
            yield OldFile(path=paths[blob], blob=blob, data=data)

    def commit_of(self, blob: str) -> str:
        """The first commit that has a version of a file, in short."""
        try:
            found = self.git.lines("log", "--all", "--reverse", "--format=%h", f"--find-object={blob}")
        except GitFailed:
            return ""
        return found[0] if found else ""


def history_of(site: Site) -> History | None:
    """The repository's past. None: there is no repository."""
    git = site.fact(git_of)
    return None if git is None else History(git=git)
