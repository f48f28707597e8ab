"""What makes the message of an exception clear to the person who set a source up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from panoply_testing.checks._runs import what_happened
from panoply_testing.observation import End

if TYPE_CHECKING:
    from collections.abc import Iterable

    from panoply_testing._config_facts import ParamFacts
    from panoply_testing.observation import Observation, Step

__all__ = ["PATIENCE", "names", "unclear"]

# By the source's own time: whoever set it up waits for an answer.
PATIENCE: Final = 600.0

# What says where the code gave up, rather than what the user did wrong.
_OF_THE_CODE: Final = frozenset({"KeyError", "IndexError", "AttributeError", "TypeError", "NameError", "SystemExit"})

_WORD: Final = re.compile(r"[^\W\d_]{3,}")

# Where one word of `apiKey` or `APIKey` ends and the next one begins.
_WITHIN: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORDS: Final = re.compile(r"[^\W_]+")

# Words that may stand in any message, whichever param it is about.
_ANYWHERE: Final = frozenset(
    """
    a an and answer answered api are as at be by can cannot choose config configuration could data empty enter error
    expected failed field for from given has in invalid is it may missing must name no none not of on one optional
    or param parameter params please provide request required response select server set setting settings source
    string text that the this to type use valid value values was were with wrong you your
    """.split()  # noqa: SIM905 - words, not quotes
)


def unclear(run: Observation, step: Step) -> str:
    """What is wrong with the exception by which a call told of wrong params; empty: it is clear."""
    raised = step.raised
    assert raised is not None, "it told nothing"  # noqa: S101 - the caller's fault
    if raised.type_name in _OF_THE_CODE:
        return f"{raised}: a {raised.type_name} speaks of the code, not of the params"
    if not _has_words(raised.message):
        silent = not raised.message.strip()
        return f"{raised.type_name} without a message" if silent else f"{raised}, which does not say what is wrong"
    waited = sum(each.waited for each in run.steps[: run.steps.index(step) + 1])
    if waited > PATIENCE:
        return f"{raised}, after {waited / 60:,.0f} minutes of waiting"
    if run.end is End.ENDLESS or (run.end is End.HUNG and run.unfinished is not None):
        return f"{raised}, and then {what_happened(run)}"
    return ""


def _has_words(message: str) -> bool:
    """Whether it has words of its own: not just a number, a key, or a name."""
    return len(message.split()) > 1 and _WORD.search(message) is not None


def names(message: str, param: ParamFacts, params: Iterable[ParamFacts]) -> bool:
    """Whether a message says which of the params it is about: by its name or title, or by a word that no other one has.

    However it is written: `apiKey`, "API key" and "the API keys" are the same.
    """
    words = _words(message)
    if any(_stands_in(wanted, words) for wanted in (_words(param.name), _words(param.title))):
        return True
    of_others = {word for other in params if other.name != param.name for word in _all_words(other)}
    return bool((_all_words(param) - of_others) & (set(words) - _MEANINGLESS))


def _all_words(param: ParamFacts) -> set[str]:
    return {*_words(param.name), *_words(param.title)}


def _words(text: str) -> list[str]:
    return [_singular(word.casefold()) for word in _WORDS.findall(_WITHIN.sub(" ", text))]


def _singular(word: str) -> str:
    return word.removesuffix("s") if len(word) > 3 else word


_MEANINGLESS: Final = frozenset(map(_singular, _ANYWHERE))


def _stands_in(wanted: list[str], words: list[str]) -> bool:
    """Whether some words in a row are these, wherever one ends and the next one begins."""
    whole = "".join(wanted)
    for start in range(len(words)):
        joined = ""
        for word in words[start:]:
            joined += word
            if joined == whole:
                return True
            if not whole.startswith(joined):
                break
    return False
