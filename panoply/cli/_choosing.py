"""`panoply run MODULE --choose PARAM`: what the source offers for a param, as the form would show it.

A terminal gets a table; a pipe one value a line, with its name after a tab; `--json` an event a line.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from rich.table import Table
from rich.text import Text

from panoply.cli._choices import as_typed, find_param, needs, offered, resolve, unfilled
from panoply.cli._config_view import paper
from panoply.cli._events import event_line
from panoply.cli._failures import failure_facts, failure_lines
from panoply.cli._params import missing
from panoply.cli._text import in_one_line
from panoply.errors import ParamsError
from panoply.runner import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

    from panoply.cli._display import Display
    from panoply.cli._flags import Flag
    from panoply.cli._params import Given
    from panoply.config import Choice, Config, Param

__all__ = ["Chooser"]


class Chooser:
    """Finds out what one param offers.

    Args:
        config: the source's.
        name: of the param, or its flag.

    Raises:
        ParamsError: there is no such param, or nothing to choose from for it.
    """

    def __init__(self, config: Config, name: str) -> None:
        self.param: Param = find_param(config, name)
        if self.param.values is None:
            offering = [param.name for param in config.params if param.values is not None]
            others = f" These have some: {', '.join(offering)}." if offering else ""
            raise ParamsError(f"The param {self.param.name!r} has no values to choose from.{others}")
        self.needed = needs(config, self.param)

    def lacking(self, flagged: Sequence[Flag], params: dict[str, Any]) -> tuple[Flag, ...]:
        """The params that it depends on and that have no value."""
        names = {param.name for param in unfilled(self.needed, params)}
        return tuple(flag for flag in flagged if flag.param.name in names)

    def refusal(self, lacking: Sequence[Flag]) -> ParamsError:
        """Says which params are missing, and how to give them."""
        return ParamsError(missing(lacking, f"needed to tell what {self.param.name!r} offers"))

    def ask(self, given: Given, options: dict[str, Any], warn: Callable[[str], object]) -> list[Choice]:
        """Ask the source, with the params that it needs filled in.

        Raises:
            Exception: whatever its function raises.
        """
        resolve(given.values, given.texts, self.needed, options, warn)
        return offered(self.param, given.values, options)

    def failed(self, error: BaseException, module: ModuleType, display: Display) -> None:
        """Tell that the source's function failed, and where."""
        failure = Failure(during=f"The function that gives the values of {self.param.name!r}", error=error)
        full = display.loudness.verbose
        display.error(failure_lines(failure, module, full=full), failure_facts(failure, module, full=full))

    def write(self, choices: Sequence[Choice], stdout: BinaryIO, display: Display, *, as_json: bool) -> None:
        """Write them to standard output."""
        if not as_json and stdout.isatty():
            with paper(stdout) as console:
                console.print(self._table(choices, display))
            return
        write = self._event if as_json else self._line
        stdout.write("".join(write(choice, display) for choice in choices).encode("utf-8", "replace"))
        stdout.flush()

    def _line(self, choice: Choice, display: Display) -> str:
        text = as_typed(self.param, choice)
        name = "" if choice.name == text else f"\t{in_one_line(choice.name)}"
        return display.mask.apply(f"{text}{name}\n") if not choice.disabled else ""

    def _event(self, choice: Choice, display: Display) -> str:
        facts = {
            "param": self.param.name,
            "name": choice.name,
            "value": choice.value,
            "text": as_typed(self.param, choice),
        }
        return event_line("choice", datetime.now(UTC), facts | {"disabled": choice.disabled}, display.mask)

    def _table(self, choices: Sequence[Choice], display: Display) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        table.add_column("name", overflow="fold")
        table.add_column("value", overflow="fold")
        for choice in choices:
            value = Text(in_one_line(display.mask.apply(as_typed(self.param, choice))))
            if choice.disabled:
                value.append("  (cannot be chosen)", style="dim")
            table.add_row(Text(in_one_line(display.mask.apply(choice.name))), value)
        return table
