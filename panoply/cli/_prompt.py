"""Asks whoever sits in front of the terminal for params that are missing; credentials without showing what is typed."""

from __future__ import annotations

import sys
from getpass import getpass
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from panoply._param_shapes import is_bool, is_filled, is_several
from panoply.cli._choices import choose, named, offered
from panoply.cli._params import parsed
from panoply.cli._text import in_one_line, listed, plain
from panoply.errors import ParamsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from panoply.cli._display import Display
    from panoply.cli._flags import Flag
    from panoply.cli._screen import Screen
    from panoply.config import Choice, Param

__all__ = ["ask", "can_ask"]

_SHOWN: Final = 20


def can_ask(display: Display) -> bool:
    """Whether somebody sits there: what is asked would be seen, and an answer can come."""
    return sys.stdin is not None and sys.stdin.isatty() and display.stream.isatty()


def ask(screen: Screen, flagged: Sequence[Flag], params: dict[str, Any], options: dict[str, Any]) -> None:
    """Ask for each of these params until there is an answer that fits, and put it among the params.

    Raises:
        EOFError: there will be no answer.
        KeyboardInterrupt: there shall be none.
        ParamsError: the choices could not be had.
    """
    for flag in flagged:
        params[flag.param.name] = _asked(screen, flag.param, _choices(flag.param, params, options))


def _asked(screen: Screen, param: Param, choices: list[Choice]) -> Any:
    title = in_one_line(param.title) or param.name
    about = plain(param.help or param.description)
    screen.line(f"{title}: {about}" if about else title, style="bold")
    if choices:
        names = [named(choice) for choice in choices if not choice.disabled]
        screen.line(f"  One of: {listed(names, _SHOWN)}.")
    if is_several(param):
        screen.line("  Several with a comma between them, or a JSON list.")
    while True:
        try:
            unseen = " (not shown)" if param.is_credential else ""
            text = _read(screen, f"{param.name}{unseen}: ", hidden=param.is_credential)
        except (EOFError, KeyboardInterrupt):
            # What is said about it does not belong behind the question.
            screen.line("")
            raise
        if param.is_credential:
            screen.mask.add([text])
        try:
            value = _value(param, text, choices)
        except ParamsError as exc:
            screen.line(str(exc), style="yellow")
            continue
        if is_filled(value):
            return value
        screen.line("It is required.", style="yellow")


def _read(screen: Screen, question: str, *, hidden: bool) -> str:
    if hidden:
        # It asks once the terminal no longer shows what is typed; what was typed before that is dropped.
        return getpass(question, stream=screen.stream)
    return screen.console.input(Text(question))


def _value(param: Param, text: str, choices: list[Choice]) -> Any:
    if not param.is_credential:
        text = text.strip()
    if not text.strip():
        return None
    if is_several(param) and not text.startswith(("[", "{")):
        # A choice may have a comma in it.
        try:
            return choose(param, [text], choices)
        except ParamsError:
            texts = [part.strip() for part in text.split(",") if part.strip()]
        return choose(param, texts, choices) if choices else parsed(param, texts, param.name)
    if choices and param.type == "select":
        return choose(param, [text], choices)[0]
    return parsed(param, [text], param.name)


def _choices(param: Param, params: dict[str, Any], options: dict[str, Any]) -> list[Choice]:
    if not param.is_list_like or param.values is None or is_bool(param):
        return []
    try:
        return offered(param, params, options)
    except Exception as exc:
        raise ParamsError(f"The function that gives the values of {param.name!r} failed.") from exc
