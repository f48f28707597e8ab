"""How `panoply config` shows a CONFIG and what is wrong with it. What there is to show is decided by `panoply.config`."""

from __future__ import annotations

import io
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from panoply._config_icon import icon_image
from panoply._param_shapes import shown_default
from panoply.cli._text import counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from panoply.config import Config, ConfigFinding, Param
    from panoply.params import ParamsFinding

__all__ = ["finding_line", "overview", "paper", "printable", "show_findings", "show_params_findings", "verdict"]

# Where nobody can tell how wide it is.
_WIDTH: Final = 80

_LONGEST: Final = 40

# Rich is asked to style what we style, and nothing that looks like something.
_QUIET: Final[dict[str, Any]] = {"highlight": False, "markup": False, "emoji": False}


@contextmanager
def paper(stream: BinaryIO) -> Iterator[Console]:
    """Something to draw on: a terminal in colours, or a file in plain text, whatever the environment says of it."""
    if stream.isatty():
        file = io.TextIOWrapper(stream, encoding="utf-8", errors="replace", write_through=True)
        try:
            yield Console(file=file, force_terminal=True, **_QUIET)
        finally:
            file.detach()
        return
    columns = os.environ.get("COLUMNS", "")
    width = int(columns) if columns.isdecimal() and int(columns) else _WIDTH
    drawn = io.StringIO()
    yield Console(file=drawn, width=width, force_terminal=False, color_system=None, **_QUIET)
    # Tables fill their lines with blanks.
    text = "".join(f"{line.rstrip()}\n" for line in drawn.getvalue().splitlines())
    stream.write(text.encode("utf-8", "replace"))
    stream.flush()


# ---------------------------------------------------------------------- findings


def finding_line(finding: ConfigFinding) -> str:
    """A finding as one line: `error: params[0].required: found 'yes' (str); expected True or False. ...`."""
    return printable(f"{finding.level}: {finding}")


def show_findings(console: Console, findings: Sequence[ConfigFinding]) -> None:
    """Each finding: in a file as a line that can be searched, in a terminal as a paragraph."""
    for finding in findings:
        if not console.is_terminal:
            console.print(Text(finding_line(finding)), soft_wrap=True)
            continue
        style = "red" if finding.level == "error" else "yellow"
        head = Text.assemble((finding.level, f"bold {style}"), "  ", (printable(finding.path or "CONFIG"), "bold"))
        body = Text(printable(f"found {finding.found}; expected {finding.expected}.\n{finding.fix}"))
        console.print(head)
        console.print(Padding(body, (0, 0, 0, 4)))


def show_params_findings(console: Console, name: str, findings: Sequence[ParamsFinding]) -> None:
    """What is wrong with a params file of that name."""
    for finding in findings:
        if console.is_terminal:
            console.print(Text.assemble(("error", "bold red"), "  ", (printable(f"{name}: {finding.path}"), "bold")))
            body = f"found {finding.found}; expected {finding.expected}.\n{finding.fix}".rstrip()
            console.print(Padding(Text(printable(body)), (0, 0, 0, 4)))
        else:
            console.print(Text(printable(f"error: {name}: {finding}")), soft_wrap=True)


def verdict(findings: Sequence[ConfigFinding | ParamsFinding]) -> str:
    """`1 error, 2 warnings`."""
    errors = sum(getattr(finding, "level", "error") == "error" for finding in findings)
    warnings = len(findings) - errors
    if not findings:
        return "no errors, no warnings"
    parts = [counted(errors, "error") if errors else "no errors", counted(warnings, "warning") if warnings else ""]
    return ", ".join(part for part in parts if part)


# ---------------------------------------------------------------------- what is in it


def overview(config: Config) -> Iterator[RenderableType]:
    """A CONFIG at a glance: what it says of the source, and its params."""
    yield Text(printable(config.title), style="bold")
    about = Table.grid(padding=(0, 2))
    about.add_column(style="dim", no_wrap=True)
    about.add_column(overflow="fold")
    for name, value in _about(config):
        about.add_row(f"  {name}", printable(value))
    if about.row_count:
        yield about
    if not config.params:
        yield Text("\nIt has no params.")
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=True, header_style="dim")
    for heading in ("  param", "type", "", "after"):
        table.add_column(heading, overflow="fold")
    for param in config.params:
        after = ", ".join(param.dependencies)
        table.add_row(f"  {param.name}", printable(param.type or "text"), printable(_marks(param)), after)
    yield Text("")
    yield table


def _about(config: Config) -> Iterator[tuple[str, str]]:
    if config.categories:
        yield "categories", ", ".join(config.categories)
    if config.keywords:
        yield "keywords", ", ".join(config.keywords)
    if config.created_at:
        yield "created", config.created_at.isoformat()
    if config.icon:
        media, data = icon_image(config.icon)
        yield "icon", f"{media}, {counted(len(data), 'byte')}"
    if config.host_property:
        yield "host", config.host_property
    if config.advanced:
        yield "advanced", ", ".join(config.advanced)


def _marks(param: Param) -> str:
    marks = ["required"] if param.required else []
    marks += ["credential"] if param.is_credential else []
    marks += ["hidden"] if param.hidden and param.type != "hidden" else []
    marks += ["advanced"] if param.category == "advanced" else []
    if isinstance(param.values, tuple):
        marks.append(counted(len(param.values), "choice"))
    elif param.values is not None:
        marks.append("choices by a function")
    default: Any = shown_default(param)
    if default not in (None, "", []):
        chosen = default if isinstance(default, list) else [default]
        text = ", ".join(str(each.get("value", each) if isinstance(each, dict) else each) for each in chosen)
        marks.append(f"default {text[:_LONGEST]}{'...' if len(text) > _LONGEST else ''}")
    return ", ".join(marks)
