"""The files of a project: which of them are its own, and a copy of them to work in, so that the project stays as it is."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from panoply_testing.review._git import GitFailed
from panoply_testing.review._project import SKIPPED_FOLDERS
from panoply_testing.review.model import CannotReview

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from panoply_testing.review._git import Git

__all__ = ["copy_tree", "own_files"]


def own_files(root: Path, git: Git | None) -> tuple[str, ...]:
    """The paths of a project's files, relative and with `/`: what git tracks or would offer to track.

    Without git: everything but what tools are known to leave behind. Links are among them, wherever they lead; what is
    neither a file nor a link (a named pipe, a socket) is not.

    Raises:
        CannotReview: one of them cannot be read, or git fails.
    """
    found: list[str] = []
    if git is not None:
        try:
            listed = git.paths(
                "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate", "--", "."
            )
        except GitFailed as exc:
            raise CannotReview(f"{exc}. Mend the repository: `git status` has to work in the project.") from None
        found = [each for each in listed if _is_file_or_link(root / each)]
    found = sorted(found or filter(lambda each: _is_file_or_link(root / each), _walked(root)))
    for each in found:
        if (root / each).is_file() and not os.access(root / each, os.R_OK):
            raise CannotReview(f"{each}: cannot be read: who reviews the project has to be allowed to read all of it.")
    return tuple(found)


def _is_file_or_link(path: Path) -> bool:
    try:
        mode = path.lstat().st_mode
    except OSError:
        # Tracked, and deleted.
        return False
    return stat.S_ISREG(mode) or stat.S_ISLNK(mode)


def copy_tree(root: Path, files: Iterable[str], to: Path) -> None:
    """Copy these files. A link that leads out of the project is followed, as what it leads to would not be there."""
    to.mkdir(parents=True, exist_ok=True)
    for each in files:
        source, target = root / each, to / each
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_symlink() and _stays_inside(root, source):
            target.symlink_to(source.readlink())
        elif source.is_file():
            shutil.copy(source, target)


def _stays_inside(root: Path, link: Path) -> bool:
    if link.readlink().is_absolute():
        return False
    try:
        return (link.parent / link.readlink()).resolve().is_relative_to(root)
    except (OSError, RuntimeError):
        # It leads back to itself.
        return False


def _walked(root: Path) -> Iterator[str]:
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        folders[:] = sorted(
            name
            for name in folders
            if name not in SKIPPED_FOLDERS
            and not name.endswith(".egg-info")
            # An environment, whatever it is called, and any cache that says of itself that it is one.
            and not (here / name / "pyvenv.cfg").exists()
            and not (here / name / "CACHEDIR.TAG").exists()
        )
        yield from (
            (here / name).relative_to(root).as_posix()
            for name in (*files, *(each for each in folders if (here / each).is_symlink()))
            if not name.endswith((".pyc", ".pyo"))
        )
