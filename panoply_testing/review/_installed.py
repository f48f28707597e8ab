"""The distributions that are installed here: what they are imported by, what they need, and under which licence they come."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions, packages_distributions
from typing import TYPE_CHECKING, Any, Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from panoply.constants import PKGNAME
from panoply_testing.review._fetched import fetched_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from panoply_testing.review._site import Site

__all__ = [
    "Library",
    "applies",
    "closure",
    "distributions_of",
    "installed",
    "installed_of",
    "installed_paths",
    "owners_of",
    "size_of",
    "sizes_of",
]

# What distributions are imported by, where that is not their name: for those that are not installed here.
_IMPORTED_BY: Final = {
    "bs4": "beautifulsoup4",
    "Crypto": "pycryptodome",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "jose": "python-jose",
    "jwt": "pyjwt",
    "magic": "python-magic",
    "MySQLdb": "mysqlclient",
    "OpenSSL": "pyopenssl",
    "PIL": "pillow",
    "psycopg2": "psycopg2-binary",
    "yaml": "pyyaml",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """One distribution.

    Attributes:
        name: in its canonical form.
        modules: the top-level names that it is imported by.
        needs: what it asks for, as written, also for its extras.
        licence: what it says of itself; empty: nothing.
    """

    name: str
    version: str = ""
    modules: frozenset[str] = frozenset()
    needs: tuple[Requirement, ...] = ()
    licence: str = ""


def distributions_of(site: Site) -> Mapping[str, Distribution]:
    """What is installed here, or was fetched for this review, by canonical name."""
    here = _by_name(distributions())
    folder = site.fact(fetched_of).folder
    if folder is None:
        return here
    sdk = canonicalize_name(PKGNAME)
    return _by_name(distributions(path=[str(folder)])) | {name: here[name] for name in (sdk,) if name in here}


def _by_name(every: Iterable[Distribution]) -> dict[str, Distribution]:
    found: dict[str, Distribution] = {}
    for each in every:
        metadata: Any = each.metadata
        if metadata is not None and metadata["Name"]:
            # The first one on the path is the one that is imported.
            found.setdefault(canonicalize_name(metadata["Name"]), each)
    return found


def installed_of(site: Site) -> Mapping[str, Library]:
    """What is known of it."""
    found = site.fact(distributions_of)
    return installed(found.values(), _owners(found) if site.fact(fetched_of).folder else packages_distributions())


def _owners(found: Mapping[str, Distribution]) -> dict[str, list[str]]:
    """The names that these distributions are imported by, each with those that have it: what Python tells of what is installed."""
    owners: dict[str, list[str]] = {}
    for name, each in found.items():
        for top in {path.partition("/")[0] for path in installed_paths(each)}:
            module = top.partition(".")[0] if top.endswith((".py", ".so", ".pyd")) else top
            if module.isidentifier():
                owners.setdefault(module, []).append(name)
    if PKGNAME in packages_distributions().get("panoply", ()):
        owners.setdefault("panoply", []).append(PKGNAME)
        owners.setdefault("panoply_testing", []).append(PKGNAME)
    return owners


def installed(found: Iterable[Distribution], modules: Mapping[str, list[str]]) -> Mapping[str, Library]:
    """These distributions; `modules` says for each importable name whose it is."""
    tops: dict[str, set[str]] = {}
    for module, names in modules.items():
        for name in names:
            tops.setdefault(canonicalize_name(name), set()).add(module)
    libraries: dict[str, Library] = {}
    for each in found:
        metadata: Any = each.metadata
        if metadata is None or not metadata["Name"]:
            continue
        name = canonicalize_name(metadata["Name"])
        # The first one on the path is the one that is imported.
        libraries.setdefault(
            name,
            Library(
                name=name,
                version=each.version,
                modules=frozenset(tops.get(name, ())),
                needs=tuple(_requirements(each.requires or ())),
                licence=_licence(metadata),
            ),
        )
    return libraries


def _requirements(texts: Iterable[str]) -> Iterable[Requirement]:
    for text in texts:
        try:
            yield Requirement(text)
        except InvalidRequirement:
            continue


def _licence(metadata: Any) -> str:
    expression = metadata.get("License-Expression")
    if expression:
        return str(expression)
    classified = [
        text.rpartition(" :: ")[2] for text in metadata.get_all("Classifier") or () if text.startswith("License :: ")
    ]
    classified = [text for text in classified if text != "OSI Approved"]
    if classified:
        # More than one: whoever uses it may choose, as a rule.
        return " OR ".join(classified)
    lines = str(metadata.get("License") or "").strip().splitlines()
    return lines[0][:100] if lines and lines[0].strip().upper() != "UNKNOWN" else ""


def closure(wanted: Iterable[Requirement], libraries: Mapping[str, Library]) -> dict[str, str]:
    """All that some requirements bring along, themselves included, each by its canonical name with the one that asked first.

    What is not installed is left out, and so is what other systems need.
    """
    found: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(each, canonicalize_name(each.name)) for each in wanted if applies(each, "")]
    while waiting:
        each, first = waiting.pop(0)
        name = canonicalize_name(each.name)
        if name not in libraries:
            continue
        found.setdefault(name, first)
        for extra in {"", *each.extras}:
            if (name, extra) not in seen:
                seen.add((name, extra))
                waiting += [(need, first) for need in libraries[name].needs if applies(need, extra)]
    return found


def applies(need: Requirement, extra: str = "") -> bool:
    """Whether something is needed on this system, and by this extra of whoever asks for it."""
    return need.marker is None or need.marker.evaluate({"extra": extra})


def installed_paths(distribution: Distribution) -> tuple[str, ...]:
    """The files that it has installed, relative to the folder of packages; its scripts, which are elsewhere, are left out."""
    # `files` makes an object of each and looks whether it is there, which takes longer than all the rest.
    record = distribution.read_text("RECORD")
    found = (
        [row[0] for row in csv.reader(record.splitlines()) if row]
        if record
        else [each.as_posix() for each in distribution.files or ()]
    )
    return tuple(
        path for path in found if not path.startswith(("/", "__pycache__/")) and ".." not in path.split("/") and path
    )


def size_of(distribution: Distribution) -> int | None:
    """The bytes of the files of a library, as its installer has written them down. None: it has not."""
    if '"editable": true' in (distribution.read_text("direct_url.json") or ""):
        # Its files are elsewhere.
        return None
    sizes = [row[-1] for row in csv.reader((distribution.read_text("RECORD") or "").splitlines()) if row]
    return sum(int(each) for each in sizes if each.isdigit()) or None


def sizes_of(site: Site) -> Mapping[str, int]:
    """The bytes of each library that is installed here, as far as anybody knows."""
    sizes = {name: size_of(each) for name, each in site.fact(distributions_of).items()}
    return {name: size for name, size in sizes.items() if size is not None}


def owners_of(module: str, libraries: Mapping[str, Library]) -> frozenset[str]:
    """The distributions, by canonical name, that a module may belong to."""
    top = module.partition(".")[0]
    found = frozenset(name for name, library in libraries.items() if top in library.modules)
    guesses = {canonicalize_name(_IMPORTED_BY.get(top, top))}
    parts = module.split(".")
    # google.cloud.storage is google-cloud-storage.
    guesses |= {canonicalize_name("-".join(parts[:length])) for length in range(2, len(parts) + 1)}
    precise = found & guesses
    return precise or found or frozenset(guesses)
