"""Looks at CONFIG's icon as a browser would: at its bytes, down to the last pixel. SVG is `_icon_svg`'s subject.

Nothing in CONFIG is trusted: the picture may be damaged, or made to unpack into far more than it is worth. Neither does
looking at it leave anything behind: no warning, no line in a log, no setting of the image library's.
"""

from __future__ import annotations

import io
import logging
import warnings
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from panoply._config_icon import KINDS, MOST_ICON, icon_image, kind_of
from panoply._config_json import type_name
from panoply._icon_facts import IconFacts, IconProblem, OddSize
from panoply._icon_svg import SVGUnfit, svg_notes

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["LARGEST", "SMALLEST", "icon_facts"]

# Above what CONFIG may hold by far: a picture of so many bytes is told of as it is, and is not opened.
MOST_BYTES: Final = 16 * MOST_ICON

# 67 MB once it is unpacked, four bytes a pixel, in a fraction of a second. An icon has 128 by 128.
MOST_PIXELS: Final = 4096 * 4096

# The sides that a form can show well, and how many times as long as the other one a side may be.
SMALLEST: Final = 32
LARGEST: Final = 512
LONGEST: Final = 2

# For each kind: the name of its format in Pillow, the module that reads it, and the feature that module needs.
_READERS: Final = {
    "PNG": ("PNG", "PngImagePlugin", "zlib"),
    "JPEG": ("JPEG", "JpegImagePlugin", "jpg"),
    "GIF": ("GIF", "GifImagePlugin", ""),
    "WebP": ("WEBP", "WebPImagePlugin", "webp"),
    "BMP": ("BMP", "BmpImagePlugin", ""),
    "ICO": ("ICO", "IcoImagePlugin", "zlib"),
    "AVIF": ("AVIF", "AvifImagePlugin", "avif"),
}


class _Unfit(Exception):
    """The image is not what it should be."""

    def __init__(self, problem: IconProblem, found: str) -> None:
        super().__init__(found)
        self.problem = problem
        self.found = found


def icon_facts(config: object) -> IconFacts | None:
    """What CONFIG's icon is; None: it has none."""
    # By the methods of `dict`, whatever a subclass overrides; `isinstance` would ask CONFIG for its class.
    held: Any = config if issubclass(type(config), dict) else {}
    icon = dict.get(held, "icon")
    if icon is None:
        return None
    if not issubclass(type(icon), str):
        return IconFacts(problem="form", found=f"no text, but of type {type_name(icon)}")
    text = str.__str__(icon)
    if not text:
        return IconFacts(is_empty=True)
    # In base64, four characters are three bytes; percent-encoded, each byte may be three.
    if len(text) > 3 * MOST_BYTES:
        return IconFacts(problem="huge", found=f"{len(text):,} characters")
    try:
        media, data = icon_image(text)
    except ValueError as exc:
        return IconFacts(problem="form", found=str(exc))
    return _looked_at(media, data)


def _looked_at(media: str, data: bytes) -> IconFacts:
    named, kind = KINDS.get(media), kind_of(data)
    if named == "SVG" and kind is None:
        kind = "SVG"  # in an encoding that hides how it begins
    facts = IconFacts(
        media=media,
        kind=kind or "",
        real_media=next((media for media, each in KINDS.items() if each == kind), ""),
        size=len(data),
    )
    misfit = _misfit(media, named, kind, len(data))
    if misfit is not None:
        return replace(facts, problem=misfit[0], found=misfit[1])
    try:
        if kind == "SVG":
            return replace(facts, notes=svg_notes(data))
        width, height = _read_pixels(data, str(kind))
        return _measured(facts, width, height)
    except (_Unfit, SVGUnfit) as exc:
        return replace(facts, problem=exc.problem, found=exc.found)


def _misfit(media: str, named: str | None, kind: str | None, size: int) -> tuple[IconProblem, str] | None:
    """What is wrong with an image before anybody opens it."""
    if named is None:
        return "kind", f"{media} by name, which is no image that browsers show"
    if kind != named:
        return "kind", f"{media} by name, but {_a(kind) if kind else 'no such image'} by its bytes"
    return ("huge", f"{size:,} bytes") if size > MOST_BYTES else None


# ---------------------------------------------------------------------- pictures made of pixels


