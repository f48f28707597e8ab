"""What a piece of code may hold while it is read: credentials on their way, what a name refers to, and constants.

A value stands for all that an expression may be in any run. Values are immutable; two are equal if they stand for the same,
by whichever way it came.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from panoply_testing.review.model import Step

__all__ = [
    "BOTTOM",
    "CLEAN",
    "MOST_STEPS",
    "Label",
    "Ref",
    "Trace",
    "Value",
    "constant",
    "container",
    "join",
    "joined",
    "reference",
    "stepped",
    "text",
]

Trace = tuple["Step", ...]

# A way that is longer is shown with its middle left out.
MOST_STEPS: Final = 16

# More constants than that are "anything"; likewise containers within containers.
_MOST_CONSTANTS: Final = 40
_MOST_ITEMS: Final = 60
_DEEPEST: Final = 5
_FARTHEST: Final = 3
_MOST_REFS: Final = 24
_OF_PLATFORM: Final = frozenset({"params", "options", "param", "any_param", "sink", "declare"})


@dataclass(frozen=True, slots=True)
class Label:
    """One credential: a param's, an option's, or one that the source declares by `secret()`."""

    kind: str
    name: str

    @property
    def words(self) -> str:
        """What a report calls it."""
        if self.kind == "params":
            return "value of every param"
        if self.kind == "declared":
            return "what it declares by secret()"
        return f"{self.kind} `{self.name}`"


@dataclass(frozen=True, slots=True)
class Ref:
    """What a value refers to.

    Attributes:
        kind: `function`, `method` (of a package's object), `closure`, `class`, `instance`, `super`, `module`, `external` (a
            name of a library), `object` (what a library gave), `attribute` (of something unknown), `partial`, `sink`, and
            `params`, `options`, `param`, `any_param` for what the platform hands over.
        name: which one, in the words of its kind.
        of: what it belongs to: the object of a method, the callable of a partial.
        more: arguments of a partial; the environment of a closure.
    """

    kind: str
    name: str = ""
    of: Value | None = None
    more: Any = None
    reach: int = field(init=False, compare=False, default=0)

    def __post_init__(self) -> None:
        """Cut off what it belongs to where that belongs to something that belongs to something, and so on."""
        if self.of is not None:
            reach = 1 + self.of.reach
            if reach > _FARTHEST:
                object.__setattr__(self, "of", Value(taints=self.of.all_taints()))
                reach = 1
            object.__setattr__(self, "reach", reach)


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """All that an expression may be.

    Attributes:
        taints: the credentials that are in it as text, each with the way that it took.
        items: what is known of its entries, by key or index; an object's attributes are under `.name`.
        rest: what its other entries may be; None: it is not known to have any.
        refs: what it may refer to.
        consts: the constants that it may be; None: anything.
    """

    taints: Mapping[Label, Trace] = field(default_factory=dict)
    items: Mapping[Any, Value] = field(default_factory=dict)
    rest: Value | None = None
    refs: frozenset[Ref] = frozenset()
    consts: frozenset[Any] | None = None
    depth: int = 0
    _key: list[Any] = field(default_factory=list, repr=False)
    _reach: list[int] = field(default_factory=list, repr=False)

    def key(self) -> Any:
        """What makes it equal to another: all but the ways."""
        if not self._key:
            items = frozenset((key, value.key()) for key, value in self.items.items())
            rest = None if self.rest is None else self.rest.key()
            parts = (frozenset(self.taints), items, rest, self.refs, self.consts)
            self._key.extend((parts, hash(parts)))
        return self._key[0]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Value) and (self is other or (hash(self) == hash(other) and self.key() == other.key()))

    def __hash__(self) -> int:
        self.key()
        return int(self._key[1])

    @property
    def is_bottom(self) -> bool:
        """Whether it stands for nothing at all: code that is never reached."""
        return self.consts == frozenset() and not (self.taints or self.items or self.refs) and self.rest is None

    @property
    def reach(self) -> int:
        """How many steps it is to the farthest thing that it refers to by way of others."""
        if not self._reach:
            inner = [*self.items.values(), *(() if self.rest is None else (self.rest,))]
            self._reach.append(max((*(ref.reach for ref in self.refs), *(value.reach for value in inner)), default=0))
        return self._reach[0]

    def kinds(self, *kinds: str) -> list[Ref]:
        """What it may refer to of these kinds, in an order that does not change from run to run."""
        found = [ref for ref in self.refs if ref.kind in kinds] if self.refs else []
        return sorted(found, key=lambda ref: (ref.kind, ref.name)) if len(found) > 1 else found

    def text(self) -> str | None:
        """The one text that it is."""
        if self.consts is None or len(self.consts) != 1:
            return None
        [only] = self.consts
        return only if isinstance(only, str) else None

    def with_item(self, key: Any, value: Value) -> Value:
        """The same, with one entry set."""
        if key not in self.items and len(self.items) >= _MOST_ITEMS:
            return container(dict(self.items), join(self.rest or BOTTOM, value), like=self)
        return container({**self.items, key: value}, self.rest, like=self)

    def with_rest(self, value: Value) -> Value:
        """The same, with one entry more, of which it is not known where."""
        return container(self.items, join(self.rest or BOTTOM, value), like=self)

    def all_taints(self) -> dict[Label, Trace]:
        """The credentials anywhere in it."""
        found = dict(self.taints)
        for inner in (*self.items.values(), *(() if self.rest is None else (self.rest,))):
            for label, trace in inner.all_taints().items():
                found.setdefault(label, trace)
        return found


CLEAN: Final = Value()
BOTTOM: Final = Value(consts=frozenset())


def constant(value: Any) -> Value:
    """A constant of the code."""
    return Value(consts=frozenset({value}))


def text(taints: Mapping[Label, Trace]) -> Value:
    """A text with these credentials in it."""
    return Value(taints=taints) if taints else CLEAN


def reference(*refs: Ref) -> Value:
    """What refers to something."""
    return Value(refs=frozenset(refs))


def container(items: Mapping[Any, Value], rest: Value | None = None, *, like: Value = CLEAN) -> Value:
    """A dict, a list, or an object with attributes."""
    depth = 1 + max((inner.depth for inner in (*items.values(), *(() if rest is None else (rest,)))), default=0)
    if depth > _DEEPEST:
        # What lies so deep is taken together.
        whole = text(Value(items=items, rest=rest).all_taints())
        return Value(taints=like.taints, rest=whole, refs=like.refs, consts=None, depth=1)
    return Value(taints=like.taints, items=items, rest=rest, refs=like.refs, consts=None, depth=depth)


def join(one: Value, other: Value) -> Value:
    """What is either."""
    if one is other or other.is_bottom:
        return one
    if one.is_bottom or one == other:
        return other
    items = _joined_items(one, other)
    consts = None
    if one.consts is not None and other.consts is not None:
        both = one.consts | other.consts
        consts = both if len(both) <= _MOST_CONSTANTS else None
    rest = one.rest if other.rest is None else other.rest if one.rest is None else join(one.rest, other.rest)
    refs = one.refs | other.refs
    if len(refs) > _MOST_REFS:
        # What may be so many things may be anything; only what comes from the platform is kept in mind.
        refs = frozenset(
            ref for ref in refs if ref.of is None and (len(refs) <= 2 * _MOST_REFS or ref.kind in _OF_PLATFORM)
        )
    return Value(
        taints={**other.taints, **one.taints},
        items=items,
        rest=rest,
        refs=refs,
        consts=consts,
        depth=max(one.depth, other.depth),
    )


def _joined_items(one: Value, other: Value) -> dict[Any, Value]:
    items = dict(one.items)
    for key, value in other.items.items():
        items[key] = join(items[key], value) if key in items else value
    # What only one of two dicts of params has replaced may still be what the user entered.
    given = [any(ref.kind == "params" for ref in value.refs) for value in (one, other)]
    if given[0] or given[1]:
        items = {
            key: value
            for key, value in items.items()
            if (key in one.items or not given[0]) and (key in other.items or not given[1])
        }
    return items


def joined(values: Iterable[Value]) -> Value:
    """What is any of them."""
    whole = BOTTOM
    for value in values:
        whole = join(whole, value)
    return whole


def stepped(value: Value, step: Step) -> Value:
    """The same value, one step further on its way."""
    return _stepped(value, step)


def _stepped(value: Value, step: Step) -> Value:
    if not value.taints and not value.items and value.rest is None:
        return value
    return Value(
        taints={label: _longer(trace, step) for label, trace in value.taints.items()},
        items={key: _stepped(inner, step) for key, inner in value.items.items()},
        rest=None if value.rest is None else _stepped(value.rest, step),
        refs=value.refs,
        consts=value.consts,
        depth=value.depth,
    )


def _longer(trace: Trace, step: Step) -> Trace:
    if step in trace:
        return trace
    if len(trace) >= MOST_STEPS:
        return (*trace[: MOST_STEPS // 2], *trace[MOST_STEPS // 2 + 1 :], step)
    return (*trace, step)
