"""Which values are credentials, and where they occur in a text, in any of the encodings they may have taken on.

Pure: nothing here listens to anything. Every text that leaves this module shows at most the first two and the last two
characters of a credential.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, unquote_plus

from panoply.config import names_a_credential
from panoply.masking import MIN_LENGTH, Mask, Occurrence, credential_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Credentials", "Found", "Secret", "credentials_among", "named_secrets"]

# Values that stand for themselves in any text. A credential that is one of them cannot be told from the word.
EVERYDAY_WORDS: Final = frozenset(
    [
        "access",
        "account",
        "active",
        "apikey",
        "api_key",
        "bearer",
        "certificate",
        "changeme",
        "client",
        "client_credentials",
        "client_id",
        "credential",
        "credentials",
        "default",
        "disabled",
        "enabled",
        "example",
        "localhost",
        "oauth2",
        "offline",
        "online",
        "options",
        "passphrase",
        "password",
        "private",
        "private_key",
        "public",
        "refresh",
        "refresh_token",
        "scheme",
        "secret",
        "service",
        "source",
        "string",
        "system",
        "test",
        "testing",
        "token",
        "unknown",
        "user",
        "username",
        "value",
        "version",
    ]
)

# The characters around an occurrence that an excerpt shows.
CONTEXT: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """One credential: what a report calls it, and its value, which no report shows."""

    label: str
    value: str = field(repr=False)

    @property
    def masked(self) -> str:
        """The value as a report may show it."""
        return f"{self.value[:2]}***{self.value[-2:]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A credential in a text: its label, the encoding it has there, and what surrounds it, masked."""

    secret: str
    encoding: str
    excerpt: str


def credentials_among(
    params: Mapping[str, Any], options: Mapping[str, Any], marked: Iterable[str] = ()
) -> tuple[Secret, ...]:
    """The credentials among a source's params and options, each value once.

    Args:
        params: what the source gets as `source`.
        options: what it gets as `options`; all that `refresh` holds counts, and what the names say.
        marked: names of the params that CONFIG marks as a credential.
    """
    found: dict[str, Secret] = {}
    for kind, values, certain in (("param", params, frozenset(marked)), ("option", options, frozenset({"refresh"}))):
        for path, value in credential_values(values, partial(_is_credential, certain)):
            found.setdefault(value, Secret(label=f"{kind} {path}", value=value))
    return tuple(found.values())


def named_secrets(given: object) -> tuple[Secret, ...]:
    """What the fixture `panoply_secrets` names: a dict of names and values, or the values alone.

    Raises:
        TypeError: it is neither; the message says what it should be.
    """
    if isinstance(given, Mapping):
        pairs = [(f"secret {name}", value) for name, value in given.items()]
    elif isinstance(given, list | tuple | set | frozenset):
        pairs = [(f"secret {number}", value) for number, value in enumerate(given, 1)]
    else:
        raise TypeError(
            f"The fixture panoply_secrets gives a {type(given).__name__}; it has to give a dict: name and value."
        )
    for label, value in pairs:
        if not isinstance(value, str):
            raise TypeError(
                f"The fixture panoply_secrets gives a {type(value).__name__} as {label}; it has to be text."
            )
    return tuple(Secret(label=label, value=value) for label, value in pairs)


def _is_credential(certain: frozenset[str], name: str) -> bool:
    return name in certain or names_a_credential(name)


class Credentials:
    """Finds a set of credentials in texts, and masks them."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        self._secrets: dict[str, Secret] = {}
        self._mask = Mask()
        self.not_searched: tuple[str, ...] = ()
        for secret in secrets:
            self.add(secret)

    def __repr__(self) -> str:
        return f"Credentials({', '.join(secret.label for secret in self.secrets)})"

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Those that are looked for."""
        return tuple(self._secrets.values())

    def add(self, secret: Secret) -> None:
        """Look for this one too, from now on; one that would be found by chance is noted instead."""
        value = secret.value.strip()
        if value in self._secrets:
            return
        if len(value) < MIN_LENGTH:
            self.not_searched += (f"{secret.label}: shorter than {MIN_LENGTH} characters",)
        elif value.lower() in EVERYDAY_WORDS:
            self.not_searched += (f"{secret.label}: an everyday word, which occurs in any text",)
        else:
            self._secrets[value] = secret
            self._mask.add([value])

    def find(self, text: str) -> tuple[Found, ...]:
        """Where credentials occur in `text`: the first place of each secret and encoding."""
        occurrences = self._mask.find(text)
        found: dict[tuple[str, str], Found] = {}
        for each in occurrences:
            secret = self._secrets[each.value]
            encoding = _encoding(text[each.start : each.end], each.value)
            if (secret.label, encoding) not in found:
                excerpt = self._excerpt(text, each, occurrences)
                found[secret.label, encoding] = Found(secret=secret.label, encoding=encoding, excerpt=excerpt)
        return tuple(found.values())

    def mask(self, text: str) -> str:
        """The text with every credential in it masked."""
        return self._masked(text, self._mask.find(text), 0, len(text))

    def _masked(self, text: str, occurrences: Iterable[Occurrence], start: int, end: int) -> str:
        pieces: list[str] = []
        done = start
        for each in occurrences:
            if each.end > done and each.start < end:
                # Where two overlap, the first one's mask stands for both.
                if each.start >= done:
                    pieces += [text[done : each.start], self._secrets[each.value].masked]
                done = each.end
        return "".join([*pieces, text[done:end]])

    def _excerpt(self, text: str, occurrence: Occurrence, occurrences: Iterable[Occurrence]) -> str:
        """What surrounds an occurrence, on one line, with every credential in it masked."""
        start, end = max(0, occurrence.start - CONTEXT), min(len(text), occurrence.end + CONTEXT)
        return " ".join(self._masked(text, occurrences, start, end).split())


# How an encoding is told: what was found gives back the value when this is applied to it.
DECODERS: Final[tuple[tuple[str, Callable[[str], str]], ...]] = (
    ("as is", str),
    ("percent-encoded", unquote),
    ("percent-encoded", unquote_plus),
    ("percent-encoded twice", lambda text: unquote(unquote(text))),
    ("percent-encoded twice", lambda text: unquote_plus(unquote_plus(text))),
    ("in hex", lambda text: bytes.fromhex(text).decode()),
    ("in base64", lambda text: base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_").decode()),
)


def _encoding(found: str, value: str) -> str:
    for name, decode in DECODERS:
        try:
            if decode(found) == value:
                return name
        except (ValueError, binascii.Error):
            continue
    if found in value:
        return "one of its lines"
    return "escaped, or as part of something encoded"