def _read_pixels(data: bytes, kind: str) -> tuple[int, int]:
    """Load the first picture of an image, all of it, and give its width and height."""
    name, module, feature = _READERS[kind]
    try:
        import PIL.features  # noqa: PLC0415 - slow to import, and only where there is an icon
        import PIL.Image  # noqa: PLC0415

        # Only the reader that is needed: no other one is to have a go at the bytes, and importing them all is slow.
        __import__(f"PIL.{module}")
    except ImportError:
        raise _Unfit("unseen", f"the package Pillow, which reads a {kind}, is not installed") from None
    if feature and not PIL.features.check(feature):
        raise _Unfit("unseen", f"the installed Pillow cannot read {_a(kind)}")
    opened = False
    with _on_its_own(PIL.Image):
        try:
            with PIL.Image.open(io.BytesIO(data), formats=(name,)) as picture:
                opened = True
                picture.load()
                return picture.size
        except PIL.Image.DecompressionBombError:
            raise _Unfit("huge", f"{_a(kind)} that unpacks into more than {MOST_PIXELS:,} pixels") from None
        except Exception as exc:  # noqa: BLE001 - a damaged image makes readers raise whatever: also struct.error, KeyError
            raise _unreadable(exc, kind, is_cut=_breaks_off(kind, data, opened=opened)) from None


def _unreadable(exc: Exception, kind: str, *, is_cut: bool) -> _Unfit:
    text = str(exc).lower()
    if isinstance(exc, MemoryError) or "too large" in text:
        return _Unfit("huge", f"{_a(kind)} that unpacks into more than fits")
    # What the reader says further names objects in memory, and parts of the data.
    if is_cut:
        return _Unfit("truncated", f"{_a(kind)} that breaks off before the picture is complete")
    return _Unfit("broken", f"{_a(kind)} that is damaged or incomplete")


def _breaks_off(kind: str, data: bytes, *, opened: bool) -> bool:
    """Whether a picture that could not be read is one that lacks its end, by what its own format says of that."""
    if kind == "WebP":  # read as a whole when it is opened
        return int.from_bytes(data[4:8], "little") + 8 > len(data)
    if not opened:
        return False  # there is not even a beginning
    if kind == "PNG":
        return _png_breaks_off(data)
    if kind == "BMP":
        return int.from_bytes(data[2:6], "little") > len(data)
    if kind == "JPEG":
        return b"\xff\xd9" not in data[-64:]
    return kind == "GIF" and not data.endswith(b";")


def _png_breaks_off(data: bytes) -> bool:
    place = 8
    while place + 8 <= len(data):
        if data[place + 4 : place + 8] == b"IEND":
            return False
        place += int.from_bytes(data[place : place + 4], "big") + 12
    return True


@contextmanager
def _on_its_own(image: Any) -> Iterator[None]:
    """Keep the image library quiet, and let it open no picture of more than MOST_PIXELS."""
    log = logging.getLogger("PIL")
    level, most = log.level, image.MAX_IMAGE_PIXELS
    log.setLevel(logging.CRITICAL + 1)
    image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2  # it warns from there on, and refuses from twice as many on
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        image.MAX_IMAGE_PIXELS = most
        log.setLevel(level)


def _measured(facts: IconFacts, width: int, height: int) -> IconFacts:
    size = f"The icon has {width} by {height} pixels"
    notes = []
    odd: OddSize = ""
    if min(width, height) < SMALLEST:
        odd = "small"
        notes.append(f"{size}: it will look coarse. 128 by 128 are plenty, {SMALLEST} by {SMALLEST} the least.")
    elif max(width, height) > LARGEST:
        odd = "large"
        notes.append(f"{size}: 128 by 128 are plenty, {LARGEST} by {LARGEST} the most.")
    is_oblong = max(width, height) >= LONGEST * min(width, height)
    if is_oblong:
        notes.append(f"{size}: it is drawn in a square.")
    return replace(facts, width=width, height=height, odd_size=odd, is_oblong=is_oblong, notes=tuple(notes))


def _a(noun: str) -> str:
    # AVIF and ICO are spoken as words, SVG letter by letter.
    return f"{'an' if noun[:1] in tuple('AIS') else 'a'} {noun}"
