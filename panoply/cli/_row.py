"""The last row of a terminal while a run goes on, made to fit: it never wraps, however narrow the terminal is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.cells import cell_len, set_cell_size
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from panoply.cli._pace import duration, rate

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from panoply.cli._pace import Reading

__all__ = ["Row"]

# A row as wide as the terminal would not be cleared after Ctrl-C, whose echo makes it two.
_MARGIN: Final = 3

# A shorter piece of a message says nothing.
_SHORTEST_MESSAGE: Final = 12

# As long as what is usually left: `9:59 left`.
_LEFT: Final = 9

# The bar is as wide as it can be while it takes no more than a fifth of the row: the message is what people read.
_BAR: Final = (24, 16, 8)


class Row:
    """Draws the row.

    Args:
        console: what it is drawn on, which knows its width at any time.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        plain = console.legacy_windows or console.options.ascii_only
        self._spinner = Spinner("line" if plain else "dots", style="progress.spinner")

    def drawn(self, head: str, reading: Reading) -> RenderableType:
        """Where the run stands, in one row: what matters most is left out last."""
        width = self._console.width - _MARGIN
        head = shortened(head, max(1, width - 2))
        room = width - 2 - cell_len(head)
        known = reading.share is not None
        bar = next((size for size in _BAR if size <= max(_BAR[-1], width // 5)), 0) if known else 0
        left = "" if reading.left is None else f"{duration(reading.left)} left"
        # The text of each, and the columns that it takes: what is left out now is not to push others aside a moment later.
        wanted = {
            "percent": ("" if reading.percent is None else f"{reading.percent:>3}%", 4),
            "bar": ("", bar),
            "left": (left, _LEFT if known else 0),
            "message": (shortened(reading.message, _SHORTEST_MESSAGE), _SHORTEST_MESSAGE if reading.message else 0),
            "elapsed": (duration(reading.elapsed), 0),
            "rate": ("" if reading.rate is None else rate(reading.rate), 0),
        }
        shown = {}
        for name, (text, least) in wanted.items():
            size = max(cell_len(text), least)
            if 0 < size < room:
                shown[name] = text
                room -= size + 1
        if "message" in shown:
            shown["message"] = shortened(reading.message, max(cell_len(shown["message"]), _SHORTEST_MESSAGE) + room)
        cells: list[RenderableType | None] = [
            self._spinner,
            Text(head),
            ProgressBar(total=1.0, completed=reading.share or 0.0, width=bar) if "bar" in shown else None,
            _styled(shown.get("percent"), "progress.percentage"),
            _styled(shown.get("rate"), "progress.data.speed"),
            _styled(shown.get("left"), "progress.remaining"),
            _styled(shown.get("elapsed"), "progress.elapsed"),
            _styled(shown.get("message"), ""),
        ]
        kept = [cell for cell in cells if cell is not None]
        grid = Table.grid(padding=(0, 1), pad_edge=False)
        for _ in kept:
            grid.add_column(no_wrap=True, overflow="crop")
        grid.add_row(*kept)
        return grid


def shortened(text: str, cells: int) -> str:
    """Text in at most so many columns of a terminal, of which some characters take two."""
    if cell_len(text) <= cells:
        return text
    return f"{set_cell_size(text, cells - 3).rstrip()}..." if cells > 3 else set_cell_size(text, max(0, cells))


def _styled(text: str | None, style: str) -> Text | None:
    return Text(text, style=style) if text else None
