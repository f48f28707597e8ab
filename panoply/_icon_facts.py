"""What CONFIG's icon was found to be: values only. How that is found out is in `_icon_look`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["IconFacts", "IconProblem", "OddSize"]

IconProblem = Literal[
    "", "form", "kind", "broken", "truncated", "huge", "xml", "entities", "scripts", "references", "unseen"
]
OddSize = Literal["", "small", "large"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IconFacts:
    """CONFIG's icon.

    Attributes:
        is_empty: whether it is the empty text; then nothing else counts.
        media: the media type that it names.
        kind: what its bytes are: `PNG`; `real_media`: the media type of that.
        size: how many bytes it has.
        width: in pixels; 0 where there is no picture to measure. `height`: likewise.
        problem: what is wrong with it: the `form` of the text, the `kind` of image, an image that is `broken` or `truncated`
            (what is there is sound, and there is more to come), one that is `huge`, SVG that is no proper `xml`, has
            `entities` that nobody unpacks, `scripts`, or `references` to what lies outside of it. `unseen`: it could not be
            looked at. Empty: nothing.
        found: the problem in words.
        odd_size: whether a form will have to enlarge the picture, or to shrink it a lot.
        is_oblong: whether it is far from square.
        notes: what is worth knowing, the last two included.
    """

    is_empty: bool = False
    media: str = ""
    kind: str = ""
    real_media: str = ""
    size: int = 0
    width: int = 0
    height: int = 0
    problem: IconProblem = ""
    found: str = ""
    odd_size: OddSize = ""
    is_oblong: bool = False
    notes: tuple[str, ...] = ()
