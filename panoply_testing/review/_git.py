"""git, asked about a repository that a stranger may have made: nothing in it is run, and nothing is written to it."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Git", "GitFailed", "find_git"]

# A repository's own settings can name programs to be run by a plain `git status` or `git log`.
_HARMLESS: Final = {
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.quotePath": "false",
    "core.alternateRefsCommand": "",
    "core.sshCommand": "false",
    "diff.external": "",
    "log.showSignature": "false",
    # The owner may be somebody else where a container has it mounted.
    "safe.directory": "*",
}

# For each filter that it names, these are emptied: what is compared is what is there.
_OF_FILTERS: Final = {"clean": "", "smudge": "", "process": "", "required": "false"}

# Nothing of the user's settings, and no lock, not even for refreshing the index.
_ENVIRONMENT: Final = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_PAGER": "cat",
    "LC_ALL": "C.UTF-8",
}

_SECONDS: Final = 120


class GitFailed(Exception):
    """A command of git's came to nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Git:
    """A repository, as it is seen from one folder in it.

    Attributes:
        filters: the names of those programs that it would have files go through.
    """

    folder: Path
    program: str = "git"
    filters: tuple[str, ...] = ()

    def bytes(self, *words: str, given: bytes | None = None) -> bytes:
        """What a command writes.

        Raises:
            GitFailed: it failed, or took too long.
        """
        # Others' variables, such as a hook's GIT_DIR, would lead to another repository.
        env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | _ENVIRONMENT
        command = [self.program, "--no-pager", *words]
        try:
            done = subprocess.run(  # noqa: S603 - git, with our own words
                command,
                cwd=self.folder,
                env=env | self._settings(),
                input=given,
                stdin=subprocess.DEVNULL if given is None else None,
                capture_output=True,
                check=False,
                timeout=_SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired) as exc:
            raise GitFailed(f"git {words[0]}: {type(exc).__name__}") from None
        if done.returncode:
            last = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
            raise GitFailed(f"git {words[0]}: {last or f'exit code {done.returncode}'}")
        return done.stdout

    def _settings(self) -> dict[str, str]:
        """What overrides the repository's own settings, as git takes it from the environment: names may have any character."""
        ours = _HARMLESS | {
            f"filter.{name}.{key}": value for name in self.filters for key, value in _OF_FILTERS.items()
        }
        pairs = {
            f"GIT_CONFIG_{kind}_{number}": text
            for number, pair in enumerate(ours.items())
            for kind, text in zip(("KEY", "VALUE"), pair, strict=True)
        }
        return {"GIT_CONFIG_COUNT": str(len(ours)), **pairs}

    def text(self, *words: str) -> str:
        """What a command writes, as text without the blanks around it."""
        return self.bytes(*words).decode("utf-8", "replace").strip()

    def lines(self, *words: str) -> tuple[str, ...]:
        """What a command writes, line by line."""
        # Not `splitlines`: a path may have what Unicode takes for the end of a line.
        return tuple(line for line in self.text(*words).split("\n") if line)

    def paths(self, *words: str) -> tuple[str, ...]:
        """The paths that a command given `-z` writes."""
        return tuple(os.fsdecode(each) for each in self.bytes(*words).split(b"\0") if each)

    def holds(self, *words: str) -> bool:
        """Whether a command succeeds."""
        try:
            self.bytes(*words)
        except GitFailed:
            return False
        return True


def find_git(root: Path) -> Git | None:
    """The repository that tracks this folder's files. None: there is none, or no git."""
    program = shutil.which("git")
    if program is None:
        return None
    git = Git(folder=root, program=program)
    try:
        # A folder that only lies in somebody else's repository is not tracked by it.
        is_own = (root / ".git").exists() or bool(git.paths("ls-files", "-z", "--", "."))
        return replace(git, filters=_filters(git)) if is_own and git.holds("rev-parse", "--git-dir") else None
    except GitFailed:
        return None


def _filters(git: Git) -> tuple[str, ...]:
    """The names in its settings, which git only lists here."""
    keys = git.paths("config", "--null", "--name-only", "--list")
    return tuple(dict.fromkeys(key[len("filter.") :].rpartition(".")[0] for key in keys if key.startswith("filter.")))
