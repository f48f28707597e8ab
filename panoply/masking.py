"""Knows which values must not be shown, and takes them out of text: as they are, and in the encodings that they take on
the way into a log line or an error message.

It neither reads nor writes anything: those who print pass their text through it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple, Self

from panoply._inner_secrets import inner_secrets, parsed_json

if TYPE_CHECKING:
    from panoply._matching import Matcher, Place

__all__ = ["STARS", "Mask", "Occurrence", "credential_values", "credentials"]

STARS = "***"

# A shorter value occurs in ordinary text by chance: hiding `eu` or `1234` would make a log unreadable and protect nothing.
MIN_LENGTH = 6

# Keys of an object that is a credential as a whole, an SSH tunnel or an OAuth grant, whose values are none.
_NO_SECRETS = frozenset(
    {
        *("user", "username", "user_name", "login", "email", "account", "host", "hostname", "port", "active"),
        *("grant_type", "token_type", "scope", "scopes", "expires_in", "expires_at", "issued_at", "redirect_uri"),
        *("name", "type", "driver", "database", "db", "dbname", "schema", "role", "warehouse", "region", "project_id"),
        *("shop", "site", "domain", "subdomain", "api_domain", "universe_domain", "client_email"),
    }
)

# How deep texts may lie within texts that are JSON.
_DEEPEST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """A place in a text where a value stands, in some encoding; or its beginning, or, of several lines, one."""

    value: str = field(repr=False)
    start: int
    end: int


class Mask:
    """Replaces every occurrence of some secret values by `***`.

    An occurrence is whatever the test kit would report as a leak of the value: as it is, percent-encoded, escaped as in JSON,
    in `repr` or in HTML, in hex, in base64, also in the middle of a longer string such as `user:token`; two of these on top
    of each other; its beginning, from 60 % on. A value of several lines (a private key) is found line by line, too.

    Values may be added while other threads mask. Nothing is made ready before there is a text.
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        # A dict, for its order. It only grows, so that its size tells whether what was made of it is still all.
        self._values: dict[str, None] = {}
        self._ready: tuple[_Part, ...] = ()
        self.add(values)

    def add(self, values: Iterable[str]) -> None:
        """Hide these values too, from now on; those of under 6 characters are left alone."""
        for value in values:
            stripped = value.strip()
            if len(stripped) >= MIN_LENGTH:
                self._values.setdefault(stripped)

    def apply(self, text: str) -> str:
        """Give `text` back without the values."""
        stars = STARS.encode("ascii")
        while spans := _merged((place.start, place.end) for place in self._places(text)):
            data, pieces, done = _encoded(text), [], 0
            for start, end in spans:
                pieces += [data[done:start], stars]
                done = end
            text = _decoded(b"".join([*pieces, data[done:]]))
            # Once more: with its neighbours gone, what is left may be read in another way. It gets shorter each time.
        return text

    def find(self, text: str) -> list[Occurrence]:
        """Where the values occur in `text`, in the order of their beginnings; of one within another, the outer one."""
        places = self._places(text)
        if not places:
            return []
        data, values = _encoded(text), list(self._values)
        return [
            Occurrence(
                value=values[place.number],
                start=len(_decoded(data[: place.start])),
                end=len(_decoded(data[: place.end])),
            )
            for place in places
        ]

    def spans(self, text: str) -> list[tuple[int, int]]:
        """What `apply` would put stars for at first: where it begins and ends, in order, with something in between."""
        return _merged((found.start, found.end) for found in self.find(text))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to hide. A mask itself is true all the same: `mask or Mask()` must not part two users of one."""
        return not self._values

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self._values)} values)"

    def __reduce__(self) -> tuple[type[Self], tuple[tuple[str, ...]]]:
        # Copied and pickled by its values: what was made ready of them is made again.
        return type(self), (tuple(self._values),)

    def _places(self, text: str) -> list[Place]:
        if not self._values:
            return []
        ready = self._ready
        if sum(part.size for part in ready) != len(self._values):
            # Two threads may do this at once; what the later one stores is seen to lack something, if it does.
            ready = self._ready = _with_all(ready, tuple(self._values))
        data = _encoded(text)
        if len(ready) == 1:
            return ready[0].matcher.places(data)
        found, before = [], 0
        for part in ready:
            found += [replace(place, number=before + place.number) for place in part.matcher.places(data)]
            before += part.size
        return sorted(found, key=lambda place: (place.start, -place.end))


class _Part(NamedTuple):
    """What finds some of the values of a mask, `size` of them."""

    size: int
    matcher: Matcher


def _with_all(parts: tuple[_Part, ...], values: tuple[str, ...]) -> tuple[_Part, ...]:
    """What finds all values, of which `parts` find the first ones.

    Tokens may come one by one, for days. To make everything ready anew for each would take longer and longer: so the new
    ones get a part of their own, together with the parts before that are no larger.
    """
    from panoply._matching import Matcher  # noqa: PLC0415 - milliseconds, for those who have something to hide

    known = sum(part.size for part in parts)
    while parts and parts[-1].size <= len(values) - known:
        known -= parts[-1].size
        parts = parts[:-1]
    return (*parts, _Part(len(values) - known, Matcher(values[known:], shortest_line=MIN_LENGTH)))


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in the order of their beginnings, of which none overlap or touch."""
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")


def credentials(values: Mapping[str, object], is_credential: Callable[[str], bool]) -> frozenset[str]:
    """The secret values among params or options, at any depth: see `credential_values`."""
    return frozenset(value for _, value in credential_values(values, is_credential))


def credential_values(values: Mapping[str, object], is_credential: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """The secret values among params or options, at any depth, each with its path: `tunnel.privateKey`, `keys[0]`.

    Args:
        values: the params, or the options.
        is_credential: whether a key of that name holds a credential; all that lies below it is secret then, but for
            what says who or where (`user`, `host` ...). Passwords inside a URL or a DSN count whatever the key is called,
            and so do the tokens of headers, private keys, and what has such a name in a text that is JSON.
    """
    for path, secret in _walk(values, is_credential, path="", secret=False, above=()):
        if secret.strip():
            yield path, secret


def _walk(
    value: object, is_credential: Callable[[str], bool], *, path: str, secret: bool, above: tuple[int, ...]
) -> Iterator[tuple[str, str]]:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, str):
        parsed = parsed_json(value)
        if parsed is None or len(above) >= _DEEPEST:
            for what, inner in inner_secrets(value, is_credential, secret=secret):
                yield f"{path} ({what})", inner
        else:
            # Not all that a key's file holds is secret: its names say what is. A list of keys has none.
            certain = secret and isinstance(parsed, list)
            yield from _walk(parsed, is_credential, path=path, secret=certain, above=(*above, 0))
    if secret and isinstance(value, (str, int, float)) and not isinstance(value, bool):
        yield path, str(value)
    elif isinstance(value, Mapping) and id(value) not in above:
        for key, inner in value.items():
            named = isinstance(key, str) and is_credential(key)
            certain = named or (secret and str(key).lower() not in _NO_SECRETS)
            inner_path = f"{path}.{key}" if path else str(key)
            yield from _walk(inner, is_credential, path=inner_path, secret=certain, above=(*above, id(value)))
    elif isinstance(value, (list, tuple, set, frozenset)) and id(value) not in above:
        for number, inner in enumerate(value):
            inner_path = f"{path}[{number}]"
            yield from _walk(inner, is_credential, path=inner_path, secret=secret, above=(*above, id(value)))
