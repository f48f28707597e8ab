"""Which values are credentials, and where they occur in a text, in any of the encodings they may have taken on.

Pure: nothing here listens to anything. Every text that leaves this module shows at most the first two and the last two
characters of a credential.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from panoply._chance import EVERYDAY_WORDS, is_plain
from panoply._escapes import as_bytes
from panoply._inner_secrets import is_address
from panoply._matching import Matcher
from panoply.config import names_a_credential
from panoply.masking import MIN_LENGTH, credential_values
from panoply_testing._wording import in_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from panoply._matching import Place

__all__ = ["Credentials", "Found", "Marks", "Secret", "credentials_among", "join_arguments", "secrets_named"]

# What parts the names of a path: tunnel.privateKey, keys[0], url (the password in it).
_NAMES: Final = re.compile(r"[.\[]| \(")

# Names of what is an address, and secret only in so far as there is a password in it.
# The address of a webhook, or one that is signed, is a secret as a whole.
_ADDRESS_NAME: Final = re.compile(
    r"(?i)^(?!.*(?:hook|signed)).*(?:ur[li]|endpoint|dsn|conn(?:ection)?_?-?(?:str(?:ing)?)?|host|server)$"
)

# The characters around an occurrence that an excerpt shows.
CONTEXT: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """One credential: what a report calls it, and its value, which no report shows.

    Attributes:
        doubt: why it is not looked for, though it may be one; empty: it is.
    """

    label: str
    value: str = field(repr=False)
    doubt: str = ""

    @property
    def masked(self) -> str:
        """The value as a report may show it."""
        return f"{self.value[:2]}***{self.value[-2:]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What CONFIG says of the params.

    Attributes:
        masked: those whose type is password or oauth: what they hold is a credential.
        hidden: those that the form does not draw: a credential, or just what the user need not see. By its name or its
            looks it is to be told.
        chosen: the values among which CONFIG lets choose. `defaults`: those that it fills in. Everybody can read either.
    """

    masked: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    chosen: Mapping[str, frozenset[str]] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A credential in a text: its label, the encoding it has there, and what surrounds it, masked.

    Attributes:
        line: the number of the line in which it begins, from 0.
    """

    secret: str
    encoding: str
    excerpt: str
    line: int = 0


def credentials_among(
    params: Mapping[str, Any], options: Mapping[str, Any], marks: Marks | None = None
) -> tuple[Secret, ...]:
    """The credentials among a source's params and options, each value once.

    Args:
        params: what the source gets as `source`.
        options: what it gets as `options`; all that `refresh` holds counts, and what the names say.
        marks: what CONFIG says of the params, where it is known.
    """
    found: dict[str, Secret] = {}
    marks = marks or Marks()
    marked = marks.masked | marks.hidden
    for kind, values, named in (("param", params, marked), ("option", options, frozenset({"refresh"}))):
        those = list(credential_values(values, partial(_is_credential, named)))
        with_inner = {path.rpartition(" (")[0] for path, _ in those if path.endswith(")")}
        for path, value in those:
            top, last = _NAMES.split(path)[0], _NAMES.split(path.rstrip("]0123456789["))[-1]
            certain = kind == "param" and path == top and top in marks.masked
            if not certain and is_address(value) and (path in with_inner or _ADDRESS_NAME.search(last)):
                continue
            doubt = ""
            if kind == "param" and top not in marks.masked:
                if value in marks.chosen.get(top, ()):
                    continue
                if top in marks.hidden and not (names_a_credential(top) or names_a_credential(last)):
                    doubt = _doubt(value, marks.defaults.get(top))
            known = found.get(value)
            if known is None or (known.doubt and not doubt):
                found[value] = Secret(label=f"{kind} {path}", value=value, doubt=doubt)
    return tuple(found.values())


def _doubt(value: str, default: str | None) -> str:
    """Why a value that is hidden or announced, of whose kind its name says nothing, may be no credential; empty: it is one."""
    if value == default:
        return "hidden, and CONFIG itself says what it is"
    if is_plain(value):
        return "no name says that it is a credential, and it is as plain as what occurs in any text"
    return ""


def secrets_named(given: object) -> tuple[Secret, ...]:
    """The credentials that a project names by itself: a dict of values by name, or values alone, each value once.

    Args:
        given: a dict, whose values may be dicts and lists again, or a list or any other collection; one value by itself is
            a collection of one. Values are text, bytes or numbers; None stands for one that is not there.

    Raises:
        TypeError: it holds something else. No value is shown.
    """
    found: dict[str, Secret] = {}
    for path, value in _flat(given, "panoply_secrets"):
        if value.strip():
            found.setdefault(value, Secret(label=path, value=value))
    return tuple(found.values())


def _flat(given: object, path: str) -> Iterator[tuple[str, str]]:
    if given is None:
        return
    if isinstance(given, str):
        yield path, given
    elif isinstance(given, bytes | bytearray):
        yield path, bytes(given).decode("utf-8", "replace")
    elif isinstance(given, int | float) and not isinstance(given, bool):
        yield path, str(given)
    elif isinstance(given, Mapping):
        for name, value in given.items():
            yield from _flat(value, f"{path}[{name!r}]")
    elif isinstance(given, Iterable):
        for number, value in enumerate(given):
            yield from _flat(value, f"{path}[{number}]")
    else:
        raise TypeError(
            f"{path} is of type {type(given).__name__}. A secret is text, bytes or a number; give a dict of them by name, "
            "or a list."
        )


def join_arguments(arguments: Iterable[object]) -> tuple[str, ...]:
    """The texts to look through for one call: its arguments joined with blanks, and, if there are several, with nothing.

    So that a credential is found that was handed over in pieces. Bytes are taken as the text that they hold.
    """
    texts = [_as_text(argument) for argument in arguments]
    return (" ".join(texts), "".join(texts)) if len(texts) > 1 else tuple(texts)


def _as_text(argument: object) -> str:
    if isinstance(argument, bytes | bytearray):
        return bytes(argument).decode("utf-8", "replace")
    return str(argument)


def _is_credential(certain: frozenset[str], name: str) -> bool:
    return name in certain or names_a_credential(name)


class Credentials:
    """Finds a set of credentials in texts, and masks them."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self._secrets: dict[str, Secret] = {}
        self._ready: tuple[Matcher, tuple[Secret, ...]] | None = None
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
            self._leave_out(f"{secret.label}: shorter than {MIN_LENGTH} characters")
        elif secret.doubt:
            self._leave_out(f"{secret.label}: {secret.doubt}")
        elif value.lower() in EVERYDAY_WORDS:
            self._leave_out(f"{secret.label}: an everyday word, which occurs in any text")
        else:
            # A new dict: another thread may be about to look through a text.
            self._secrets = {**self._secrets, value: secret}
            self._ready = None

    def _leave_out(self, reason: str) -> None:
        if reason not in self.not_searched:
            self.not_searched += (reason,)

    def find(self, text: str) -> tuple[Found, ...]:
        """Where credentials occur in `text`: the first place of each secret and encoding."""
        data, places, secrets = self._places(text)
        if not places:
            return ()
        found: dict[tuple[str, str], Found] = {}
        for place in places:
            label, encoding = secrets[place.number].label, in_words(place)
            if (label, encoding) not in found:
                excerpt = _excerpt(data, place, places, secrets)
                line = data.count(b"\n", 0, place.start)
                found[label, encoding] = Found(secret=label, encoding=encoding, excerpt=excerpt, line=line)
        return tuple(found.values())

    def mask(self, text: str) -> str:
        """The text with every credential in it masked, in whatever encoding `find` finds it."""
        data, places, secrets = self._places(text)
        return _masked(data, places, secrets, 0, len(data)) if places else text

    def _places(self, text: str) -> tuple[bytes, list[Place], tuple[Secret, ...]]:
        """The text as bytes, and what is where in it."""
        ready = self._ready
        if ready is None:
            if not self._secrets:
                return b"", [], ()
            # Made when it is needed: of secrets that come one by one, most are not looked for before the next one comes.
            known = self._secrets
            ready = self._ready = Matcher(known), tuple(known.values())
        data = text.encode("utf-8", "surrogatepass")
        return data, ready[0].places(data), ready[1]


