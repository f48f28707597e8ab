"""What a source offers to choose from, and which of it somebody means.

The source's function is asked here, as the form asks it; what it gives is foreign, and checked. No message holds what was
typed: it may be a credential, typed into the wrong place.
"""

from __future__ import annotations

import copy
import json
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from panoply._param_shapes import dashed, is_filled
from panoply._spelling import did_you_mean
from panoply.cli._text import in_one_line, listed, printable
from panoply.config import Choice, names_a_credential
from panoply.driving import Driver
from panoply.errors import PanoplyException, ParamsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from panoply.config import Config, Param

__all__ = ["as_typed", "choose", "find_param", "named", "needs", "offered", "resolve", "unfilled"]

# Nobody chooses from more; a function that gives more does not end.
_MOST: Final = 100_000

_SHOWN: Final = 20


def find_param(config: Config, name: str) -> Param:
    """The param that somebody names: `apiToken`, `api-token` and `--api-token` are the same.

    Raises:
        ParamsError: there is none.
    """
    exact = [param for param in config.params if param.name == name]
    loose = [param for param in config.params if dashed(param.name) == dashed(name.lstrip("-"))]
    return (exact or loose)[0] if exact or len(loose) == 1 else config.param(name)


def needs(config: Config, param: Param) -> tuple[Param, ...]:
    """The params that have to be filled in before this one, also those that the others need: in the order of CONFIG."""
    wanted: set[str] = set()
    todo = list(param.dependencies)
    while todo:
        name = todo.pop()
        if name not in wanted:
            wanted.add(name)
            todo += config.param(name).dependencies
    return tuple(each for each in config.params if each.name in wanted and each.name != param.name)


def offered(
    param: Param, params: dict[str, Any], options: dict[str, Any], *, undecided: Iterable[str] = ()
) -> list[Choice]:
    """What a param offers: what CONFIG lists, or what its function gives for these params, also an `async` one.

    Many a function makes a Stream of the params that it gets, whose constructor adds to them, and trips over the text that is
    given for this very param. So it gets a copy, without that, as when the form is filled in; its new tokens are kept.

    Args:
        param: the param.
        params: what is known so far.
        options: what the function gets as options.
        undecided: params whose values are no more than text so far. What this one depends on is there all the same.

    Raises:
        ParamsError: the param has no values.
        PanoplyException: the function gave something else than choices.
        Exception: whatever the function raises.
    """
    if param.values is None:
        raise ParamsError(f"The param {param.name!r} has no values to choose from: CONFIG gives it none.")
    if isinstance(param.values, tuple):
        return list(param.values)
    with Driver() as driver:
        left_out = {param.name, *undecided}.difference(param.dependencies)
        known = copy.deepcopy({name: value for name, value in params.items() if name not in left_out})
        try:
            given = driver.call(param.call_values, known, options)
        finally:
            # Of a token that was refreshed meanwhile, the old one may be good no more.
            params.update({name: value for name, value in known.items() if names_a_credential(name)})
        if isinstance(given, (str, bytes, dict)) or not hasattr(given, "__iter__"):
            raise _no_choices(param, f"{_kind(given)}; expected a list")
        entries = list(islice(given, _MOST + 1))
    if len(entries) > _MOST:
        raise _no_choices(param, f"more than {_MOST:,} values")
    return [_choice(param, index, entry) for index, entry in enumerate(entries)]


def choose(param: Param, texts: Iterable[str], choices: Iterable[Choice]) -> list[Any]:
    """The values that `texts` stand for among those that the source offers, in the shape in which it offers them.

    A text is a value, or the name that it is shown under; letter case counts only where it tells two of them apart.

    Raises:
        ParamsError: one is not offered, or cannot be chosen.
    """
    every = list(choices)
    return [_shaped(param, _meant(param, text, every)) for text in texts]


