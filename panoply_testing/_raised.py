"""What is recorded of an exception that leaves a source: what it says, where it comes from, and all that it would print."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Final

import panoply
from panoply.driving import DEFECTS, original
from panoply_testing._facts import message_of, named, shortened
from panoply_testing._sensors import is_of_a_library
from panoply_testing.observation import Raised

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Places", "let_out", "raised_facts"]

_KIT = Path(__file__).parent
_SDK = Path(panoply.__file__).parent

# More exceptions than these in one chain or group hide nothing new.
MOST_LINKS: Final = 50


class Places:
    """Which code is the source's own, and what to call its lines.

    Attributes:
        home: the folder or file of its code; None while its module is being imported.
    """

    def __init__(self) -> None:
        self.home: Path | None = None

    def is_own(self, filename: str) -> bool:
        """Whether this file is part of the source."""
        path = Path(filename)
        if self.home is None:
            return not is_of_a_library(filename)
        return path == self.home or self.home in path.parents

    def shown(self, filename: str) -> str:
        """The file, as briefly as it can be told from others."""
        path = Path(filename)
        if self.home is not None and self.is_own(filename):
            return str(path.relative_to(self.home.parent))
        return str(Path(*path.parts[-3:]))

    @staticmethod
    def is_of_the_kit(filename: str) -> bool:
        """Whether this file belongs to those who drive the source."""
        path = Path(filename)
        return _KIT in path.parents or path in (_SDK / "driving.py", _SDK / "loading.py") or "importlib" in filename

    @staticmethod
    def is_of_the_sdk(filename: str) -> bool:
        """Whether this file is the SDK's."""
        return _SDK in Path(filename).parents


def raised_facts(exc: BaseException, places: Places, mask: Callable[[str], str]) -> Raised:
    """The exception, masked."""
    frames = [frame for frame in traceback.extract_tb(exc.__traceback__) if not places.is_of_the_kit(frame.filename)]
    own = [frame for frame in frames if places.is_own(frame.filename)]
    where = f"{places.shown(own[-1].filename)}:{own[-1].lineno} in {own[-1].name}" if own else ""
    return Raised(
        type_name=type(exc).__name__,
        message=shortened(mask(message_of(exc))),
        where=where,
        retryable=named(exc, "retryable") is not False,
        of_token=bool(frames) and Path(frames[-1].filename) == _SDK / "oauth.py",
        defect=not isinstance(exc, Exception) or isinstance(original(exc), DEFECTS),
        frames=tuple(
            mask(f"{places.shown(frame.filename)}:{frame.lineno} in {frame.name}: {frame.line}")
            for frame in frames[-8:]
        ),
    )


def let_out(exc: BaseException) -> Iterator[tuple[str, str]]:
    """All that an exception lets out, each text with what it is: what a full traceback prints, its repr and its args.

    A cause, or a context that is not suppressed, is printed with it; so are notes, and the members of a group.
    """
    for link, name in _links(exc):
        yield f"the message of {name}", message_of(link)
        for note in named(link, "__notes__", ()) or ():
            yield f"a note of {name}", note if isinstance(note, str) else repr(note)
        yield f"the repr of {name}", _repr(link)
        for arg in named(link, "args", ()) or ():
            yield f"the args of {name}", _str(arg)
            yield f"the args of {name}", _repr(arg)


def _links(exc: BaseException) -> Iterator[tuple[BaseException, str]]:
    todo: list[tuple[BaseException, str]] = [(exc, type(exc).__name__)]
    seen: set[int] = set()
    while todo and len(seen) < MOST_LINKS:
        link, name = todo.pop(0)
        if id(link) in seen:
            continue
        seen.add(id(link))
        yield link, name
        if link.__cause__ is not None:
            todo.append((link.__cause__, f"its cause, {type(link.__cause__).__name__}"))
        elif link.__context__ is not None and not link.__suppress_context__:
            todo.append((link.__context__, f"its context, {type(link.__context__).__name__}"))
        if isinstance(link, BaseExceptionGroup):
            todo += [(member, f"a member of the group, {type(member).__name__}") for member in link.exceptions]


def _repr(value: object) -> str:
    try:
        return repr(value)
    except Exception as exc:  # noqa: BLE001 - the source's own __repr__
        return f"<a {type(value).__name__} whose repr() raises {type(exc).__name__}>"


def _str(value: object) -> str:
    try:
        return str(value)
    except Exception as exc:  # noqa: BLE001 - the source's own __str__
        return f"<a {type(value).__name__} whose str() raises {type(exc).__name__}>"
