"""What is wrong with CONFIG's icon as a picture: the faults of what `_icon_look` sees in it.

Apart from the other rules, since it takes an image library, and time. What the first bytes say is told by `_config_icon`;
an icon that is wrong by these is not looked into.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from panoply._config_fault import Fault, Level
from panoply._config_icon import icon_faults
from panoply._icon_look import LARGEST, SMALLEST, icon_facts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from panoply._icon_facts import IconFacts, IconProblem

__all__ = ["picture_faults"]

_AGAIN: Final = "See that a viewer opens the file, and make the text from all of it."

# For each problem: how bad it is, what is expected, and what to do.
_PROBLEMS: Final[dict[IconProblem, tuple[Level, str, str]]] = {
    "form": ("error", "an image as a data URL", _AGAIN),
    "kind": ("error", "an image whose bytes are of the type that it names", "Name the type of the file."),
    "broken": ("error", "an image that decodes", _AGAIN),
    "truncated": ("warning", "a whole image", _AGAIN),
    "huge": (
        "error",
        "an image that a browser can show without effort",
        "Scale it down: 128 by 128 pixels are plenty.",
    ),
    "xml": (
        "error",
        "SVG: well-formed XML whose root is <svg>",
        "Open the file in a browser, and mend what that shows.",
    ),
    "entities": ("error", "SVG that can be read without unpacking anything", 'Save it as "plain SVG".'),
    "scripts": ("error", "SVG that only draws", 'Save it as "plain SVG" without scripts, or as a PNG.'),
    "references": ("error", "SVG that brings along all that it shows", "Embed what it refers to, or save it as a PNG."),
    "unseen": (
        "warning",
        "one that is whole, and as large as it should be",
        "Install what reads it: python -m pip install 'panoply-python-sdk[testing]'",
    ),
}


def picture_faults(config: dict[str, Any]) -> Iterator[Fault]:
    """Look into the icon of a CONFIG's view, if there is one and its first bytes are right."""
    if not config.get("icon") or any(fault.level == "error" for fault in icon_faults(config)):
        return
    facts = icon_facts(config)
    if facts is None or facts.is_empty:
        return
    if facts.problem:
        level, expected, fix = _PROBLEMS[facts.problem]
        unseen = "an icon that nobody looked into: " if facts.problem == "unseen" else ""
        yield _fault(level, f"{unseen}{facts.found}", expected, fix)
    yield from _about(facts)


def _about(facts: IconFacts) -> Iterator[Fault]:
    size = f"{facts.width} by {facts.height} pixels"
    if facts.odd_size:
        expected = f"{SMALLEST} to {LARGEST} pixels on each side"
        fix = "Scale it down." if facts.odd_size == "large" else "Draw it larger: 128 by 128 pixels are plenty."
        yield _fault("warning", size, expected, fix)
    if facts.is_oblong:
        yield _fault(
            "warning", f"{size}, far from square", "a picture that is about square", "It is drawn in a square."
        )
    if facts.kind == "SVG":
        for note in facts.notes:
            found, _, why = note.partition(": ")
            yield _fault("warning", found.removeprefix("The icon's "), "SVG that browsers show", f"Add it: {why}")


def _fault(level: Level, found: str, expected: str, fix: str) -> Fault:
    return Fault(level=level, path=("icon",), found=found, expected=expected, fix=fix)
