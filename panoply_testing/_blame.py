"""Tells from a stack whose doing something was: a line of the source's, or a library that acts of its own accord.

A library that starts a thread while it is imported does so for everybody who imports it. Called by the source, it acts
for the source, whenever that is.
"""

from __future__ import annotations

import os
import threading
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from weakref import WeakKeyDictionary

import panoply.driving
import panoply.loading
from panoply_testing._sensors import is_of_a_library

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

__all__ = ["NOBODY", "Blame", "Doer"]

# Modules of Python's that ask the system by starting a program or writing a file: nobody who calls them means to.
_QUESTIONS: Final = frozenset(
    {
        ("platform", "from_subprocess"),
        ("tempfile", "_get_default_tempdir"),
        ("ctypes.util", "_findLib_gcc"),
        ("ctypes.util", "_findLib_ld"),
        ("ctypes.util", "_findSoname_ldconfig"),
    }
)

_KIT = str(Path(__file__).parent)
_SDK = str(Path(panoply.__file__).parent)
_CALLERS: Final = (os.path.join(_KIT, "_drive.py"), panoply.driving.__file__, panoply.loading.__file__)  # noqa: PTH118 - as frames have it


class Doer(NamedTuple):
    """Who did something: the source, at `where`, or a library by itself."""

    where: str = ""
    by: str = ""


# What happens below no line of the source's and in no library's import is done by Python, or by the kit.
NOBODY: Final = Doer(by="Python")


class _File(Enum):
    OWN = 1
    LIBRARY = 2
    NEITHER = 3  # the kit's, the import machinery, and code that was made of a text
    CALLER = 4  # what calls the source: outside of it there is only the test session


class Blame:
    """Goes through stacks, quickly: it is asked at every file that is opened.

    Args:
        home: the folder or file of the source's code; None while it is not known.
    """

    def __init__(self, home: Callable[[], Path | None]) -> None:
        self._home = home
        self._known_home: Path | None = None
        self._homes: list[str] = []
        self._files: dict[str, _File] = {}
        self._threads: WeakKeyDictionary[threading.Thread, Doer] = WeakKeyDictionary()

    def add_home(self, path: str) -> None:
        """Count this folder or file as the source's, whatever lies around it."""
        if path not in self._homes:
            self._homes.append(path)
            self._files.clear()

    def is_own(self, filename: str) -> bool:
        """Whether this file is the source's."""
        return self._file(filename) is _File.OWN

    def of(self, frame: FrameType | None) -> Doer:
        """Who is behind what happens in `frame`."""
        self._look_home()
        while frame is not None:
            code = frame.f_code
            file = self._file(code.co_filename)
            if file is _File.OWN:
                return Doer(where=f"{self._shown(code.co_filename)}:{frame.f_lineno} in {code.co_name}")
            if file is _File.CALLER:
                break
            if file is _File.LIBRARY:
                name = str(frame.f_globals.get("__name__", "a library"))
                if code.co_name == "<module>" or (name, code.co_name) in _QUESTIONS:
                    return Doer(by=name.partition(".")[0])
            frame = frame.f_back
        thread = threading._active.get(threading.get_ident())  # type: ignore[attr-defined] # noqa: SLF001 - current_thread() would make one up
        return self._threads.get(thread, NOBODY) if thread is not None else NOBODY

    def started(self, thread: threading.Thread, doer: Doer) -> None:
        """Remember who began a thread: what is done there is done by them."""
        self._threads[thread] = doer

    def starter(self, thread: threading.Thread) -> Doer:
        """Who began this thread."""
        return self._threads.get(thread, NOBODY)

    def place_of(self, value: object) -> str:
        """Where a function or class of the source's is defined."""
        code = getattr(getattr(value, "__func__", value), "__code__", None)
        if code is None or not self.is_own(code.co_filename):
            return ""
        return f"{self._shown(code.co_filename)}:{code.co_firstlineno} in {code.co_name}"

    def _look_home(self) -> None:
        home = self._home()
        if home is not self._known_home and home is not None:
            self._known_home = home
            self.add_home(str(home))

    def _file(self, filename: str) -> _File:
        file = self._files.get(filename)
        if file is None:
            file = self._files[filename] = self._classify(filename)
        return file

    def _classify(self, filename: str) -> _File:
        if any(filename == home or filename.startswith(home + os.sep) for home in self._homes):
            return _File.OWN
        if filename in _CALLERS:
            return _File.CALLER
        if filename.startswith("<"):
            frozen = filename.startswith("<frozen ") and "importlib" not in filename
            return _File.LIBRARY if frozen else _File.NEITHER
        if filename.startswith((_KIT + os.sep, _SDK + os.sep)):
            return _File.NEITHER
        parts = Path(filename).parts
        if is_of_a_library(filename) or "site-packages" in parts or "dist-packages" in parts:
            return _File.LIBRARY
        # Once it is known where the source is, the rest of the project (its conftest, its servers) is not.
        return _File.NEITHER if self._known_home is not None else _File.OWN

    def _shown(self, filename: str) -> str:
        for home in self._homes:
            if filename == home:
                return Path(home).name
            if filename.startswith(home + os.sep):
                return f"{Path(home).name}{filename[len(home) :]}"
        return str(Path(*Path(filename).parts[-2:]))
