"""Where a review works: the project, a copy of it to run things in, and the facts that more than one family of rules needs."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from panoply_testing.review._child import Child
from panoply_testing.review._git import Git, find_git
from panoply_testing.review._project import module_files
from panoply_testing.review._tree import copy_tree, own_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from panoply_testing.review._project import Project
    from panoply_testing.review._settings import ReviewSettings

__all__ = ["Site", "copied", "files_of", "git_of", "source_texts"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What each family of rules gets.

    Attributes:
        scratch: a folder that is thrown away when the review is over.
        alone: held by what nothing else of the project's may disturb.
        stopped: set where nobody waits for the rest any more.
        names: the names of the rules that are asked for; what only others need is not looked up.
        thorough: whether what takes minutes is asked for as well.
        installs: whether what the project needs is fetched from the package index, and not taken from what is installed here.
    """

    project: Project
    settings: ReviewSettings
    scratch: Path
    names: frozenset[str] = frozenset()
    thorough: bool = False
    installs: bool = False
    alone: threading.Lock = field(default_factory=threading.Lock, repr=False)
    stopped: threading.Event = field(default_factory=threading.Event, repr=False)
    _facts: dict[Any, Future[Any]] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def fact(self, gather: Callable[[Site], T]) -> T:
        """What `gather` finds out, found out once, whoever asks first. What it raises, everybody gets."""
        with self._lock:
            found: Future[T] | None = self._facts.get(gather)
            is_first = found is None
            if found is None:
                found = self._facts[gather] = Future()
        if is_first:
            try:
                found.set_result(gather(self))
            except BaseException as exc:  # noqa: BLE001 - raised by `result`, here and wherever else it is asked for
                found.set_exception(exc)
        return found.result()

    @property
    def child(self) -> Child:
        """Runs processes of the project's."""
        return Child(scratch=self.scratch, stopped=self.stopped)

    def import_paths(self, tree: Path) -> tuple[Path, ...]:
        """Where the source's modules are found in a copy of the project."""
        return (tree / self.project.base,)


def git_of(site: Site) -> Git | None:
    """The repository that the project is in, if it is in one."""
    return find_git(site.project.root)


def files_of(site: Site) -> tuple[str, ...]:
    """The paths of the project's own files."""
    return own_files(site.project.root, site.fact(git_of))


def source_texts(site: Site) -> dict[str, str]:
    """The files of the source, without tests that lie among them, each with its text."""
    root = site.project.root
    found = {}
    for file in module_files(site.project):
        path = file.relative_to(root).as_posix()
        parts = path.split("/")
        if {"tests", "test"} & set(parts) or parts[-1].startswith("test_") or parts[-1] == "conftest.py":
            continue
        found[path] = file.read_text(encoding="utf-8", errors="replace")
    return found


_TREE: Final = "project"


def copied(site: Site) -> Path:
    """A copy of the project in which its code is run."""
    tree = site.scratch / _TREE / site.project.root.name
    copy_tree(site.project.root, site.fact(files_of), tree)
    return tree
