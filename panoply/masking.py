"""Knows which values must not be shown, and takes them out of text: as they are, and in the encodings that they take on
the way into a log line or an error message.

It neither reads nor writes anything: those who print pass their text through it.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from panoply._inner_secrets import inner_secrets, parsed_json

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

# Line breaks within a value, however they are written; also removed altogether, as in a key that is passed on in one line.
_LINE_BREAK = r"(?:\s|\\+[rn]|%(?:25)*0[ADad])*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """A place in a text where a value stands, in some encoding. Of a value of several lines it may be one line."""

    value: str = field(repr=False)
    start: int
    end: int


class Mask:
    """Replaces every occurrence of some secret values by `***`.

    An occurrence is the value as it is; percent-encoded, once or more, in either case of letters; escaped as in JSON, in
    `repr` or in HTML; in hex; in base64, also in the middle of a longer string such as `user:token`. A value of several
    lines (a private key) is found line by line too.
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        # For each value, and each line of it: the value, and what finds that part.
        self._patterns: dict[str, tuple[str, tuple[re.Pattern[str], ...]]] = {}
        self.add(values)

    def add(self, values: Iterable[str]) -> None:
        """Hide these values too, from now on; those of under 6 characters are left alone."""
        new = {
            part: (value.strip(), _patterns(part))
            for value in values
            for part in _parts(value)
            if part not in self._patterns
        }
        # A new dict: another thread may be in the middle of `apply`.
        self._patterns = {**self._patterns, **new}

    def apply(self, text: str) -> str:
        """Give `text` back without the values."""
        pieces: list[str] = []
        done = 0
        for found in self.find(text):
            if found.end <= done:
                continue
            # Where two values overlap or touch, one set of stars stands for both.
            if found.start > done or not pieces:
                pieces += [text[done : found.start], STARS]
            done = found.end
        return "".join([*pieces, text[done:]])

    def find(self, text: str) -> list[Occurrence]:
        """Where the values occur in `text`, in the order of their beginnings."""
        occurrences = [
            Occurrence(value=value, start=match.start(), end=match.end())
            for value, patterns in self._patterns.values()
            for pattern in patterns
            for match in pattern.finditer(text)
        ]
        return sorted(occurrences, key=lambda found: (found.start, found.end))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self._patterns)} values)"


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


def _parts(value: str) -> Iterator[str]:
    """The value itself, and its lines where it has several: a stream is masked line by line."""
    value = value.strip()
    if len(value) >= MIN_LENGTH:
        yield value
        for line in value.splitlines():
            # The header and footer of a PEM key are the same in every key.
            if line != value and len(line.strip()) >= MIN_LENGTH and not line.startswith("-----"):
                yield line.strip()


def _patterns(value: str) -> tuple[re.Pattern[str], ...]:
    data = value.encode("utf-8", "surrogatepass")
    # `quote` leaves letters and digits as they are; other encoders spare nothing.
    whole = "".join(map(_percent, value))
    return re.compile(_spelled(value)), re.compile("|".join([*_base64(data), f"(?i:{data.hex()})", whole]))


def _spelled(value: str) -> str:
    """A pattern for `value` in which each character may be escaped on its own.

    Which characters are escaped differs from library to library (`quote` leaves `/`, browsers leave `!`), so that a
    fixed list of encoded forms would always lack one.
    """
    return "".join(
        _LINE_BREAK if piece[0] in "\r\n" else _character(piece) for piece in re.findall(r"[\r\n]+|.", value)
    )


def _character(char: str) -> str:
    if char.isascii() and char.isalnum():
        return char
    forms = {
        re.escape(char),
        _percent(char),
        _backslashed(json.dumps(char)[1:-1]),
        _backslashed(ascii(char)[1:-1]),
        re.escape(html.escape(char)),
    }
    if ord(char) > 127:
        # As it looks in the repr of bytes.
        forms.add(_backslashed(repr(char.encode("utf-8", "surrogatepass"))[2:-1]))
    if char == " ":
        forms.add(r"\+")
    if char in "\"'\\/":
        # JSON within JSON, a repr within a repr: each level doubles the backslashes.
        forms.add(r"\\+" + re.escape(char))
    if char == "'":
        forms.add("&#(?:39|x27);")
    # Longest first: an alternative that is the beginning of another one must not win over it.
    return f"(?:{'|'.join(sorted(forms, key=lambda form: (-len(form), form)))})"


def _percent(char: str) -> str:
    """Percent-encoded: `%2F`, `%2f`, and encoded again, `%252F`."""
    octets = char.encode("utf-8", "surrogatepass")
    hexes = [part for part in quote(octets, safe="").split("%") if part] if not char.isascii() else [f"{ord(char):02X}"]
    return "".join(f"%(?:25)*(?i:{part})" for part in hexes)


def _backslashed(escaped: str) -> str:
    r"""An escape such as `\u00e9`, with its backslash doubled any number of times."""
    return re.escape(escaped).replace(r"\\", r"\\+") if escaped.startswith("\\") else re.escape(escaped)


def _base64(data: bytes) -> Iterator[str]:
    """Patterns of what base64 makes of `data`, at each of the three places where it may begin in a group of three bytes.

    A character before it that also holds bits of a neighbour is left out: it depends on that. One after it may be any.
    """
    for offset, dropped in ((0, 0), (1, 2), (2, 3)):
        padded = b"\0" * offset + data
        whole, bits_left = divmod(len(padded) * 8, 6)
        tail = "(?:[A-Za-z0-9+/_-]=*)?" if bits_left else ""
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield _spelled(encode(padded).decode("ascii")[dropped:whole]) + tail
