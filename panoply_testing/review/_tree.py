"""The files of a project: which of them are its own, and a copy of them to work in, so that the project stays as it is."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from panoply_testing.review._project import SKIPPED_FOLDERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from panoply_testing.review._git import Git

__all__ = ["copy_tree", "own_files"]


def own_files(root: Path, git: Git | None) -> tuple[str, ...]:
    """The paths of a project's files, relative and with `/`: what git tracks or would offer to track.

    Without git: everything but what tools are known to leave behind.
    """
    if git is not None:
        listed = git.paths("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate", "--", ".")
        found = [each for each in listed if os.path.lexists(root / each) and not (root / each).is_dir()]
        if found:
            return tuple(sorted(found))
    return tuple(sorted(_walked(root)))


def copy_tree(root: Path, files: Iterable[str], to: Path) -> None:
    """Copy these files. A link that leads out of the project is followed, as what it leads to would not be there."""
    to.mkdir(parents=True, exist_ok=True)
    for each in files:
        source, target = root / each, to / each
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_symlink() and _stays_inside(root, source):
            target.symlink_to(source.readlink())
        elif source.is_file():
            # A named pipe or a socket is no file of a project.
            shutil.copy(source, target)


def _stays_inside(root: Path, link: Path) -> bool:
    return not link.readlink().is_absolute() and (link.parent / link.readlink()).resolve().is_relative_to(root)


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
        yield from ((here / name).relative_to(root).as_posix() for name in files if not name.endswith((".pyc", ".pyo")))
