"""What a source hides in its log: the credentials that it was given, has announced or declared, in whatever it is told.

Which values those are is noticed here, as they change during the run; what is found of them in a text is the business of
`panoply.masking`. Nothing here asks a source anything but its `source` and `options`, as a source may call whatever it
likes `secret`, `mask` or `state`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import groupby
from typing import Any, Final

from panoply._chance import is_plain
from panoply._credential_names import names_a_credential
from panoply.masking import STARS, Mask, credential_values, credentials

__all__ = ["Hiding", "announced_credentials", "declared_credentials", "known_credentials", "masked"]

# What keeps the credentials together of which each argument of a call may hold a piece.
_JOINTS: Final = (" ", "")

# Each round masks what the one before has brought together. More than two are a text that was made for it.
_ROUNDS: Final = 4

# What a dict may hold, and no source's does: something is not seen to change that lies deeper.
_DEEPEST: Final = 50

_NOTHING: Final = object()


class Hiding:
    """The credentials of one source, as far as they are known by now.

    Attributes:
        mask: hides them.
        declared: those that the source has declared itself, in order.
    """

    def __init__(self, mask: Mask | None = None, declared: tuple[str, ...] = ()) -> None:
        self.mask = Mask() if mask is None else mask
        self.declared = declared
        # What was among `source` and `options` when they were last looked at.
        self._seen: dict[str, dict[str, object]] = {"source": {}, "options": {}}

    def declare(self, values: tuple[str, ...]) -> None:
        """Hide these, too: the source says that they are credentials."""
        self.declared += tuple(value for value in values if value not in self.declared)
        self.mask.add(values)

    def announce(self, stream: object, changes: object, given: Mapping[str, Any]) -> None:
        """Hide what `source-change` carries, too; never raises.

        Args:
            stream: the source.
            changes: what is announced.
            given: the params as they were when the source was made.
        """
        with suppress(Exception):  # it stands between a source and its platform
            self.mask.add(announced_credentials(changes, given, config_of(type(stream))))

    def hidden(self, stream: object, msgs: tuple[object, ...]) -> tuple[object, ...]:
        """What may leave of the arguments of one call of `log()`; never raises."""
        try:
            self.learn(stream)
            return masked(msgs, self.mask)
        except Exception as exc:  # noqa: BLE001 - it stands between a source and its log
            return (f"(left out, as looking through it for credentials failed: {type(exc).__name__})",)

    def learn(self, stream: object) -> None:
        """Notice what has changed in the source's `source` and `options`: a refreshed token is put there."""
        params = _news(stream, "source", self._seen["source"])
        if params:
            self.mask.add(known_credentials(params, config_of(type(stream))))
        options = _news(stream, "options", self._seen["options"])
        if options:
            # What `refresh` holds exists to obtain tokens.
            self.mask.add(credentials(options, lambda name: name == "refresh" or names_a_credential(name)))

    def __reduce__(self) -> tuple[type[Hiding], tuple[Mask, tuple[str, ...]]]:
        # A source may be copied and pickled. What is among its params will be seen again.
        return type(self), (self.mask, self.declared)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.mask!r})"


def known_credentials(params: Mapping[str, Any], config: object = None) -> frozenset[str]:
    """The credentials among a source's params: CONFIG marks them, their names or their looks say so.

    Args:
        params: what the source gets as `source`, or some of it.
        config: the module's CONFIG, however broken it is.
    """
    listed = config.get("params") if isinstance(config, Mapping) else None
    known = {
        param["name"]: param
        for param in (listed if isinstance(listed, list | tuple) else ())
        if isinstance(param, dict) and isinstance(param.get("name"), str)
    }
    marked = {name for name, param in known.items() if param.get("type") in ("password", "oauth")}
    # What is chosen from a list that CONFIG itself holds is none, whatever its name: everybody can read that list.
    chosen = {name for name in known.keys() & params.keys() - marked if _offers(known[name], params[name])}
    certain = credentials(
        {name: value for name, value in params.items() if name not in chosen},
        lambda name: name in marked or names_a_credential(name),
    )
    # Not drawn by the form: a credential, or just what the user need not see.
    hidden = {
        name: params[name]
        for name in known.keys() & params.keys() - marked - chosen
        if known[name].get("type") == "hidden" or known[name].get("hidden") is True
    }
    doubtful = credentials(hidden, hidden.__contains__) - {str(known[name].get("default")) for name in hidden}
    return certain | {value for value in doubtful if not is_plain(value)}


def _offers(param: dict[str, Any], value: object) -> bool:
    """Whether the value is one of those among which CONFIG lets choose."""
    values = param.get("values")
    if not (isinstance(values, list | tuple) and isinstance(value, str | int | float)):
        return False
    entries = (entry.get("value") if isinstance(entry, Mapping) else entry for entry in values)
    return str(value) in {str(entry) for entry in entries if isinstance(entry, str | int | float)}


def announced_credentials(changes: object, given: Mapping[str, Any], config: object = None) -> frozenset[str]:
    """The credentials among what `source-change` announces: what its names say, and what is new and no plain word.

    The event exists to carry new tokens, under names that are the source's own affair; and some announce all of their
    params.
    """
    if not isinstance(changes, Mapping):
        return frozenset()
    new = {str(key): value for key, value in tuple(changes.items()) if value != given.get(key)}
    fresh = credentials({"change": new}, "change".__eq__)
    return known_credentials(changes, config) | {value for value in fresh if not is_plain(value)}


