"""Draws the params of a source: what its form would give back, and what the platform adds to that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from panoply._credential_params import WIDGET_TYPES
from panoply.config import Config
from panoply.driving import Driver
from panoply.errors import ParamsError
from panoply_testing._drawn_text import credentials, identifiers, typed
from panoply_testing._param_facts import is_left_out
from panoply_testing._values import MOST_ENTRIES, copied

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from panoply.config import Param

__all__ = ["Form", "as_given_back", "filled_in", "params"]

Draw = Any  # hypothesis' DrawFn is generic in a way that a helper cannot name

# Of a long list, nobody chooses more.
_MOST_CHOSEN: Final = 6

# A number that JSON's readers agree on.
_NUMBERS: Final = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)

_COLUMNS: Final = st.lists(identifiers(), min_size=1, max_size=3, unique=True)

# What the platform's widgets give.
_WIDGETS: Final[Mapping[str, SearchStrategy[Any]]] = {
    "schema": identifiers(),
    "destination": identifiers() | st.just("orders_{column}"),
    "primary-key": identifiers().map("{{{}}}".format),
    "incremental-key": identifiers(),
    "exclude": _COLUMNS,
    "parse-string": _COLUMNS,
    "truncate-table": st.booleans(),
}

_NO_TEXT: Final = frozenset({"exclude", "parse-string", "truncate-table"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A CONFIG, read, with what its params offer in the shape in which it is offered.

    Attributes:
        config: what it says. `offers`: by the names of the params, what can be chosen where that is known already.
        overrides: by their names, what some params are: a value, or a strategy that draws it.
        options: what a function among the `values` gets as its second argument.
    """

    config: Config
    offers: Mapping[str, Sequence[Any]]
    overrides: Mapping[str, Any]
    options: Mapping[str, Any]

    @classmethod
    def of(
        cls,
        config: object,
        *,
        overrides: Mapping[str, Any] | None = None,
        values: Mapping[str, Iterable[Any]] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> Form:
        """Read a CONFIG, which may have been read before.

        Raises:
            ConfigError: it is not valid.
            ParamsError: `values` are given for what is no param.
        """
        parsed = config if isinstance(config, Config) else Config.parse(config)
        offers: dict[str, Sequence[Any]] = {
            param.name: [choice.offered for choice in param.values]
            for param in parsed.params
            if isinstance(param.values, tuple)
        }
        for name, entries in (values or {}).items():
            parsed.param(name)
            offers[name] = list(entries)
        return cls(config=parsed, offers=offers, overrides=overrides or {}, options=options or {})

    def offered(self, param: Param, source: Mapping[str, Any]) -> list[Any] | None:
        """What can be chosen for a param once `source` is filled in; None: nobody can tell.

        A function is asked each time; one that raises can offer nothing to these made-up params.
        """
        if param.name in self.offers:
            return list(self.offers[param.name])
        if not callable(param.values):
            return None
        try:
            with Driver() as driver:
                given = driver.call(param.call_values, copied(source), copied(self.options))
            return list(islice(given, MOST_ENTRIES))
        except Exception:  # noqa: BLE001 - the source's own function, which may need a far end
            return None


def params(
    config: object,
    *,
    overrides: Mapping[str, Any] | None = None,
    values: Mapping[str, Iterable[Any]] | None = None,
    options: Mapping[str, Any] | None = None,
    platform: bool = True,
) -> SearchStrategy[dict[str, Any]]:
    """Valid params of a source, as the platform would pass them to it as `source`.

    What is required is there; what is optional may be. A param comes only with those that it depends on. What is chosen is
    among the values, in the shape in which it was offered: text or `{"name": ..., "value": ...}`, several of them in a list.

        @given(params(CONFIG, overrides={"url": server.url, "page_size": st.integers(1, 100)}))
        def test_any_params_do(source): ...

    Args:
        config: the module's CONFIG, or what `Config.parse` made of it.
        overrides: for some params what they are, such as the address of a local server: a value, or a strategy. They are
            always there, also if CONFIG does not declare them. Hypothesis shows them where a test fails.
        values: for some params what can be chosen, in place of what CONFIG says; needed for a required one whose function
            cannot be called with made-up params.
        options: what such a function of `(source, options)` gets as its second argument.
        platform: whether there may be keys that the platform adds: `destination`, `lastTimeSucceed`, an empty `state` ...

    Raises:
        ConfigError: CONFIG is not valid.
        ParamsError: `values` names no param; when drawing: there is nothing to choose from for a required one.
    """
    form = Form.of(config, overrides=overrides, values=values, options=options)
    return filled_in(form, platform=platform)


@st.composite
def filled_in(draw: Draw, form: Form, *, platform: bool) -> dict[str, Any]:
    """The params that a filled-in form gives."""
    source: dict[str, Any] = {
        name: draw(value) if isinstance(value, SearchStrategy) else copied(value)
        for name, value in form.overrides.items()
    }
    needed = _needed(form.config)
    for param in _in_order(form.config):
        if param.name in source or any(is_left_out(source.get(name)) for name in param.dependencies):
            continue
        if param.name in needed or draw(st.booleans()):
            _fill_in(draw, form, param, source, must=param.name in needed)
    if platform:
        declared = {param.name for param in form.config.params}
        for name, value in draw(_of_the_platform(form.config)).items():
            if name not in declared:  # what the user has left empty stays so
                source.setdefault(name, value)
    return source


def _fill_in(draw: Draw, form: Form, param: Param, source: dict[str, Any], *, must: bool) -> None:
    # The form begins with the default, and mostly nobody changes it.
    if not is_left_out(param.default) and _is_of_its_type(param) and draw(st.booleans()):
        source[param.name] = copied(param.default)
        return
    if not param.is_list_like:
        source[param.name] = draw(_of_type(param))
        return
    offered = form.offered(param, source)
    chosen = None if offered is None else _choice_among(offered, several=param.is_multiple, must=must)
    if chosen is not None:
        source[param.name] = draw(chosen)
    elif offered is None and param.values is None:
        # Nothing is offered, so whatever is typed was chosen.
        source[param.name] = draw(st.lists(typed(), min_size=1, max_size=3) if param.is_multiple else typed())
    elif must:
        raise ParamsError(
            f"There is nothing to choose from for the required param {param.name!r}: its values are an empty list, or a function "
            f'that needs more than made-up params. Say what it offers: values={{{param.name!r}: ["a", "b"]}}.'
        )


def _choice_among(offered: list[Any], *, several: bool, must: bool) -> SearchStrategy[Any] | None:
    """One or several of these; None: there is none that could be chosen."""
    free = [each for each in offered if not (isinstance(each, dict) and each.get("disabled"))]
    if several:
        if not free:
            return None if must else st.just([])
        chosen = st.lists(st.sampled_from(range(len(free))), min_size=int(must), max_size=_MOST_CHOSEN, unique=True)
        return chosen.map(lambda numbers: _with_required([free[number] for number in numbers], free))
    # What has to be chosen together with others cannot be chosen alone.
    free = [each for each in free if not (isinstance(each, dict) and each.get("requires"))]
    return st.sampled_from(free).map(as_given_back) if free else None


def _with_required(chosen: list[Any], free: list[Any]) -> list[Any]:
    """What was chosen, and what has to be chosen together with it."""
    by_value = {_value(each): each for each in free if isinstance(_value(each), str)}
    result = list(chosen)
    for each in result:  # grows while it is gone through
        wanted = each.get("requires") if isinstance(each, dict) else None
        for value in wanted if isinstance(wanted, list) else [wanted]:
            if isinstance(value, str) and by_value.get(value, each) not in result:
                result.append(by_value[value])
    return [as_given_back(each) for each in result]


def _value(entry: Any) -> Any:
    return entry.get("value") if isinstance(entry, dict) else entry


def as_given_back(entry: Any) -> Any:
    """A choice as the platform gives it back."""
    if not isinstance(entry, dict):
        return entry
    return {key: copied(entry[key]) for key in ("name", "value") if key in entry}


def _of_type(param: Param) -> SearchStrategy[Any]:
    if param.type in WIDGET_TYPES:
        return _WIDGETS[param.type]
    # Without a type, the default tells what kind of value it is.
    if not param.type and isinstance(param.default, bool):
        return st.booleans()
    if param.type == "number" or (not param.type and isinstance(param.default, int | float)):
        return _NUMBERS
    return credentials() if param.is_credential else typed()


def _is_of_its_type(param: Param) -> bool:
    """Whether the default is what the field would give: a number in quotes is not."""
    default = param.default
    if param.type == "number":
        return isinstance(default, int | float) and not isinstance(default, bool)
    if param.is_list_like:
        # It may be an entry's value where the form gives the entry.
        return False
    return not param.type or (isinstance(default, str) and param.type not in _NO_TEXT)


def _needed(config: Config) -> frozenset[str]:
    """The params that are always there: what is required, and what that depends on."""
    found: dict[str, None] = {}
    todo = [param.name for param in config.params if param.required]
    while todo:
        name = todo.pop()
        if name not in found:
            found[name] = None
            todo += config.param(name).dependencies
    return frozenset(found)


def _in_order(config: Config) -> list[Param]:
    """The params, each after those that it depends on."""
    left, done, ordered = list(config.params), set[str](), list[Any]()
    while left:
        ready = [param for param in left if done.issuperset(param.dependencies)]
        ordered += ready
        done.update(param.name for param in ready)
        left = [param for param in left if param.name not in done]
    return ordered


def _of_the_platform(config: Config) -> SearchStrategy[dict[str, Any]]:
    """Keys that the platform adds. The state of an earlier run is the source's own, so there is only an empty one."""
    moments = st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)).map(_iso)  # noqa: DTZ001 - bounds have none
    keys: dict[str, SearchStrategy[Any]] = {
        "destination": _WIDGETS["destination"],
        "idpattern": _WIDGETS["primary-key"],
        "lastTimeSucceed": moments,
        "state": st.builds(dict),
        "id": st.uuids().map(str),
        "type": identifiers(),
        "database": identifiers(),
        "__updates": st.booleans(),
    }
    if config.advanced.get("withIncremental"):
        keys |= {"inckey": identifiers(), "incval": moments}
    return st.fixed_dictionaries({}, optional=keys)


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
