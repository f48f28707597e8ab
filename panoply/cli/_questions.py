"""Asks whoever sits in front of the terminal for the answers that the template wants, each checked as it is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from panoply._spelling import did_you_mean
from panoply.cli._text import in_one_line, printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from panoply._template_filling import Question
    from panoply.cli._screen import Screen

__all__ = ["ask", "confirm"]


def ask(screen: Screen, question: Question, default: str, problem: Callable[[str], str | None]) -> str:
    """Ask until there is an answer that nothing is wrong with.

    Args:
        screen: where to.
        question: what is asked.
        default: what Enter alone stands for.
        problem: tells what is wrong with an answer, if anything.

    Raises:
        EOFError: there will be no answer.
        KeyboardInterrupt: there shall be none.
    """
    console = screen.console
    console.print(Text(question.text, style="bold"))
    if question.choices:
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(justify="right", no_wrap=True)
        table.add_column(no_wrap=True)
        # Where the terminal is narrow, a long one goes on below itself.
        table.add_column(overflow="fold")
        for number, (value, meaning) in enumerate(question.choices, 1):
            table.add_row(f"  {number}", Text(in_one_line(value), style="cyan"), Text(in_one_line(meaning)))
        console.print(table)
    while True:
        typed = _typed(screen, Text.assemble(f"{question.name} [", (in_one_line(default), "cyan"), "]: "))
        answer = typed.strip() or default
        if question.choices:
            chosen = _chosen(question, answer)
            if chosen is None:
                values = [value for value, _ in question.choices]
                hint = did_you_mean(answer, values)
                _tell(console, f"Type one of the numbers, or one of {', '.join(values)}. {hint}".rstrip())
                continue
            answer = chosen
        wrong = problem(answer)
        if wrong is None:
            console.print()
            return answer
        _tell(console, wrong)


def confirm(screen: Screen, question: str) -> bool:
    """Ask for a yes; whatever else is typed is a no."""
    return _typed(screen, Text.assemble((question, "bold"), " [y/N]: ")).strip().lower() in {"y", "yes"}


def _tell(console: Console, wrong: str) -> None:
    console.print(Text(printable(wrong), style="yellow"))


def _typed(screen: Screen, prompt: Text) -> str:
    try:
        return screen.console.input(prompt)
    except (EOFError, KeyboardInterrupt):
        # What is said about it does not belong behind the question.
        screen.line("")
        raise


def _chosen(question: Question, answer: str) -> str | None:
    values = [value for value, _ in question.choices]
    if answer.isascii() and answer.isdigit():
        return values[int(answer) - 1] if 1 <= int(answer) <= len(values) else None
    return next((value for value in values if value.lower() == answer.lower()), None)
