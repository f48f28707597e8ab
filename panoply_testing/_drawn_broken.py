"""Draws params of a source of which one is broken, and says which, and how."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from hypothesis import strategies as st

from panoply._credential_params import WIDGET_TYPES
from panoply.errors import ParamsError
from panoply_testing._breakages import NO_CHOICE, NO_NUMBER
from panoply_testing._drawn_params import Form, as_given_back, filled_in
from panoply_testing._drawn_text import INJECTIONS, ODD_TEXTS, typed
from panoply_testing._param_facts import is_asked_for, must_be_given
from panoply_testing.secrets import Credentials, Marks, Secret, credentials_among

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from panoply.config import Param

__all__ = ["Broken", "HowBroken", "broken_params"]

HowBroken = Literal["missing", "none", "empty", "wrong-type", "no-such-choice", "huge", "odd-unicode", "injection"]

Draw = Any

# Characters of a text that is huge: more than a URL, a header or a column takes, and no burden to a test.
_HUGE: Final = 100_000

_TEXT_TYPES: Final = frozenset({"", "string", "text", "password"})

# What a number is not; and, further down, a list and a text.
_NO_NUMBERS: Final[st.SearchStrategy[Any]] = (
    st.sampled_from([NO_NUMBER, "12a", "1,5", "0x1F", "--1", "one", [], [1], {}, {"value": 1}]) | typed()
).filter(lambda value: not _reads_as_a_number(value))
_NO_LISTS: Final[st.SearchStrategy[Any]] = (
    st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans() | typed()
) | st.sampled_from([{NO_CHOICE: True}, {"name": NO_CHOICE, "value": NO_CHOICE}])
_NO_TEXTS: Final[st.SearchStrategy[Any]] = st.sampled_from(
    [0, -1, 1.5, True, False, [], ["a", "b"], {}, {"value": "a"}]
)
_HUGE_NUMBERS: Final[st.SearchStrategy[Any]] = st.sampled_from([10**30, -(10**30), 2**63, 10**300, 1.7e308, -1.7e308])


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Broken:
    """Params of which one is broken.

    Its repr, which hypothesis shows where a test fails, masks credentials.

    Attributes:
        params: what a source gets as `source`.
        param: the name of the one that is broken.
        how: in which way.
        title: what the form calls it; empty: nothing.
        is_certain: whether every source has to notice: something required is not there, a number or list is none, a choice
            is none of those that CONFIG lists. Any other way is one that a source may just as well live with.
    """

    params: dict[str, Any]
    param: str
    how: HowBroken
    title: str = ""
    is_certain: bool = False
    _credentials: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def value(self) -> Any:
        """What the broken param holds; None where it is missing."""
        return self.params.get(self.param)

    def __repr__(self) -> str:
        found = credentials_among(self.params, {}, Marks(masked=self._credentials))
        known = Credentials(found)
        # Those that are too short to be looked for in a text: their own place is known.
        shown = {name: self._shown(name, value) for name, value in self.params.items()}
        text = known.mask(repr(shown))
        return f"Broken(param={self.param!r}, how={self.how!r}, is_certain={self.is_certain}, params={text})"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002, FBT001 - as IPython calls it, and hypothesis
        # Of a dataclass they would print the fields, whatever its repr is.
        printer.text(repr(self))

    def _shown(self, name: str, value: Any) -> Any:
        if name not in self._credentials or value in (None, "") or not isinstance(value, str | int | float):
            return _Ellipsis(value) if isinstance(value, str) and len(value) > _SHOWN else value
        return _Masked(Secret(label=name, value=str(value)).masked if len(str(value)) >= _MASKED_FROM else "***")


# Characters of a long text that a repr shows, and of a credential of which the first and last two may be seen.
_SHOWN: Final = 200
_MASKED_FROM: Final = 6


def broken_params(  # noqa: PLR0913 - all of them by name
    config: object,
    *,
    how: Collection[HowBroken] = get_args(HowBroken),
    only: Collection[str] | None = None,
    overrides: Mapping[str, Any] | None = None,
    values: Mapping[str, Iterable[Any]] | None = None,
    options: Mapping[str, Any] | None = None,
    platform: bool = True,
) -> st.SearchStrategy[Broken]:
    """Params that are valid but for one, which is broken in one way.

        @given(broken_params(CONFIG, how=["missing", "none", "empty"], overrides={"url": server.url}))
        def test_it_says_what_is_missing(broken):
            with pytest.raises(panoply.PanoplyException, match=broken.title):
                Stream(broken.params, {})

    | how | what becomes of the param |
    | --- | --- |
    | missing, none, empty | one that is required, and has no default: not there; None; "", [] |
    | wrong-type | no number for a number, no list for a list, no text for text |
    | no-such-choice | another choice than those that CONFIG lists |
    | huge | text of 100,000 characters, a number beyond 64 bits |
    | odd-unicode | control characters, half surrogate pairs, letters that are two, from right to left ... |
    | injection | what is dangerous in SQL, a shell, a path, a header, HTML, a template, where it is put there as it is |

    Args:
        config: the module's CONFIG, or what `Config.parse` made of it.
        how: the ways to break a param.
        only: the names of the params that may be broken. None: any of them.
        overrides: as for `params`; they may be broken like any other.
        values: as for `params`.
        options: likewise.
        platform: likewise.

    Raises:
        ConfigError: CONFIG is not valid.
        ParamsError: no param can be broken in such a way; `only` or `values` name no param.
    """
    form = Form.of(config, overrides=overrides, values=values, options=options)
    names = None if only is None else {form.config.param(name).name for name in only}
    unknown = sorted(set(how) - set(get_args(HowBroken)))
    if unknown:
        raise ParamsError(f"A param cannot be broken by {unknown[0]!r}: there are {', '.join(get_args(HowBroken))}.")
    ways = [
        (param, way)
        for param in form.config.params
        if names is None or param.name in names
        for way in _ways(form, param)
        if way in how
    ]
    if not ways:
        raise ParamsError(
            f"No param of CONFIG can be broken in this way ({', '.join(how)}): what is not required may be missing, and what nobody "
            'types in cannot be mistyped. Mark params as "required": True, or ask for other ways.'
        )
    return _broken(form, ways, platform=platform)


@st.composite
def _broken(draw: Draw, form: Form, ways: list[tuple[Param, HowBroken]], *, platform: bool) -> Broken:
    param, how = draw(st.sampled_from(ways))
    source = draw(filled_in(form, platform=platform))
    if how == "missing":
        source.pop(param.name, None)
    else:
        source[param.name] = draw(_values(form, param, how, source))
    return Broken(
        params=source,
        param=param.name,
        how=how,
        title=param.title,
        is_certain=_is_certain(param, how),
        _credentials=frozenset(each.name for each in form.config.params if each.is_credential),
    )


def _ways(form: Form, param: Param) -> Iterator[HowBroken]:
    if must_be_given(param):
        yield from ("missing", "none", "empty")
    if not is_asked_for(param):
        return
    text = _is_text(param)
    if text or param.type == "number":
        yield from ("wrong-type", "huge")
    if param.is_multiple:
        yield "wrong-type"
    if param.is_list_like and form.offers.get(param.name):
        yield "no-such-choice"
    if text:
        yield from ("odd-unicode", "injection")


def _is_text(param: Param) -> bool:
    """Whether text is typed into it; where the kit does not know the type, or the default is none, who can tell."""
    return param.type in _TEXT_TYPES and param.type not in WIDGET_TYPES and isinstance(param.default, str | None)


def _is_certain(param: Param, how: HowBroken) -> bool:
    if how == "wrong-type":
        return param.type == "number" or param.is_multiple
    return how in ("missing", "none", "empty") or (how == "no-such-choice" and isinstance(param.values, tuple))


def _values(  # noqa: PLR0911 - a line for each way
    form: Form, param: Param, how: HowBroken, source: Mapping[str, Any]
) -> st.SearchStrategy[Any]:
    match how:
        case "none":
            return st.none()
        case "empty":
            return st.builds(list) if param.is_multiple else st.just("")
        case "wrong-type":
            by_type = {"number": _NO_NUMBERS}
            return _NO_LISTS if param.is_multiple else by_type.get(param.type, _NO_TEXTS)
        case "no-such-choice":
            return _other_choices(form.offers[param.name], several=param.is_multiple)
        case "huge" if param.type == "number":
            return _HUGE_NUMBERS
        case "huge":
            return st.characters(exclude_categories=["C"]).map(lambda character: character * _HUGE)
        case "odd-unicode":
            return _around(source.get(param.name), ODD_TEXTS)
    return _around(source.get(param.name), INJECTIONS)


def _around(works: Any, odd: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Odd text by itself, and before or behind what would be right."""
    texts = st.sampled_from(odd)
    if not isinstance(works, str) or not works:
        return texts
    return texts | texts.map(works.__add__) | texts.map(lambda text: text + works)


def _other_choices(offered: Iterable[Any], *, several: bool) -> st.SearchStrategy[Any]:
    """A choice, in the shape of the others, that is none of them; in a list, alone or with one that is."""
    entries = list(offered)
    known = [each.get("value") if isinstance(each, dict) else each for each in entries]
    other: st.SearchStrategy[Any] = (st.just(NO_CHOICE) | typed()).filter(lambda value: value not in known)
    if isinstance(entries[0], dict):
        other = other.map(lambda value: {"name": value, "value": value})
    if not several:
        return other
    right = as_given_back(entries[0])
    return other.map(lambda value: [value]) | other.map(lambda value: [right, value])


def _reads_as_a_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


class _Masked(str):
    """Text that is shown without quotes: it is not the value."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class _Ellipsis(str):
    """A long text, of which a repr shows the beginning."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{self[:_SHOWN]!r}... ({len(self):,} characters)"
