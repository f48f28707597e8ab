"""Draws records: all that `panoply.SDK.write` takes, and the check `records_are_json` accepts."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any, Final

from hypothesis import strategies as st

__all__ = ["records"]

# Any text that UTF-8 has, the characters that SQS refuses among it: they are escaped.
_TEXT: Final = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)

# Columns that begin with two underlines have a meaning of their own.
_COLUMNS: Final = st.text(st.characters(exclude_categories=["Cs"]), max_size=20).filter(
    lambda name: not name.startswith("__")
)

_ZONES: Final = st.none() | st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))

_LEAVES: Final[st.SearchStrategy[Any]] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(2**200), 2**200),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(allow_nan=False, allow_infinity=False),
    _TEXT,
    st.dates(),
    st.datetimes(timezones=_ZONES),
    st.times(timezones=_ZONES),
    st.uuids(),
)


def records() -> st.SearchStrategy[dict[str, Any]]:
    """A record: columns of text, numbers, dates, times, Decimals, UUIDs, None, and lists, tuples and dicts of these.

    Each can be sent as JSON (its keys are text, its numbers finite, its text valid Unicode), and fits into a message.
    """
    nested = st.recursive(
        _LEAVES,
        lambda inner: (
            st.lists(inner, max_size=5)
            | st.lists(inner, max_size=3).map(tuple)
            | st.dictionaries(_COLUMNS, inner, max_size=5)
        ),
        max_leaves=12,
    )
    return st.dictionaries(_COLUMNS, _LEAVES | nested, max_size=8)
