"""Makes an environment that holds only some of what is installed here: by links, without a package index, in a moment."""

from __future__ import annotations

import os
import sys
import sysconfig
import venv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from panoply_testing.review._installed import installed_paths

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from importlib.metadata import Distribution

__all__ = ["Environment", "linked", "linked_folder", "this_environment"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """A Python, and what can be imported there beside its own modules.

    Attributes:
        python: the interpreter.
        holds: the canonical names of the distributions in it. None: it is the one that this process runs in, with all it has.
    """

    python: Path
    holds: frozenset[str] | None = None

    def has(self, name: str) -> bool:
        """Whether a distribution is in it, or may be."""
        return self.holds is None or name in self.holds


def this_environment() -> Environment:
    """The one that this process runs in."""
    return Environment(python=Path(sys.executable))


def linked(
    folder: Path, distributions: Mapping[str, Distribution], names: Iterable[str], own: Mapping[str, str] | None = None
) -> Environment:
    """Make an environment in a folder.

    Args:
        folder: where; it is not there yet.
        distributions: what is installed here, by canonical name.
        names: which of it are to be in there.
        own: files beside them, by their paths, with their texts.

    Raises:
        OSError: this system, or this folder, has no links; or nobody has written down what one of them consists of, as systems'
            own packages do not.
    """
    venv.EnvBuilder(symlinks=os.name != "nt", with_pip=False).create(folder)
    packages = Path(sysconfig.get_path("purelib", "venv", vars={"base": str(folder), "platbase": str(folder)}))
    holds = frozenset(names)
    linked_folder(packages, distributions, holds)
    for path, text in (own or {}).items():
        file = packages / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    python = "Scripts/python.exe" if os.name == "nt" else "bin/python"
    return Environment(python=folder / python, holds=holds)


def linked_folder(packages: Path, distributions: Mapping[str, Distribution], names: Iterable[str]) -> None:
    """Link what some distributions have installed into one folder of packages.

    Raises:
        OSError: as above.
    """
    packages.mkdir(parents=True, exist_ok=True)
    wanted = frozenset(names)
    paths = {name: installed_paths(each) for name, each in distributions.items()}
    unknown = sorted(name for name in wanted & paths.keys() if not paths[name])
    if unknown:
        raise FileNotFoundError(f"{', '.join(unknown)}: the files are written down nowhere")
    owners: dict[str, set[str]] = defaultdict(set)
    for name, found in paths.items():
        for top in {path.partition("/")[0] for path in found}:
            owners[top].add(name)
    for name in wanted & distributions.keys():
        for path in paths[name]:
            # A folder that others have a part in as well, as namespaces are shared, is made anew.
            top = path.partition("/")[0]
            part = top if owners[top] == {name} else path
            link = packages / part
            if not link.is_symlink():
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(Path(str(distributions[name].locate_file(part))))
