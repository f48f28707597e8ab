"""What a way is, the small steps that make one out of a right project, and the project itself: on disk, in git, tagged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent, indent

import review_projects
from review_projects import put

from ways import _online

Step = Callable[[Path], None]

VERSION = "v1.2.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One small change to a right project.

    Attributes:
        phrase: what was done, in plain words, as REVIEW.md quotes it.
        steps: made before the project is committed and tagged. `then`: made after that.
        is_online: whether the project asks a far end, over HTTP; the other one gives three numbers.
        has_git: whether it is committed and tagged at all.
        is_thorough: only a thorough review looks at it, which takes a minute.
        is_slow: it takes so long that a usual run of the tests leaves it to the matrix.
    """

    phrase: str
    steps: tuple[Step, ...] = ()
    then: tuple[Step, ...] = ()
    is_online: bool = False
    has_git: bool = True
    is_thorough: bool = False
    is_slow: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """What breaks a rule, and what only looks like it."""

    broken: tuple[Way, ...]
    kept: tuple[Way, ...]


def way(phrase: str, *steps: Step, **more: object) -> Way:
    """A way, told in the order in which one reads it."""
    return Way(phrase=phrase, steps=steps, **more)


def make(chosen: Way, folder: Path) -> Path:
    """The project that was made in this way."""
    project = review_projects.make(folder / "shop-source", _online.CHANGES if chosen.is_online else None)
    for step in chosen.steps:
        step(project)
    if chosen.has_git:
        review_projects.commit(project, "All of it", tag=VERSION)
    for step in chosen.then:
        step(project)
    return project


# ---------------------------------------------------------------------- steps: files


def write(path: str, text: str | bytes) -> Step:
    """Write a file."""
    return lambda project: put(project, path, text)


def remove(*paths: str) -> Step:
    """Remove files."""

    def step(project: Path) -> None:
        for path in paths:
            (project / path).unlink()

    return step


def move(old: str, new: str) -> Step:
    """Move a file."""

    def step(project: Path) -> None:
        (project / new).parent.mkdir(parents=True, exist_ok=True)
        (project / old).rename(project / new)

    return step


def edit(path: str, old: str, new: str) -> Step:
    """Replace a text that is in a file once."""

    def step(project: Path) -> None:
        text = (project / path).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{path} has {text.count(old)} times {old!r}"
        (project / path).write_text(text.replace(old, new), encoding="utf-8")

    return step


def append(path: str, text: str) -> Step:
    """Write something behind the end of a file, which need not be there."""

    def step(project: Path) -> None:
        file = project / path
        before = file.read_bytes() if file.exists() else b""
        put(project, path, before + text.encode())

    return step


def settings(text: str) -> Step:
    """Settings at the end of pyproject.toml."""
    return append("pyproject.toml", f"\n{dedent(text).strip()}\n")


def depends(*requirements: str) -> Step:
    """What the project asks for, beside what it needs."""
    listed = "".join(f', "{each}"' for each in requirements)
    return edit(
        "pyproject.toml", 'dependencies = ["panoply-python-sdk"', f'dependencies = ["panoply-python-sdk"{listed}'
    )


# ---------------------------------------------------------------------- steps: the source

SOURCE = "shop/source.py"


def at_top(code: str) -> Step:
    """Code below the imports of the source, imports of its own first."""
    text = dedent(code).strip()
    gap = "" if text.startswith(("import ", "from ")) else "\n"
    return edit(SOURCE, "import panoply\n", f"import panoply\n{gap}{text}\n")


def in_constructor(code: str) -> Step:
    """Code in the constructor, where the params are at hand."""
    line = "        super().__init__(source, options)\n"
    return edit(SOURCE, line, line + indent(dedent(code).strip("\n"), " " * 8) + "\n")


def in_read(code: str) -> Step:
    """Code in read(), after a batch has come."""
    line = '        self.log("read", len(batch))\n'
    return edit(SOURCE, line, line + indent(dedent(code).strip("\n"), " " * 8) + "\n")


def method(code: str) -> Step:
    """A method more."""
    return append(SOURCE, "\n" + indent(dedent(code).strip("\n"), " " * 4) + "\n")


def param(text: str) -> Step:
    """A param more, which the README names."""

    def step(project: Path) -> None:
        edit("shop/config.py", '{"name": "region"', f'{text},\n        {{"name": "region"')(project)
        append("README.md", f"\nThe other param: {text}\n")(project)

    return step


# ---------------------------------------------------------------------- steps: git


def git(*words: str) -> Step:
    """A command of git's."""

    def step(project: Path) -> None:
        review_projects.git(project, *words)

    return step


def commit(message: str = "Change") -> Step:
    """Commit all there is."""

    def step(project: Path) -> None:
        review_projects.commit(project, message)

    return step


def tag(name: str = VERSION) -> Step:
    """Set an annotated tag, also where there is one already."""
    return git("tag", "--annotate", "--force", name, "--message", name)
