"""Draws CONFIGs, as published sources have them: every type of param, choices by lists and by functions, dependencies."""

from __future__ import annotations

import base64
import functools
import string
import struct
import zlib
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from panoply._credential_params import WIDGET_TYPES
from panoply.config import names_a_credential
from panoply_testing._drawn_text import credentials, identifiers, typed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

__all__ = ["TYPES", "configs"]

Draw = Any

# None stands for a param that names no type.
TYPES: Final[tuple[str | None, ...]] = (
    *(None, "", "string", "text", "number", "password", "list", "dynamic-list", "select", "oauth", "hidden"),
    *sorted(WIDGET_TYPES),
)

_LISTS: Final = frozenset({"list", "dynamic-list", "select"})
_OAUTH_URLS: Final = ("oauthAuthorizeURL", "oauthAccessURL", "oauthRefreshURL")
_WORDS: Final = typed(max_size=20)
_MARKDOWN: Final = st.sampled_from(["", "**Bold**", "[Learn more](https://example.com/docs)", "two  \nlines", "`code`"])
_JSON: Final[st.SearchStrategy[Any]] = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.floats(-1, 1) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
_URLS: Final = st.builds(
    "{}://{}.example/{}".format,
    st.sampled_from(["https", "HTTPS"]),
    st.text(string.ascii_lowercase, min_size=1, max_size=8),
    st.builds("{}{}".format, st.text(f"{string.ascii_lowercase}/", max_size=8), st.sampled_from(["", "?a=1"])),
)


def configs(*, types: Collection[str] = (), tidy: bool = False) -> st.SearchStrategy[dict[str, Any]]:
    """A CONFIG without an error, as one would write it: a fresh dict each time, which is the test's to change.

    Args:
        types: there is at least one param of each of these types.
        tidy: whether it gives no cause for a warning either. Otherwise it may: keys that nobody knows, no icon, a dependency
            on a param further down ...

    Raises:
        ValueError: there is no such type.
    """
    for kind in types:
        if kind not in TYPES:
            raise ValueError(f"There is no type of param {kind!r}: there are {', '.join(filter(None, TYPES))}.")
    return _config(tuple(types), tidy=tidy)


@st.composite
def _config(draw: Draw, types: tuple[str, ...], *, tidy: bool) -> dict[str, Any]:
    others = st.lists(st.sampled_from(TYPES), max_size=4)
    kinds = draw(st.permutations([*types, *draw(others)]))
    names = draw(st.lists(identifiers(), min_size=len(kinds), max_size=len(kinds), unique=True))
    params: list[dict[str, Any]] = []
    for name, kind in zip(names, kinds, strict=True):
        params.append(_param(draw, name, kind, [param["name"] for param in params], tidy=tidy))
    if not tidy and draw(st.booleans()):
        params = draw(st.permutations(params))
    config: dict[str, Any] = {"title": draw(_WORDS), "params": params}
    config |= draw(
        st.fixed_dictionaries(
            _RECOMMENDED if tidy else {}, optional={**({} if tidy else _RECOMMENDED | _UNTIDY), **_FREE}
        )
    )
    if params and draw(st.booleans()):
        config["hostProperty"] = draw(st.sampled_from(names))
    if not params and not tidy and draw(st.booleans()):
        config["params"] = {}  # as the README of SDK 1.x begins
    return config


def _param(draw: Draw, name: str, kind: str | None, above: list[str], *, tidy: bool) -> dict[str, Any]:
    # In clear, a credential is one that the form does not mask.
    if tidy and kind not in ("password", "oauth", "hidden") and names_a_credential(name):
        kind = "password"
    param: dict[str, Any] = {"name": name, **({} if kind is None else {"type": kind})}
    if draw(st.booleans()) or (tidy and kind != "hidden"):
        param["title"] = draw(_WORDS)
    param |= draw(st.fixed_dictionaries({}, optional=_OF_PARAMS if tidy else _OF_PARAMS | _UNTIDY_OF_PARAMS))
    if kind == "oauth":
        param |= {key: draw(_URLS) for key in _OAUTH_URLS}
    if kind in _LISTS and (tidy or draw(st.integers(0, 5))):
        param["values"] = _values(draw, tidy=tidy)
    if draw(st.booleans()):
        default = _default(draw, kind, param.get("values"))
        if default is not None:
            param["default"] = default
    if above and draw(st.booleans()):
        param["dependencies"] = draw(st.lists(st.sampled_from(above), max_size=3, unique=True))
    return param


def _values(draw: Draw, *, tidy: bool) -> Any:
    least = 1 if tidy or draw(st.integers(0, 5)) else 0
    texts = draw(st.lists(_WORDS, min_size=least, max_size=5, unique=True))
    choices = [draw(st.just(text) | _entries(text, texts)) for text in texts]
    if draw(st.booleans()):
        return choices
    return draw(st.sampled_from(_FUNCTIONS))(choices)


