"""Keeps credentials out of what pytest itself shows of a test: local variables, diffs of assertions, captured output, warnings.

What the checks say is masked where it arises. Here it is about the rest of a report, the project's own tests included.
"""

from __future__ import annotations

import contextlib
import sys
from collections import deque
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, Final

import pytest

from panoply_testing._facts import marks_of, named
from panoply_testing.secrets import Credentials, Marks, Secret, credentials_among, secrets_named
from panoply_testing.settings import Settings

if TYPE_CHECKING:
    import warnings
    from collections.abc import Iterator

__all__ = ["learn", "mask", "mask_data", "mask_warning"]

_KNOWN: pytest.StashKey[Credentials] = pytest.StashKey()

# Params of which it is not known yet what CONFIG says of them: to import the source is for its tests, and for a check.
_WAITING: pytest.StashKey[deque[Mapping[str, Any]]] = pytest.StashKey()

# A fixture of the function's scope gives equal ones again and again.
_MOST_WAITING: Final = 100


def learn(config: pytest.Config, *, params: object = None, options: object = None, secrets: object = None) -> None:
    """Mask from now on the credentials among these, if they are dicts at all, and all that is named as a secret."""
    known = config.stash.setdefault(_KNOWN, Credentials(()))
    by_name: tuple[Secret, ...] = ()
    with contextlib.suppress(TypeError):  # of no use, which the checks say
        by_name = secrets_named(secrets)
    given = _as_mapping(params)
    for secret in (*by_name, *credentials_among(given, _as_mapping(options))):
        known.add(secret)
    config.stash.setdefault(_WAITING, deque(maxlen=_MOST_WAITING)).append(given)


def _known(config: pytest.Config) -> Credentials | None:
    """The credentials that have been learnt, also by what CONFIG says of the params, as soon as a test has imported the source."""
    known, waiting = config.stash.get(_KNOWN, None), config.stash.get(_WAITING, None)
    if known is not None and waiting:
        marks = list(_marks(config))
        for secret in (
            secret for each in marks for params in waiting for secret in credentials_among(params, {}, each)
        ):
            known.add(secret)
        if marks:
            waiting.clear()
    return known if known is not None and known.secrets else None


def _marks(config: pytest.Config) -> Iterator[Marks]:
    for source in Settings.of(config).sources:
        module = sys.modules.get(source.name)
        if module is not None:
            yield marks_of(named(module, "CONFIG"))


def mask(config: pytest.Config, report: pytest.TestReport) -> None:
    """Mask, in the report of one phase of a test, the credentials that have been learnt up to now."""
    known = _known(config)
    if known is None:
        return
    if isinstance(report.longrepr, tuple):
        path, line, reason = report.longrepr
        report.longrepr = (path, line, known.mask(reason))
    elif known.find(text := report.longreprtext):
        # Part by part, in the form in which reports travel between processes: so it keeps its structure and its colours.
        # What is spread over several parts, such as the lines of a key, only the text as a whole can be rid of.
        data = config.hook.pytest_report_to_serializable(config=config, report=report)
        copy = config.hook.pytest_report_from_serializable(config=config, data=_masked(data, known))
        report.longrepr = known.mask(text) if known.find(copy.longreprtext) else copy.longrepr
    report.sections[:] = [(known.mask(title), known.mask(content)) for title, content in report.sections]
    # What checks and tests note, which junitxml writes down, and why a failure is known.
    report.user_properties[:] = _pairs(report.user_properties, known)
    known_reason = getattr(report, "wasxfail", None)
    if isinstance(known_reason, str):
        report.wasxfail = known.mask(known_reason)


def mask_data(config: pytest.Config, data: Any, *, but: AbstractSet[str] = frozenset()) -> Any:
    """A copy of a text, or of texts in dicts and lists, with the credentials masked that have been learnt up to now.

    Args:
        config: of the session.
        data: as JSON has it.
        but: keys whose values are left as they are, wherever they occur.
    """
    known = _known(config)
    return data if known is None else _masked(data, known, but)


def mask_warning(config: pytest.Config, message: warnings.WarningMessage) -> None:
    """Mask, in a warning that pytest is about to show, the credentials that have been learnt up to now."""
    known = _known(config)
    if known is not None and known.find(text := str(message.message)):
        message.message = Warning(known.mask(text))  # its category is shown as it was


def _masked(data: Any, known: Credentials, but: AbstractSet[str] = frozenset()) -> Any:
    if isinstance(data, str):
        return known.mask(data)
    if isinstance(data, Mapping):
        return {key: value if key in but else _masked(value, known, but) for key, value in data.items()}
    if not isinstance(data, list | tuple):
        return data
    masked = [_masked(value, known, but) for value in data]
    if not all(isinstance(value, str) for value in data):
        return masked
    # One that is spread over the lines of a text, some of them too short to be told by themselves.
    whole = known.mask("\n".join(data))
    return masked if whole == "\n".join(masked) else whole.split("\n")


def _pairs(properties: Iterable[tuple[str, object]], known: Credentials) -> list[tuple[str, object]]:
    return [(name, _masked(value, known)) for name, value in properties]


def _as_mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
