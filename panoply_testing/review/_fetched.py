"""What a project declares, fetched from the package index into a folder of its own: as if it were installed on a new machine."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from panoply.constants import PKGNAME
from panoply_testing.review._declared import declared_of, listed_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from panoply_testing.review._site import Site

__all__ = ["Fetched", "fetched_of"]

# Seconds. A hundred libraries take one minute from an index that is near.
_LIMIT: Final = 600

# What a review itself runs there. The SDK is the one that makes the review.
_OWN: Final = ("build", "coverage")
_EXTRAS: Final = ("", "testing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What was fetched.

    Attributes:
        folder: where it is. None: nothing was asked for, or it failed.
        problem: why it failed.
    """

    folder: Path | None = None
    problem: str = ""


def fetched_of(site: Site) -> Fetched:
    """Fetch what the project, its tests and its build need, where that is asked for.

    Only wheels are: nothing of what is fetched is run by that.
    """
    if not site.installs:
        return Fetched()
    if find_spec("pip") is None:
        return Fetched(problem="pip, which would fetch it, is not installed")
    declared, folder = site.fact(declared_of), site.scratch / "fetched"
    own = {canonicalize_name(PKGNAME), canonicalize_name(site.project.name)}
    wanted = [
        str(each)
        for each in (*declared.run, *declared.optional, *declared.test, *declared.build, *site.fact(listed_of))
        if canonicalize_name(each.name) not in own and not each.url
    ]
    words = [
        *(sys.executable, "-m", "pip", "install", "--target", str(folder), "--only-binary", ":all:", "--quiet"),
        *("--no-input", "--no-color", "--no-compile", "--disable-pip-version-check", "--no-warn-conflicts"),
    ]
    listed = site.scratch / "fetched.txt"
    listed.write_text("\n".join((*wanted, *_OWN, *_of_the_sdk())), encoding="utf-8")
    try:
        done = subprocess.run(  # noqa: S603 - pip of this environment
            [*words, "--requirement", str(listed)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_LIMIT,
            check=False,
            encoding="utf-8",
            errors="replace",
        )
    except subprocess.TimeoutExpired:
        return Fetched(problem=f"pip did not end within {_LIMIT} seconds")
    if done.returncode:
        return Fetched(problem=_reason(done.stdout))
    return Fetched(folder=folder)


def _of_the_sdk() -> Iterator[str]:
    """What the SDK and the test kit need."""
    try:
        texts = distribution(PKGNAME).requires or ()
    except PackageNotFoundError:
        return
    for text in texts:
        try:
            need = Requirement(text)
        except InvalidRequirement:
            continue
        if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in _EXTRAS):
            need.marker = None
            yield str(need)


def _reason(said: str) -> str:
    """What pip gave as its reason: the last error that it tells."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    told = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return (told[0] if told else lines[-1] if lines else "pip gave no reason")[:300]
