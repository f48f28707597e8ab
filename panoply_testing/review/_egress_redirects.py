"""What running a source whose far end redirects it says of the credentials that it takes along to another host. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Taken", "Tried", "taken_along", "tried"]

# As in: acme/source.py:41 in read.
_PLACE: Final = re.compile(r"^(?P<path>[^:]+):(?P<line>\d+)")

_ANSWERED: Final = "goes along when {request} is answered with a redirect ({status}) to another host"
_PARTS: Final = {
    "header": f"The header {{name}}{{secret}} {_ANSWERED}.",
    "query": f"The query's {{name}}{{secret}} {_ANSWERED} that keeps the query, as most do.",
    "path": f"The path's {{name}}{{secret}} {_ANSWERED} that keeps the path, as most do.",
    "body": f"The body's {{name}}{{secret}} {_ANSWERED}.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One credential that went to another host, from one place in the code.

    Attributes:
        path: relative to the project; empty where it is not known. `line`: 0 likewise.
        part: of the request. `name`: as it is called there.
        found: the finding, in a sentence.
    """

    found: str
    path: str = ""
    line: int = 0
    part: str = ""
    name: str = ""

    @property
    def header(self) -> str:
        """The name of the header that it was in; empty: it was in none."""
        return self.name if self.part == "header" else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What the runs with redirects came to.

    Attributes:
        reason: why nothing could be judged by them. Empty: something could.
        requests: how many were redirected. `followed`: how many of them the source sent on.
        kept: names of headers, in lower case, that requests with a redirect had, and that never went along.
    """

    reason: str = ""
    requests: int = 0
    followed: int = 0
    kept: frozenset[str] = field(default_factory=frozenset)
    taken: tuple[Taken, ...] = ()


def tried(told: Iterable[Mapping[str, Any]], paths: Iterable[str]) -> Tried:
    """What was told of all sources, taken together.

    Args:
        told: for each source, as `_redirect_runs` tells it.
        paths: the files of the sources.
    """
    told, paths = list(told), list(paths)
    if not told:
        return Tried(reason="the runs with redirects came to no end")
    redirected = [each for one in told for each in one["redirected"]]
    if not redirected:
        if any(one["requests"] for one in told):
            return Tried(reason="no request came a second time that could have been answered with a redirect")
        beyond = dict.fromkeys(address for one in told for address in one["unseen"])
        to = f" but past Python's sockets, to {', '.join(beyond)}," if beyond else ""
        return Tried(reason=f"in the contract's runs the source sent no HTTP request{to} that could be redirected")
    went = {each["name"].lower() for one in redirected for each in one["carried"] if each["part"] == "header"}
    had = {name for one in redirected if one["followed"] or not one["encrypted"] for name in one["headers"]}
    # Where not all could be tried, others may take it along.
    whole = all(one["whole"] for one in told)
    return Tried(
        requests=len({(each["operation"]["number"], each["operation"]["where"]) for each in redirected}),
        followed=sum(each["followed"] for each in redirected),
        kept=frozenset(had - went) if whole else frozenset(),
        taken=tuple(taken_along(redirected, paths)),
    )


def taken_along(redirected: Iterable[Mapping[str, Any]], paths: Iterable[str]) -> Iterator[Taken]:
    """Each credential that went along, once for each place that it went along from."""
    paths, seen = list(paths), set()
    for one in redirected:
        operation = one["operation"]
        place = _PLACE.match(operation["where"])
        path = _path_of(place["path"], paths) if place is not None else ""
        for each in one["carried"]:
            key = (path, each["part"], each["name"].lower())
            if key in seen:
                continue
            seen.add(key)
            found = _PARTS[each["part"]].format(
                name=each["name"] or "credential",
                secret=f" ({each['secret']})" if each["secret"] else "",
                request=operation["request"],
                status=one["status"],
            )
            yield Taken(
                found=found,
                path=path,
                line=int(place["line"]) if place is not None and path else 0,
                part=each["part"],
                name=each["name"],
            )


def _path_of(where: str, paths: Iterable[str]) -> str:
    """The file of the project that a run names from the folder on in which the source is found."""
    return next((path for path in paths if path == where or path.endswith(f"/{where}")), "")