def resolve(
    params: dict[str, Any],
    texts: Mapping[str, Sequence[str]],
    among: Iterable[Param],
    options: dict[str, Any],
    warn: Callable[[str], object],
) -> None:
    """Put the values in place for which only text was given so far, in the order of CONFIG: one may depend on another.

    Raises:
        ParamsError: one is not offered; or the function that knows failed, and is the cause.
    """
    undecided = dict.fromkeys(texts)
    for param in among:
        if param.name not in texts or param.values is None:
            continue
        try:
            choices = offered(param, params, options, undecided=undecided)
        except Exception as exc:
            if not param.is_multiple:
                # The form gives it back as text as well.
                warn(f"The values of {param.name!r} could not be had, so that what was given is passed on as it is.")
                continue
            without = [name for name in param.dependencies if not is_filled(params.get(name))]
            reason = f" It depends on {listed(without, _SHOWN)}, which nobody gave." if without else ""
            raise ParamsError(
                f"The function that gives the values of {param.name!r} failed.{reason} Give it as JSON instead: "
                f"--{param.name} '[\"...\"]', in the shape that the source expects."
            ) from exc
        chosen = choose(param, texts[param.name], choices)
        params[param.name] = chosen if param.is_multiple else chosen[-1]
        undecided.pop(param.name)


def unfilled(params: Iterable[Param], values: Mapping[str, Any]) -> tuple[Param, ...]:
    """Those of the params that have no value yet."""
    return tuple(param for param in params if not is_filled(values.get(param.name)))


def named(choice: Choice) -> str:
    """A choice for people: `users (All users)`."""
    value = in_one_line(_text(choice.value))
    return value if choice.name == value else f"{value} ({in_one_line(choice.name)})"


def as_typed(param: Param, choice: Choice) -> str:
    """The text that gives this choice to the param's flag: one line, whatever is in it."""
    text = _text(choice.value)
    if isinstance(choice.value, (dict, list)) or (param.is_multiple and text.lstrip().startswith(("[", "{"))):
        return json.dumps(choice.offered if param.is_multiple else choice.value)
    # A tab would end the value, a line end the line; and what moves the cursor is not to be shown at all.
    harmless = printable(text) == text and not {"\t", "\n"} & set(text)
    return text if harmless or not param.is_multiple else json.dumps([choice.offered])


def _meant(param: Param, text: str, choices: list[Choice]) -> Choice:
    ways: Iterator[Callable[[Choice], bool]] = iter(
        (
            lambda choice: _text(choice.value) == text or as_typed(param, choice) == text,
            lambda choice: choice.name == text,
            lambda choice: _text(choice.value).casefold() == text.casefold(),
            lambda choice: choice.name.casefold() == text.casefold(),
        )
    )
    for rank, fits in enumerate(ways):
        found = [choice for choice in choices if fits(choice)]
        # Two that differ in letter case alone are not guessed between.
        if found and (rank < 2 or len({_text(choice.value) for choice in found}) == 1):
            able = [choice for choice in found if not choice.disabled]
            if not able:
                raise ParamsError(
                    f"The param {param.name!r} shows the value given, but it cannot be chosen (disabled)."
                )
            return able[0]
    names = [_text(choice.value) for choice in choices if not choice.disabled]
    hint = did_you_mean(text, names)
    passed_on = " (A value that begins with [ or { is passed on as JSON.)" if param.is_multiple else ""
    raise ParamsError(
        f"The param {param.name!r} does not offer the value given. {hint + ' ' if hint else ''}"
        f"It offers: {listed(names, _SHOWN) or 'nothing'}.{passed_on}"
    )


def _shaped(param: Param, choice: Choice) -> Any:
    """A list gets what is offered, entries included; where one is chosen, it is the value alone."""
    return copy.deepcopy(choice.offered if param.is_multiple else choice.value)


def _choice(param: Param, index: int, entry: Any) -> Choice:
    if isinstance(entry, dict):
        if "value" not in entry:
            raise _no_choices(param, f"a dict without a 'value' (number {index})")
    elif not isinstance(entry, (str, int, float)):
        raise _no_choices(param, f"{_kind(entry)} (number {index})")
    return Choice.read(entry)


def _no_choices(param: Param, what: str) -> PanoplyException:
    return PanoplyException(
        f"The function that gives the values of {param.name!r} gave {what}. "
        'A value is text, a number, or {"name": ..., "value": ...}.',
        retryable=False,
    )


def _kind(value: object) -> str:
    return "None" if value is None else f"a {type(value).__name__}"


def _text(value: object) -> str:
    return value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
