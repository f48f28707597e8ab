"""Finds a data source by the name or path that a person typed, and imports it.

What a source must look like is the contract's business; here it only has to be importable.
"""

from __future__ import annotations

import importlib
import keyword
import os
import sys
from difflib import get_close_matches
from pathlib import Path
from pkgutil import extend_path, iter_modules
from typing import TYPE_CHECKING

from panoply.errors import LoadError

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["load_source", "locate"]


def locate(target: str, folder: Path | None = None) -> tuple[str, Path | None]:
    """Work out the module that `target` means, without importing it.

    Args:
        target: an importable name (`mymod`, `panoply.typeform`), or the path of a package's folder or a `.py` file.
        folder: where paths start and where a project's modules are looked for; the working folder by default.

    Returns:
        The module's dotted name, and the folder that has to be on `sys.path` for it (None: it is there already).

    Raises:
        LoadError: nothing is there, with the nearest thing that is.
    """
    folder = (folder or Path.cwd()).resolve()
    if _is_path(target, folder):
        return _from_path(target, folder)
    if not all(part.isidentifier() and not keyword.iskeyword(part) for part in target.split(".")):
        # Projects are called acme-crm whose module is acme_crm.
        spelled = target.replace("-", "_")
        hint = f" Did you mean {spelled!r}?" if "-" in target and spelled.strip("_").isidentifier() else ""
        raise LoadError(
            f"{target!r} is neither the name of a module nor the path of one that exists. "
            f"Name a module (mymod), the folder of a package (./mymod) or a file (./mymod.py).{hint}"
        )
    top = Path(*target.split("."))
    for root in (folder, folder / "src"):
        if (root / top).with_suffix(".py").is_file() or (root / top / "__init__.py").is_file():
            return target, root
    return target, None


def load_source(target: str, folder: Path | None = None) -> ModuleType:
    """Import the data source that `target` names (see `locate`).

    Raises:
        LoadError: it does not exist, or importing it failed; then `__cause__` is what it raised.
    """
    name, root = locate(target, folder)
    if root is not None and str(root) not in sys.path:
        # In front, as `python -m` does it: what lies in the project wins over what is installed.
        sys.path.insert(0, str(root))
    if name.partition(".")[0] == __package__:
        _find_new_subpackages()
    importlib.invalidate_caches()
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as exc:
        if exc.name is not None and f"{name}.".startswith(f"{exc.name}."):
            raise LoadError(_not_found(name, folder or Path.cwd())) from None
        raise LoadError(
            f"Importing {name} failed: it imports {exc.name!r}, which is not installed in this environment "
            f"({sys.prefix}). Declare it in the source's dependencies, and install them."
        ) from exc
    except PermissionError as exc:
        raise LoadError(f"Importing {name} failed: {exc.strerror}: {exc.filename}") from exc
    except SystemExit as exc:
        raise LoadError(f"Importing {name} failed: it called sys.exit().") from exc
    except Exception as exc:
        raise LoadError(f"Importing {name} failed: it raised {type(exc).__name__}.") from exc
    _check_not_a_mere_folder(module, target)
    _check_origin(module, root)
    return module


def _is_path(target: str, folder: Path) -> bool:
    if target.endswith(".py") or os.sep in target or (os.altsep is not None and os.altsep in target):
        return True
    return target in (".", "..") or (target != "" and not target.isidentifier() and (folder / target).is_dir())


def _from_path(target: str, folder: Path) -> tuple[str, Path]:
    try:
        path = (folder / Path(target).expanduser()).resolve()
    except RuntimeError as exc:  # `~somebody`, whom the system does not know
        raise LoadError(f"There is no {target!r}: {exc}") from None
    if not path.exists():
        raise LoadError(f"There is no {target!r} in {folder}.")
    if path.is_dir() and not (path / "__init__.py").is_file():
        raise LoadError(_no_package(target, path))
    if path.is_file() and path.suffix != ".py":
        raise LoadError(f"{target!r} is not a Python file: its name does not end in .py.")
    if path.name == "__init__.py":
        path = path.parent
    parts = [path.stem if path.is_file() else path.name]
    root = path.parent
    # Sources are published as sub-packages of panoply, whose folder says nothing of that itself. Only where the path
    # names it: people also call the folder of a whole project panoply.
    namespace = __package__ in Path(target).parts[:-1]
    while (root / "__init__.py").is_file() or (namespace and root.name == __package__):
        parts.insert(0, root.name)
        root = root.parent
    unusable = [part for part in parts if not part.isidentifier() or keyword.iskeyword(part)]
    if unusable:
        raise LoadError(f"{target!r} cannot be imported: {unusable[0]!r} is no name that Python can import. Rename it.")
    return ".".join(parts), root


def _no_package(target: str, folder: Path) -> str:
    packages = sorted(init.parent.name for init in folder.glob("*/__init__.py"))
    hint = f" Did you mean {Path(target) / packages[0]}?" if packages else ""
    return f"The folder {target!r} is not a package: it has no __init__.py.{hint}"


def _check_not_a_mere_folder(module: ModuleType, target: str) -> None:
    """Refuse a namespace package: what Python makes of any folder on its path, such as that of the source's project."""
    if getattr(module, "__file__", None) is None and hasattr(module, "__path__"):
        folders = [Path(folder) for folder in module.__path__]
        raise LoadError(_no_package(target, folders[0]))


def _find_new_subpackages() -> None:
    """Look again for sub-packages of `panoply`: `sys.path` may have grown since it was imported."""
    package = sys.modules[str(__package__)]
    package.__path__ = extend_path(list(package.__path__), str(__package__))


def _not_found(name: str, folder: Path) -> str:
    near = get_close_matches(name, [found.name for found in iter_modules([str(folder), str(folder / "src")])], n=1)
    if not near:
        # Of all that is installed, only what must have been meant.
        installed = {found.name for found in iter_modules()} - sys.stdlib_module_names
        near = get_close_matches(name, sorted(installed), n=1, cutoff=0.8)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"There is no module {name!r}: it is not in {folder}, and not installed in this environment ({sys.prefix}).{hint}"


def _check_origin(module: ModuleType, root: Path | None) -> None:
    """Refuse a module of the same name from elsewhere, such as a source in `json.py` that would shadow Python's own."""
    origin = getattr(module, "__file__", None)
    if root is None or origin is None or Path(origin).resolve().is_relative_to(root):
        return
    raise LoadError(
        f"Another module called {module.__name__!r} is imported already, from {origin}. "
        f"Rename the source: its name is taken."
    )
