"""Whether CONFIG's icon is an image: a data URL whose bytes are what it says they are, and not too many.

Read as a browser reads it, since a browser shows it. Looking into the picture (its width, whether it is whole) takes an
image library, and is done elsewhere.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_to_bytes

from panoply._config_fault import NOTHING, Fault, Level
from panoply._config_words import described, expected_at

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["KINDS", "LARGE_ICON", "MOST_ICON", "icon_faults", "icon_image", "kind_of"]

# CONFIG travels with each form that is drawn. 256 KiB is refused; published icons have at most 42 KiB.
MOST_ICON: Final = 256 * 1024
LARGE_ICON: Final = 64 * 1024

# What each media type stands for; others than these no browser shows.
KINDS: Final = {
    "image/png": "PNG",
    "image/x-png": "PNG",
    "image/jpeg": "JPEG",
    "image/jpg": "JPEG",
    "image/pjpeg": "JPEG",
    "image/gif": "GIF",
    "image/webp": "WebP",
    "image/svg+xml": "SVG",
    "image/bmp": "BMP",
    "image/x-ms-bmp": "BMP",
    "image/x-icon": "ICO",
    "image/vnd.microsoft.icon": "ICO",
    "image/avif": "AVIF",
}

# How the bytes of each kind begin; SVG is text, and last, since `<svg` may occur in any bytes.
_MAGIC: Final = (
    ("PNG", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("JPEG", re.compile(rb"\xff\xd8\xff")),
    ("GIF", re.compile(rb"GIF8[79]a")),
    ("WebP", re.compile(rb"RIFF....WEBP", re.DOTALL)),
    ("BMP", re.compile(rb"BM....\x00\x00\x00\x00", re.DOTALL)),
    ("ICO", re.compile(rb"\x00\x00\x01\x00")),
    ("AVIF", re.compile(rb"....ftypavi[fs]", re.DOTALL)),
)
_SVG = tuple("<svg".encode(encoding) for encoding in ("ascii", "utf-16-le", "utf-16-be"))

# What browsers take ("forgiving base64" of the WHATWG): white space anywhere, and no need of padding.
_BLANKS = b" \t\n\f\r"
_BASE64 = re.compile(rb"[A-Za-z0-9+/]*={0,2}")


def icon_faults(config: dict[str, Any]) -> Iterator[Fault]:
    """The fault of CONFIG's icon, if it has one; a wrong type is the schema's to tell."""
    icon = config.get("icon")
    if not isinstance(icon, str):
        return
    if not icon:
        yield _fault("warning", "an empty text")
        return
    try:
        media, data = icon_image(icon)
    except ValueError as exc:
        yield _fault("error", str(exc))
        return
    named, found = KINDS.get(media), kind_of(data)
    if found != named:
        yield _fault("error", f"{media} by name, but {f'a {found}' if found else 'no such image'} by its bytes")
    elif len(data) > MOST_ICON:
        yield _fault("error", f"{len(data):,} bytes")
    elif len(data) > LARGE_ICON:
        expected = f"an image of at most {LARGE_ICON:,} bytes"
        yield _fault("warning", f"{len(data):,} bytes", expected, "Scale it down: 128 by 128 pixels are plenty.")


def icon_image(icon: str) -> tuple[str, bytes]:
    """The media type that a data URL names, in lower case, and its bytes.

    Raises:
        ValueError: it is no data URL of an image, or does not decode; the message says what it is instead.
    """
    header, comma, data = icon.partition(",")
    scheme, _, header = header.partition(":")
    if scheme.lower() != "data" or not comma:
        raise ValueError(f"no data URL: {described(icon)}")
    media, *attributes = (part.strip().lower() for part in header.split(";"))
    if not media.startswith("image/") or media == "image/":
        raise ValueError(f"a data URL of the media type {media[:60] or 'text/plain'!r}")
    plain = unquote_to_bytes(data.encode("utf-8", "surrogatepass"))
    if "base64" not in attributes[-1:]:
        return media, plain
    packed = plain.translate(None, _BLANKS)
    letters = packed.rstrip(b"=")
    if not _BASE64.fullmatch(packed) or len(letters) % 4 == 1:
        raise ValueError("a data URL whose base64 does not decode")
    return media, base64.b64decode(letters + b"=" * (-len(letters) % 4))


def kind_of(data: bytes) -> str | None:
    """The kind of image that the bytes begin like; None: like none that a browser shows."""
    kind = next((kind for kind, magic in _MAGIC if magic.match(data)), None)
    return kind or ("SVG" if any(root in data for root in _SVG) else None)


def _fault(level: Level, found: str, expected: str = "", fix: str = "") -> Fault:
    usual, usual_fix = expected_at(("icon",))
    return Fault(level=level, path=("icon",), found=found or NOTHING, expected=expected or usual, fix=fix or usual_fix)
