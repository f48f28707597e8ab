"""How `panoply config --form` draws a form: the fields one below the other, as a user of the platform meets them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.markdown import Markdown
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.text import Text

from panoply.cli._text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from panoply._form import Field, FieldKind, Form

__all__ = ["drawn"]

# No form is wider than can be read.
_WIDEST: Final = 76

# So many choices are drawn.
_SHOWN: Final = 12

_HINTS: Final[dict[FieldKind, str]] = {
    "number": "number",
    "masked": "what is typed is masked",
    "login": "opens a window to log in",
    "switch": "",
    "one": "choose one",
    "several": "choose any",
    "widget": "",
    "line": "",
}


def drawn(form: Form, width: int) -> Iterator[RenderableType]:
    """The form, drawn for a terminal so many columns wide."""
    wide = min(width, _WIDEST)
    yield Text(printable(form.title), style="bold underline")
    for field in form.fields:
        yield from _drawn(field, wide)
    if form.advanced:
        yield Text("")
        yield _cut(Rule("Advanced (folded away)", align="left", style="dim"), wide)
        for field in form.advanced:
            yield from _drawn(field, wide)
    if not form.fields and not form.advanced:
        yield Text("\nThere is nothing to fill in.")
    if form.hidden:
        yield Text("")
        yield Text(f"Not drawn: {', '.join(form.hidden)}", style="dim")
    if any(field.is_required for field in (*form.fields, *form.advanced)):
        yield Text("")
        yield Text("* has to be filled in", style="dim")


def _drawn(field: Field, wide: int) -> Iterator[RenderableType]:
    yield Text("")
    star = (" *", "bold red") if field.is_required else ""
    waits = (f"   after {', '.join(map(printable, field.waits_for))}", "yellow") if field.waits_for else ""
    yield Text.assemble((printable(field.label), "bold"), star, waits)
    yield Panel(
        _inside(field),
        width=wide,
        style="dim" if field.waits_for else "",
        subtitle=Text(_HINTS[field.kind], style="dim") if _HINTS[field.kind] else None,
        subtitle_align="right",
    )
    for text in (field.help, printable(field.note), printable(field.link)):
        if text:
            # Addresses are shown: a terminal, or a file, is no place to click.
            yield _cut(Padding(Markdown(_sound(text), hyperlinks=False), (0, 2)), wide)


def _inside(field: Field) -> Text:
    if field.are_asked_for:
        return Text("what the source offers, when it is asked", style="italic dim")
    if field.choices:
        marks = {True: "[x] ", False: "[ ] "} if field.kind == "several" else {True: "(o) ", False: "( ) "}
        lines = [
            Text(f"{marks[is_chosen]}{printable(name)}", style="" if is_enabled else "strike dim")
            for name, is_chosen, is_enabled in field.choices[:_SHOWN]
        ]
        if len(field.choices) > _SHOWN:
            lines.append(Text(f"... and {len(field.choices) - _SHOWN} more", style="dim"))
        return Text("\n").join(lines)
    if field.kind == "switch":
        return Text("[x]" if field.shows == "true" else "[ ]")
    return Text(printable(field.shows), style="" if field.is_filled else "italic dim")


def _cut(item: RenderableType, wide: int) -> RenderableType:
    from rich.constrain import Constrain  # noqa: PLC0415

    return Constrain(item, wide)


def _sound(markdown: str) -> str:
    """Markdown keeps its line breaks."""
    return "\n".join(printable(line) for line in markdown.splitlines())
