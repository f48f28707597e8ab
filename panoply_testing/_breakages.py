"""Ways to break one of a source's params: what each does to params that work, and what to call it.

Only what every source has to notice is here, and each way always gives the same value, so that a run with it can be
repeated. Which param can be broken in which way is found out in `_param_facts`; random values are `strategies`' business.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Self, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["NO_CHOICE", "NO_NUMBER", "Breakage", "How", "broken"]

How = Literal["missing", "none", "empty", "not-a-number", "a-number", "an-object", "no-such-choice"]

# Words that stand for nothing, and that a message which quotes them can be told by.
NO_NUMBER: Final = "not-a-number"
NO_CHOICE: Final = "no-such-choice"

_ABOUT: Final[Mapping[How, str]] = {
    "missing": "without the param {!r}",
    "none": "with None for the param {!r}",
    "empty": "with an empty value for the param {!r}",
    "not-a-number": "with text that is no number for the param {!r}",
    "a-number": "with a number in place of a list for the param {!r}",
    "an-object": "with a dict in place of a list for the param {!r}",
    "no-such-choice": "with a choice that is not offered for the param {!r}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakage:
    """One param, and the way in which it is broken."""

    param: str
    how: How

    def __str__(self) -> str:
        """As `--panoply-broken` takes it: `token:missing`."""
        return f"{self.param}:{self.how}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str()` gives.

        Raises:
            ValueError: it is none; the message says what one looks like.
        """
        param, _, how = text.rpartition(":")
        if not param:
            raise ValueError(f"{text!r} names no param and what is wrong with it, as token:missing does")
        if how not in get_args(How):
            raise ValueError(f"a param cannot be {how!r}; there are {', '.join(get_args(How))}")
        return cls(param=param, how=how)  # type: ignore[arg-type]

    @property
    def about(self) -> str:
        """The run with it, in words: "without the param 'token'"."""
        return _ABOUT[self.how].format(self.param)

    @property
    def is_about_nothing(self) -> bool:
        """Whether the user has left the param out, rather than entered something wrong."""
        return self.how in ("missing", "none", "empty")

    @property
    def is_beyond_the_form(self) -> bool:
        """Whether only a file of params can be wrong in this way: the form lets nobody choose what it does not offer."""
        return self.how in ("a-number", "an-object", "no-such-choice")

    @property
    def quoted(self) -> str | None:
        """The text that a message may quote in place of the param's name; None: there is none."""
        if self.how == "not-a-number":
            return NO_NUMBER
        return NO_CHOICE if self.how in ("an-object", "no-such-choice") else None


def broken(params: Mapping[str, Any], breakage: Breakage) -> dict[str, Any]:
    """The params, with one of them broken; of the others, nothing is copied."""
    name = breakage.param
    if breakage.how == "missing":
        return {key: value for key, value in params.items() if key != name}
    return {**params, name: _value(breakage.how, params.get(name))}


def _value(how: How, works: Any) -> Any:
    match how:
        case "empty":
            # In the shape that the value has: an empty list is to a list what empty text is to text.
            return type(works)() if type(works) in (list, dict) else ""
        case "not-a-number":
            return NO_NUMBER
        case "a-number":
            return 17
        case "an-object":
            return {NO_CHOICE: True}
        case "no-such-choice":
            return _like(works)
    return None


def _like(works: Any) -> Any:
    """A choice that there is not, in the shape in which the others are offered."""
    if isinstance(works, list):
        return [_like(works[0] if works else "")]
    return {"name": NO_CHOICE, "value": NO_CHOICE} if isinstance(works, dict) else NO_CHOICE
