"""Brings a project that was made from the template up to the present template: `panoply new --update`.

Copier does the like, but it is a second engine, with a template of another form; cookiecutter's answers, which each project
notes, and git's own three-way merge are all that it takes. The template is filled in anew with the same answers, and
compared with what the project noted and with what its author has made of it.

First it is worked out what would change, with nothing written; then, if that is wanted, it is written.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from panoply._template_filling import Template
from panoply._template_git import blob, blob_id, committed, is_in_repository, merged
from panoply._template_notes import NOTES, Notes
from panoply.constants import VERSION
from panoply.errors import TemplateError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Change", "Left", "Update", "apply_update", "difference", "plan_update"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What happens to a file.

    Attributes:
        name: of the file.
        kind: added; replaced, as its author has not changed it; merged; removed.
        before: its contents; None: it is not there. `after`: likewise.
        conflicts: how many places of it are marked, because its author and the template have both changed them.
    """

    name: str
    kind: Literal["added", "replaced", "merged", "removed"]
    before: bytes | None
    after: bytes | None
    conflicts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A file that the template has changed, and that is not touched all the same.

    Attributes:
        name: of the file.
        why: in a sentence.
        before: its contents; None: there is none, or it is not read.
        after: what the template has.
    """

    name: str
    why: str
    before: bytes | None = None
    after: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """All that an update of a project would do.

    Attributes:
        project: its folder.
        since: the version of the SDK that the project's template is of.
        changes: to files, by their names.
        left: files that their author has to look at.
        notes: what is noted afterwards.
    """

    project: Path
    since: str
    changes: tuple[Change, ...]
    left: tuple[Left, ...]
    notes: Notes

    @property
    def conflicts(self) -> tuple[Change, ...]:
        """The files in which something is marked."""
        return tuple(change for change in self.changes if change.conflicts)


def plan_update(project: Path, template: Path | None = None) -> Update:
    """Work out how the project gets to the present template. Nothing is written.

    Args:
        project: its folder.
        template: the folder of the template; that of the SDK by default.

    Raises:
        TemplateError: the project has no notes, or wrong ones; or a file would be changed that is not committed.
        MissingExtra: cookiecutter is not installed.
    """
    notes = Notes.read(project)
    with Template(template) as filling:
        answers = filling.completed(notes.answers)
        # Whether the package is installed does not matter: it is this very project.
        for question in filling.questions:
            wrong = None if question.name == "package" else filling.problem(question.name, answers)
            if wrong is not None:
                raise TemplateError(f"The project cannot be updated with the answers in {project / NOTES}: {wrong}")
        made = filling.fill_in(answers, created=notes.created)
        present = Notes.read(made)
        fresh = {name: (made / name).read_bytes() for name in present.files}
    differ = _Differ(project, notes, fresh)
    for name in sorted({*notes.files, *present.files}):
        differ.look_at(name)
    update = Update(
        project=project,
        since=notes.sdk,
        changes=tuple(differ.changes),
        left=tuple(differ.left),
        notes=replace(present, answers=answers, created=notes.created, files=differ.noted, texts=differ.texts),
    )
    _refuse_uncommitted(update)
    return update


def apply_update(update: Update) -> None:
    """Write what was planned.

    Raises:
        TemplateError: a file has changed since it was planned; nothing was written.
        OSError: one cannot be written. Git has what was there.
    """
    for change in update.changes:
        if _contents(update.project / change.name) != change.before:
            raise TemplateError(f"{change.name} has changed in the meantime. Nothing was written: try again.")
    for change in update.changes:
        path = update.project / change.name
        if change.after is None:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(change.after)
    if update.changes:
        (update.project / NOTES).write_bytes(update.notes.written())


def difference(name: str, before: bytes | None, after: bytes | None) -> Iterator[str]:
    """The lines of a unified diff, as git writes one."""
    if before is not None and after is not None and (_is_binary(before) or _is_binary(after)):
        yield f"Binary file {name} differs"
        return
    old, new = ((contents or b"").decode("utf-8", "replace").splitlines() for contents in (before, after))
    labels = ("/dev/null" if before is None else f"a/{name}", "/dev/null" if after is None else f"b/{name}")
    yield from difflib.unified_diff(old, new, *labels, lineterm="")


class _Differ:
    """Decides on each file. `noted` and `texts` are what the project notes afterwards."""

    def __init__(self, project: Path, notes: Notes, fresh: dict[str, bytes]) -> None:
        self._project = project
        self._notes = notes
        self._fresh = fresh
        self.changes: list[Change] = []
        self.left: list[Left] = []
        self.noted: dict[str, str] = {}
        self.texts: dict[str, str] = {}

    def look_at(self, name: str) -> None:
        """Decide on one file."""
        base, theirs = self._notes.files.get(name), self._fresh.get(name)
        path = self._project / name
        if theirs is None:
            self._look_at_dropped(name, path, str(base))
            return
        if base is None:
            self._look_at_new(name, path, theirs)
            return
        if base == blob_id(theirs):
            # The template has not changed it: whatever its author did stays, and so does what is noted.
            self._note(name, base)
            return
        if _is_led_elsewhere(path, self._project):
            self._leave(name, base, "it is a link, which is not followed")
            return
        ours = _contents(path)
        if ours is None:
            self._note(name, blob_id(theirs))
            self.left.append(Left(name=name, why="you have removed it; the template has changed it", after=theirs))
        elif _same(ours, theirs):
            self._note(name, blob_id(theirs))
        elif base in {blob_id(ours), blob_id(_with_lf(ours))}:
            self._note(name, blob_id(theirs))
            self.changes.append(Change(name=name, kind="replaced", before=ours, after=_ending_like(ours, theirs)))
        else:
            self._merge(name, base, ours, theirs)

    def _look_at_dropped(self, name: str, path: Path, base: str) -> None:
        if _is_led_elsewhere(path, self._project):
            self.left.append(Left(name=name, why="the template no longer has it; it is a link, which is not followed"))
            return
        ours = _contents(path)
        if ours is None:
            return
        if base in {blob_id(ours), blob_id(_with_lf(ours))}:
            self.changes.append(Change(name=name, kind="removed", before=ours, after=None))
        else:
            self.left.append(Left(name=name, why="the template no longer has it; you have changed it, so it stays"))

    def _look_at_new(self, name: str, path: Path, theirs: bytes) -> None:
        if _is_led_elsewhere(path, self._project):
            self.left.append(Left(name=name, why="the template has it now; here it is a link, which is not followed"))
            return
        ours = _contents(path)
        if ours is not None and not _same(ours, theirs):
            why = "the template has it now, too; yours stays. Take over what you like"
            self.left.append(Left(name=name, why=why, before=ours, after=theirs))
            return
        self._note(name, blob_id(theirs))
        if ours is None:
            self.changes.append(Change(name=name, kind="added", before=None, after=theirs))

    def _merge(self, name: str, base: str, ours: bytes, theirs: bytes) -> None:
        was = self._text(base)
        if was is None:
            why = (
                "you have changed it, and git does not know it as the template made it, so that it cannot be merged. "
                "Take over what you like"
            )
            self._leave(name, base, why, ours, theirs)
            return
        labels = ("yours", f"the template before ({self._notes.sdk})", f"the template now ({VERSION})")
        done = merged(_with_lf(ours), was, theirs, labels)
        if done is None:
            self._note(name, blob_id(theirs))
            self.left.append(Left(name=name, why="it is no text; yours stays", before=ours, after=theirs))
            return
        after, conflicts = _ending_like(ours, done[0]), done[1]
        self._note(name, blob_id(theirs))
        # No commit will ever hold it: the next merge finds it here.
        self.texts[blob_id(theirs)] = theirs.decode()
        if after != ours:
            self.changes.append(
                Change(name=name, kind="merged", before=ours, after=after, conflicts=conflicts),
            )

    def _leave(self, name: str, base: str, why: str, ours: bytes | None = None, theirs: bytes | None = None) -> None:
        self._note(name, base)
        self.left.append(Left(name=name, why=why, before=ours, after=theirs))

    def _note(self, name: str, base: str) -> None:
        self.noted[name] = base
        if base in self._notes.texts:
            self.texts[base] = self._notes.texts[base]

    def _text(self, base: str) -> bytes | None:
        noted = self._notes.texts.get(base)
        if noted is not None and blob_id(noted.encode()) == base:
            return noted.encode()
        return blob(self._project, base)


def _refuse_uncommitted(update: Update) -> None:
    touched = [change.name for change in update.changes if change.before is not None]
    if not update.changes:
        return
    if not is_in_repository(update.project):
        raise TemplateError(
            f"{update.project} is in no git repository, so that an update could not be looked at and undone. "
            "Commit it first: git init && git add . && git commit"
        )
    touched.append(NOTES)
    open_ = sorted(set(touched) - committed(update.project, touched))
    if open_:
        raise TemplateError(
            "These files would be changed, and are not committed as they are:"
            + "".join(f"\n  - {name}" for name in open_)
            + "\nCommit them first (or stash what you have changed), so that the update can be looked at and undone."
        )


def _contents(path: Path) -> bytes | None:
    """What is in the file; None: there is none."""
    if path.is_dir():
        raise TemplateError(
            f"{path} is a folder, and the template has a file of that name. Move it away, and try again."
        )
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as exc:
        raise TemplateError(f"Cannot read {path}: {exc.strerror}.") from exc


def _is_led_elsewhere(path: Path, project: Path) -> bool:
    """Whether the file, or a folder on the way to it, is a link."""
    ways = [path, *path.parents]
    return any(way.is_symlink() for way in ways[: ways.index(project)])


def _is_binary(contents: bytes) -> bool:
    """Whether git would take it for something else than text."""
    return b"\0" in contents[:8000]


def _with_lf(contents: bytes) -> bytes:
    """With the ends of lines that the template has, as git on Windows may check out others."""
    return contents if _is_binary(contents) else contents.replace(b"\r\n", b"\n")


def _same(ours: bytes, theirs: bytes) -> bool:
    return _with_lf(ours) == _with_lf(theirs)


def _ending_like(ours: bytes, text: bytes) -> bytes:
    """The text with the ends of lines that the author's file has."""
    if _is_binary(text) or b"\r\n" not in ours:
        return text
    return _with_lf(text).replace(b"\n", b"\r\n")