def _entries(text: str, all_of_them: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    """An entry with this value, which may ask for others."""
    return st.fixed_dictionaries(
        {"value": st.just(text)},
        optional={
            "name": _WORDS,
            "disabled": st.booleans(),
            "requires": st.sampled_from(all_of_them).map(lambda one: [one]),
        },
    )


def _default(draw: Draw, kind: str | None, values: Any) -> Any:
    """What the form begins with, as the user would give it; None: nothing."""
    if kind == "number":
        return draw(st.integers(-10, 100_000) | st.floats(-1, 1))
    if kind == "password":
        return draw(credentials())
    if kind in (None, "", "string", "text"):
        return draw(_WORDS)
    if kind in _LISTS and isinstance(values, list) and values:
        chosen = draw(st.sampled_from(values))
        value = chosen["value"] if isinstance(chosen, dict) else chosen
        shaped = {"name": value, "value": value} if isinstance(chosen, dict) and draw(st.booleans()) else value
        return shaped if kind == "select" else [shaped]
    return None


# ---------------------------------------------------------------------- functions that give values


def _of_source(choices: list[Any]) -> Callable[..., Any]:
    def get_choices(source: dict[str, Any]) -> list[Any]:  # noqa: ARG001 - the shape of a published source's
        return choices

    return get_choices


def _of_both(choices: list[Any]) -> Callable[..., Any]:
    def get_choices(source: dict[str, Any], options: dict[str, Any]) -> list[Any]:  # noqa: ARG001 - likewise
        return choices

    return get_choices


def _of_anything(choices: list[Any]) -> Callable[..., Any]:
    def get_choices(source: dict[str, Any], *args: Any, **kwargs: Any) -> list[Any]:  # noqa: ARG001 - likewise
        return choices

    return get_choices


def _asynchronous(choices: list[Any]) -> Callable[..., Any]:
    async def get_choices(source: dict[str, Any]) -> list[Any]:  # noqa: ARG001 - likewise
        return choices

    return get_choices


def _partial(choices: list[Any]) -> Callable[..., Any]:
    return functools.partial(lambda given, source: given, choices)  # noqa: ARG005 - likewise


_FUNCTIONS: Final = (_of_source, _of_both, _of_anything, _asynchronous, _partial)


# ---------------------------------------------------------------------- icons


def _png(size: int, shade: int) -> str:
    """A square of one shade of grey, as a data URL."""
    header = struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)
    pixels = zlib.compress((b"\0" + bytes([shade]) * size) * size)
    chunks = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    )
    return f"data:image/png;base64,{base64.b64encode(bytes.fromhex('89504e470d0a1a0a') + chunks).decode()}"


def _svg(colour: int) -> str:
    return (
        'data:image/svg+xml,%3Csvg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"%3E'
        f'%3Crect width="64" height="64" fill="%23{colour:06x}"/%3E%3C/svg%3E'
    )


_RECOMMENDED: Final[dict[str, st.SearchStrategy[Any]]] = {
    "icon": st.builds(_png, st.integers(32, 128), st.integers(0, 255)) | st.builds(_svg, st.integers(0, 0xFFFFFF)),
    "createdAt": st.dates(date(2012, 1, 1), date(2024, 12, 31)).map(date.isoformat),
    "categories": st.lists(st.sampled_from(["APIS", "DB", "POPULAR", "Files"]) | _WORDS, min_size=1, max_size=2),
    "keywords": st.lists(_WORDS, min_size=1, max_size=3),
}

# What is nobody's business, or anybody's.
_FREE: Final[dict[str, st.SearchStrategy[Any]]] = {
    "advanced": st.dictionaries(st.just("withIncremental") | _WORDS, st.booleans() | _JSON, max_size=2),
    "x-own": _JSON,
    "__platform": _JSON,
}

_UNTIDY: Final[dict[str, st.SearchStrategy[Any]]] = {"icon": _RECOMMENDED["icon"] | st.just(""), "colour": _JSON}

_OF_PARAMS: Final[dict[str, st.SearchStrategy[Any]]] = {
    "required": st.booleans(),
    "hidden": st.booleans(),
    "ip_whitelist": st.booleans(),
    "help": _MARKDOWN,
    "description": _MARKDOWN,
    "placeholder": st.text(max_size=10),
    "category": st.just("advanced"),
    "link": st.just("https://example.com/docs"),
    "x-own": _JSON,
}

_UNTIDY_OF_PARAMS: Final[dict[str, st.SearchStrategy[Any]]] = {"default": _JSON, "dependancies": st.just([])}
