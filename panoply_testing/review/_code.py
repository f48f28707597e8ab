"""A project's code as the rules read it: parsed files, and what is known about the source from elsewhere. Values only.

What CONFIG holds is found by importing it, in a process of its own; here it arrives as names.
"""

from __future__ import annotations

import ast
import io
import tokenize
import warnings
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from panoply_testing.review._code_conventions import Conventions

__all__ = ["Code", "File", "parse_code", "parse_file"]


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file of Python.

    Attributes:
        path: relative to the project, with `/`.
        module: its name as others import it; a package's is that of its `__init__.py`.
        tree: None where it does not parse; then `error` says why, and `error_line` where.
    """

    path: str
    module: str
    text: str = field(repr=False)
    tree: ast.Module | None = field(repr=False)
    error: str = ""
    error_line: int = 0

    @property
    def is_package(self) -> bool:
        """Whether relative imports start at the module itself."""
        return PurePosixPath(self.path).name == "__init__.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """The code of one source.

    Attributes:
        files: those of the package under review; its tests are none of them.
        package: the importable name of the source.
        stream: the module and the name of the class that is `Stream`; empty: it is looked for.
        params: the names of CONFIG's params; None: CONFIG could not be read, and rules that need it are not judged.
        credentials: which of them hold one.
        widgets: which of them the platform consumes by itself.
        oauth: whether one of them is of type `oauth`.
        conventions: what ruff and mypy said; None: nobody asked them.
    """

    files: tuple[File, ...]
    package: str = ""
    stream: tuple[str, str] = ("", "")
    params: tuple[str, ...] | None = None
    credentials: frozenset[str] = frozenset()
    widgets: frozenset[str] = frozenset()
    oauth: bool = False
    conventions: Conventions | None = None


def parse_file(path: str, content: str | bytes, module: str = "") -> File:
    """Parse one file, whatever is in it.

    Args:
        path: relative to the project, with `/`.
        content: what it holds; of bytes the file itself may say in which encoding they are.
        module: as others import it; empty: told by the path.
    """
    name = module or _module(path)
    try:
        text = content if isinstance(content, str) else _decoded(content)
    except (SyntaxError, UnicodeDecodeError):
        error = "its bytes are no text in the encoding that it names, or in UTF-8"
        return File(path=path, module=name, text="", tree=None, error=error)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an escape that is none is ruff's business
            tree = ast.parse(text.removeprefix("\ufeff"), path)
    except SyntaxError as exc:
        return File(path=path, module=name, text=text, tree=None, error=exc.msg, error_line=exc.lineno or 0)
    except (ValueError, RecursionError, MemoryError) as exc:
        # A NUL byte; an expression that is nested too deep.
        return File(path=path, module=name, text=text, tree=None, error=str(exc) or type(exc).__name__)
    return File(path=path, module=name, text=text, tree=tree)


def _decoded(content: bytes) -> str:
    """The text of a file of Python, whose first lines may name its encoding."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    # As Python itself reads it: with the ends of lines that it knows.
    return io.TextIOWrapper(io.BytesIO(content), encoding).read()


def parse_code(  # noqa: PLR0913 - as many as Code has fields
    files: Mapping[str, str | bytes],
    *,
    package: str = "",
    stream: tuple[str, str] = ("", ""),
    params: Iterable[str] | None = None,
    credentials: Iterable[str] = (),
    widgets: Iterable[str] = (),
    oauth: bool = False,
    root: str = "",
    conventions: Conventions | None = None,
) -> Code:
    """The code in some files, each a path relative to the project and its text.

    Args:
        files: their paths, with `/`, and what they hold.
        package: the importable name of the source.
        stream: see `Code`, as for all that follow but the last.
        params: see there.
        credentials: see there.
        widgets: see there.
        oauth: see there.
        conventions: see there.
        root: the folder in which imports begin, such as `src`; empty: the project itself.
    """
    parsed = tuple(
        parse_file(path, content, _module(path.removeprefix(f"{root}/"))) for path, content in sorted(files.items())
    )
    return Code(
        files=parsed,
        package=package,
        stream=stream,
        params=None if params is None else tuple(params),
        credentials=frozenset(credentials),
        widgets=frozenset(widgets),
        oauth=oauth,
        conventions=conventions,
    )


def _module(path: str) -> str:
    parts = PurePosixPath(path).with_suffix("").parts
    return ".".join(parts[:-1] if parts and parts[-1] == "__init__" else parts)
