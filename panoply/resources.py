"""What a source can read from (tables, forms, accounts), and how a form offers it to choose from.

`DataSource.list_resources` and `get_resource` give these shapes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Required, TypedDict, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["Field", "Resource", "convert_to_ui_format"]

T = TypeVar("T")


class Field(TypedDict, total=False):
    """A column of a resource."""

    name: Required[str]
    type: str | None
    is_mandatory: bool | None
    is_available: bool | None


class Resource(TypedDict, total=False):
    """Something that a source can read from.

    `available`: whether this user may read it. `required`: whether it is read in any case. `requires`: the ids of those
    without which it cannot be read.
    """

    id: Required[str]
    title: Required[str]
    fields: list[Field] | None
    available: bool | None
    required: bool | None
    requires: list[str] | None


def convert_to_ui_format(
    items: Iterable[T] | None,
    create_name: Callable[[T], Any],
    create_value: Callable[[T], Any],
    is_disabled: Callable[[T], bool] = lambda _: False,
    requires: Callable[[T], Sequence[str]] = lambda _: [],
) -> list[dict[str, Any]] | None:
    """Turn resources, fields, or anything else into the entries of a list that a user chooses from.

    Args:
        items: what there is.
        create_name: what the user reads of an item.
        create_value: what the source gets if it is chosen.
        is_disabled: whether it is shown, but cannot be chosen.
        requires: the values of those that have to be chosen along with it.

    Returns:
        `{"name", "value", "disabled", "requires"}` for each item; None where there is none. A param's `values` has to give
        a list: `convert_to_ui_format(...) or []`.
    """
    entries = [
        {
            "name": create_name(item),
            "value": create_value(item),
            "disabled": is_disabled(item),
            "requires": requires(item),
        }
        for item in items or ()
    ]
    return entries or None