def _masked(data: bytes, places: Iterable[Place], secrets: Sequence[Secret], start: int, end: int) -> str:
    pieces: list[bytes | str] = []
    done = start
    for place in places:
        if place.end > done and place.start < end:
            # Where two overlap, the first one's mask stands for both.
            if place.start >= done or not pieces:
                pieces += [data[done : place.start], secrets[place.number].masked]
            done = place.end
    pieces.append(data[done:end])
    return "".join(piece if isinstance(piece, str) else piece.decode("utf-8", "surrogatepass") for piece in pieces)


def _excerpt(data: bytes, place: Place, places: Iterable[Place], secrets: Sequence[Secret]) -> str:
    """What surrounds a place, on one line, with every credential in it masked; what is left out at an end leaves dots."""
    start, end = _characters_before(data, place.start), _characters_after(data, place.end)
    text = " ".join(_masked(data, places, secrets, start, end).split())
    return f"{'...' if start else ''}{text}{'...' if end < len(data) else ''}"


def _characters_before(data: bytes, end: int) -> int:
    """Where the characters begin that are shown before `end`."""
    before = data[max(0, end - 4 * CONTEXT) : end].decode("utf-8", "ignore")[-CONTEXT:]
    return end - len(as_bytes(before))


def _characters_after(data: bytes, start: int) -> int:
    after = data[start : start + 4 * CONTEXT].decode("utf-8", "ignore")[:CONTEXT]
    return start + len(as_bytes(after))