def declared_credentials(value: object) -> tuple[tuple[str, str], ...]:
    """The credentials in what `secret()` is given, each with its path: `secret().access_token`.

    Raises:
        TypeError: it is neither text, bytes or a number, nor a dict or list of them. The value is not shown.
    """
    if isinstance(value, bytearray):
        value = bytes(value)
    if value is not None and not isinstance(
        value, str | bytes | int | float | Mapping | list | tuple | set | frozenset
    ):
        raise TypeError(
            f"secret() takes text, bytes or a number, or a dict or list of them, not {type(value).__name__}: "
            "give it the value as it is sent."
        )
    found = credential_values({"secret()": value}, lambda name: name == "secret()" or names_a_credential(name))
    return tuple({secret: path for path, secret in found}.items())


def config_of(stream_class: type) -> object:
    """The CONFIG beside a source's class: of its module, of a package around it, or of a class that it extends."""
    found: object = None
    for each in stream_class.__mro__:
        name = each.__module__
        while name and name != __package__:
            # Not `getattr`: a module may have a `__getattr__` of its own.
            config = getattr(sys.modules.get(name), "__dict__", {}).get("CONFIG")
            if isinstance(config, Mapping) and "params" in config:
                return config
            found = config if found is None else found
            name = name.rpartition(".")[0]
    return found


def _news(stream: object, kind: str, seen: dict[str, object]) -> dict[str, Any]:
    """What of a source's params or options differs from what was seen last; it is seen by that."""
    news: dict[str, Any] = {}
    values: object = None
    with suppress(Exception):  # there is none before `super().__init__`, and it may be a property
        values = getattr(stream, kind)
    if not isinstance(values, Mapping):
        return news
    for key, value in tuple(values.items()):
        known = seen.get(key, _NOTHING)
        copied: object = _NOTHING
        with suppress(Exception):  # an array compares to an array, and a dict may hold itself
            if known is not _NOTHING and bool(known == value):
                continue
            copied = _copied(value)
        # A copy, as what lies within may change; and before it is looked through, so that no change is missed.
        seen[key] = copied
        news[key] = value if copied is _NOTHING else copied
    return news


def _copied(value: object, depth: int = 0) -> object:
    if depth > _DEEPEST:
        raise RecursionError
    if isinstance(value, Mapping):
        return {key: _copied(inner, depth + 1) for key, inner in tuple(value.items())}
    if isinstance(value, list):
        return [_copied(inner, depth + 1) for inner in value]
    if isinstance(value, tuple):
        return tuple(_copied(inner, depth + 1) for inner in value)
    return set(value) if isinstance(value, set) else value


# ---------------------------------------------------------------------- the arguments of one call


def masked(msgs: tuple[object, ...], mask: Mask) -> tuple[object, ...]:
    """The arguments of one call without what the mask hides, neither each nor all together.

    They may be joined with blanks or with nothing, or printed as the tuple that they are: a credential in pieces is one.
    What holds nothing of a credential stays the object that it is.
    """
    if mask.is_empty:
        return msgs
    left = msgs
    for _ in range(_ROUNDS):
        if not _shows(left, mask):
            return left
        left = tuple(_masked(msg, mask) for msg in _masked_together(left, mask))
    return (_masked(" ".join(map(_text, left)), mask),)


def _shows(msgs: tuple[object, ...], mask: Mask) -> bool:
    return any(map(mask.find, _renderings(msgs)))


def _renderings(msgs: tuple[object, ...]) -> Iterator[str]:
    texts = list(map(_text, msgs))
    yield from (joint.join(texts) for joint in _JOINTS[: len(texts)])
    for msg in msgs:
        if isinstance(msg, str):
            # Where it is escaped, less of it may be left to be a beginning that counts.
            printed = repr(msg)
            if printed[1:-1] != msg:
                yield printed
        elif not isinstance(msg, int | float | None):
            yield _printed(msg, repr)


def _masked(msg: object, mask: Mask) -> object:
    """One argument by itself."""
    if not _shows((msg,), mask):
        return msg
    # Not what bytes hold, but what a log would show of them.
    text = mask.apply(msg if isinstance(msg, str) else _printed(msg, str))
    return text if not _shows((text,), mask) else STARS


def _masked_together(msgs: tuple[object, ...], mask: Mask) -> Iterator[object]:
    """Each argument without its part of what stands in all of them together."""
    texts = list(map(_text, msgs))
    # Of all ways to join them at once: what one hides may be what tells another where a credential begins.
    places = [(joint, mask.spans(joint.join(texts))) for joint in _JOINTS]
    begin = 0
    for number, (msg, text) in enumerate(zip(msgs, texts, strict=True)):
        hidden = bytearray(len(text))
        for joint, spans in places:
            first = begin + number * len(joint)
            for start, end in spans:
                within = range(max(0, start - first), min(len(text), end - first))
                hidden[within.start : within.start + len(within)] = b"*" * len(within)
        yield _starred(text, hidden) if any(hidden) else msg
        begin += len(text)


def _starred(text: str, hidden: bytearray) -> str:
    """A text with stars for each run of characters that are hidden."""
    return "".join(
        STARS if is_hidden else "".join(char for char, _ in run)
        for is_hidden, run in groupby(zip(text, hidden, strict=True), key=lambda each: bool(each[1]))
    )


def _text(msg: object) -> str:
    """An argument as text; bytes as the text that they hold."""
    if isinstance(msg, bytes | bytearray):
        return bytes(msg).decode("utf-8", "replace")
    return msg if isinstance(msg, str) else _printed(msg, str)


def _printed(value: object, write: Callable[[object], str]) -> str:
    try:
        return write(value)
    except Exception as exc:  # noqa: BLE001 - foreign code
        return f"<a {type(value).__name__} whose {write.__name__}() raises {type(exc).__name__}>"
