"""Takes a source's own files to machines that do not have them.

What is installed is taken to be installed there as well: only what lies in a project is packed.
"""

from __future__ import annotations

import hashlib
import importlib
import io
import sys
import tempfile
import threading
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from panoply.errors import LoadError

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["archive", "load_archived"]

# A source is code, with an icon and a few small files. A package that is larger holds something that was forgotten there.
_LARGEST: Final = 32 * 1024 * 1024

_LEFT_OUT: Final = frozenset({"__pycache__", ".git", ".venv", ".mypy_cache", ".pytest_cache", ".ruff_cache"})

# One import at a time: the parts of a run may begin in several threads of one process.
_IMPORTING: Final = threading.Lock()


def archive(module: ModuleType) -> bytes | None:
    """The files of a source as a zip archive; None if it is installed.

    Raises:
        LoadError: it has no files, or too many.
    """
    origin = getattr(module, "__file__", None)
    if origin is None:
        raise LoadError(f"{module.__name__} has no file that could be sent to other machines.")
    file = Path(origin).resolve()
    if {"site-packages", "dist-packages"} & set(file.parts):
        return None
    parts = module.__name__.split(".")
    package = file.parent if file.name == "__init__.py" else None
    folder = Path(*parts) if package is not None else Path(*parts[:-1])
    inside = sorted(package.rglob("*")) if package is not None else [file]
    packed = io.BytesIO()
    size = 0
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as files:
        for path in inside:
            name = path.relative_to(package or file.parent)
            if _LEFT_OUT & set(name.parts) or not path.is_file():
                continue
            size += path.stat().st_size
            if size > _LARGEST:
                raise LoadError(
                    f"The package {package} is too large to be sent to other machines: over {_LARGEST:,} bytes."
                )
            # Not the time of the file: equal sources are equal archives.
            files.writestr(zipfile.ZipInfo(str(folder / name)), path.read_bytes())
    return packed.getvalue()


def load_archived(name: str, code: bytes) -> ModuleType:
    """Import a source from its archive, once for each version of it in a process."""
    mark = hashlib.sha256(code).hexdigest()[:16]
    with _IMPORTING:
        known = sys.modules.get(name)
        if known is not None and f"panoply-{mark}-" in (known.__file__ or ""):
            return known
        folder = tempfile.mkdtemp(prefix=f"panoply-{mark}-")
        with zipfile.ZipFile(io.BytesIO(code)) as files:
            files.extractall(folder)
        # Another version of it, from an earlier run. What still reads with that one keeps it.
        for other in [each for each in sys.modules if each == name or each.startswith(f"{name}.")]:
            del sys.modules[other]
        sys.path.insert(0, folder)
        try:
            importlib.invalidate_caches()
            return importlib.import_module(name)
        except Exception as exc:
            raise LoadError(f"Importing {name} failed there: it raised {type(exc).__name__}: {exc}") from exc
        finally:
            sys.path.remove(folder)
