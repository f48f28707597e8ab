"""What `panoply new` asks git, which is run as a command: who works here, what is committed, and to merge a file.

No command here changes the repository.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from panoply.errors import TemplateError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["blob", "blob_id", "committed", "is_below_the_top", "is_in_repository", "merged", "origin", "user_name"]

# Set while git runs a hook: they would lead to that repository, whatever the folder is.
_ELSEWHERE: Final = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY"})


def user_name(folder: Path) -> str | None:
    """The name that git would write into a commit."""
    return _line(folder, "config", "user.name")


def origin(folder: Path) -> str | None:
    """The address of the repository's origin."""
    return _line(folder, "config", "remote.origin.url")


def is_in_repository(folder: Path) -> bool:
    """Whether the folder belongs to a working tree of git."""
    return _line(folder, "rev-parse", "--is-inside-work-tree") == "true"


def is_below_the_top(folder: Path) -> bool:
    """Whether the folder is part of a repository whose top folder is another."""
    return _line(folder, "rev-parse", "--show-prefix") is not None


def committed(folder: Path, names: Iterable[str]) -> frozenset[str]:
    """Those of the files in the folder, by their names from there, that are committed just as they are."""
    wanted = list(names)
    known = _names(folder, "ls-tree", "-r", "-z", "--name-only", "HEAD", "--", *wanted)
    return frozenset(wanted) & known - _names(folder, "diff", "-z", "--name-only", "--relative", "HEAD", "--", *wanted)


def blob_id(contents: bytes) -> str:
    """The id that git gives to a file's contents."""
    return hashlib.sha1(b"blob %d\0" % len(contents) + contents, usedforsecurity=False).hexdigest()


def blob(folder: Path, name: str) -> bytes | None:
    """The contents that git knows by this id, if it does."""
    done = _git(folder, "cat-file", "blob", name)
    return done.stdout if done is not None and done.returncode == 0 else None


def merged(ours: bytes, base: bytes, theirs: bytes, labels: tuple[str, str, str]) -> tuple[bytes, int] | None:
    """Make in `ours` the changes that led from `base` to `theirs`.

    Returns:
        The contents, and the number of places where both changed the same, which are marked. None: it is no text.
    """
    with tempfile.TemporaryDirectory(prefix="panoply-new-") as scratch:
        files = [Path(scratch) / name for name in ("ours", "base", "theirs")]
        for file, contents in zip(files, (ours, base, theirs), strict=True):
            file.write_bytes(contents)
        words = [word for label in labels for word in ("-L", label)]
        done = _git(Path(scratch), "merge-file", "-p", "--diff3", *words, *map(str, files))
    if done is None:
        raise TemplateError("git is not installed, which merges what two have changed. Install it, and try again.")
    # Above 127 it is no number of conflicts.
    return None if done.returncode > 127 or done.returncode < 0 else (done.stdout, done.returncode)


def _line(folder: Path, *words: str) -> str | None:
    done = _git(folder, *words)
    text = "" if done is None or done.returncode else done.stdout.decode("utf-8", "replace").strip()
    return text or None


def _names(folder: Path, *words: str) -> frozenset[str]:
    done = _git(folder, *words)
    # Nothing is committed yet.
    if done is None or done.returncode:
        return frozenset()
    return frozenset(name for name in done.stdout.decode("utf-8", "surrogateescape").split("\0") if name)


def _git(folder: Path, *words: str) -> subprocess.CompletedProcess[bytes] | None:
    environment = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    try:
        return subprocess.run(  # noqa: S603 - the words are ours
            ["git", "--literal-pathspecs", *words],  # noqa: S607 - the git that its user has
            cwd=folder,
            env={**environment, "GIT_OPTIONAL_LOCKS": "0"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError:
        return None
