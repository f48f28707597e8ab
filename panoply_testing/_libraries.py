"""Lets many runs import a source's libraries once: what the first run imported, the process that forks the others has ready.

The source's own modules are imported anew in each run, as is everything that starts threads, since a fork has none of them.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import sys
import threading
import warnings
from typing import TYPE_CHECKING, Final

from panoply_testing._sensors import is_of_a_library

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["import_libraries", "libraries_among"]

_THREADS: Final = "/proc/self/task"


def libraries_among(before: Collection[str]) -> tuple[str, ...]:
    """The modules of libraries that this process has imported since, in that order.

    None at all where there are threads now that Python knows nothing of: a library in C has started them.
    """
    if os.path.isdir(_THREADS) and len(os.listdir(_THREADS)) > threading.active_count():  # noqa: PTH112, PTH208 - a list of names
        return ()
    return tuple(
        name
        for name, module in list(sys.modules.items())
        if name not in before and is_of_a_library(str(getattr(getattr(module, "__spec__", None), "origin", None) or ""))
    )


def import_libraries(names: Collection[str]) -> None:
    """Import them here. One that cannot be imported here is left to the runs."""
    threads = threading.active_count()
    nothing = io.StringIO()
    with warnings.catch_warnings(), contextlib.redirect_stdout(nothing), contextlib.redirect_stderr(nothing):
        warnings.simplefilter("ignore")
        for name in names:
            if name not in sys.modules and threading.active_count() <= threads:
                with contextlib.suppress(Exception):
                    importlib.import_module(name)
