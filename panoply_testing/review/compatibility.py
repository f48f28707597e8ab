"""Rules about the last released version: that collections which customers have set up with it go on as they did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from panoply._config_advice import LIST_TYPES
from panoply._credential_params import WIDGET_TYPES
from panoply._param_shapes import BOOL_TYPES, PLATFORM_KEYS, is_filled
from panoply._spelling import nearest
from panoply_testing.review._environment import needs_of
from panoply_testing.review._module_facts import module_of
from panoply_testing.review._previous import Pair, Released, previous_of
from panoply_testing.review._stream_probe import DEFAULTS
from panoply_testing.review.model import Finding, Note, Outcome, Rule, Unchecked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from panoply_testing.review._site import Site

__all__ = ["RULES", "judge", "look"]

KEPT: Final = Rule(
    name="params_are_kept",
    group="config",
    level="MUST",
    claim="Each param of the last released version is still there, under the same name.",
    why="The values that customers have entered are stored under that name; under another, the source does not find them.",
    fix="Keep the name, and change the title, which is all that users see; or read the old name where the new one is missing, and leave it in CONFIG as hidden.",
)
OPTIONAL: Final = Rule(
    name="params_stay_optional",
    group="config",
    level="MUST",
    claim="No param is required that was not in the last released version, unless it has a default.",
    why="Nobody has entered a value in the collections that are set up already, and these fail from one day to the next.",
    fix="Do without it where it is missing, as the last version did; or give it a default in CONFIG and in the source.",
)
SHAPES: Final = Rule(
    name="params_keep_their_shape",
    group="config",
    level="MUST",
    claim="The value of each param has the type and the shape that it had in the last released version.",
    why="What is stored has the old shape: text where a list is expected now, or texts where {name, value} are.",
    fix="Offer the values in the shape that they had, or give the new shape a new param, and go on reading the old one.",
)
TABLES: Final = Rule(
    name="table_defaults_are_kept",
    group="config",
    level="MUST",
    claim="The defaults of destination and idpattern are those of the last released version.",
    why="With another destination a running collection fills a new table beside the old one; with another idpattern it writes each row a second time.",
    fix="Leave the default as it is. What is to be different for new collections needs a param of its own.",
)
IDENTITY: Final = Rule(
    name="identity_is_kept",
    group="config",
    level="SHOULD",
    claim="CONFIG's title and hostProperty are those of the last released version.",
    why="Users know the source by its title, and the platform their collections by the host that they read.",
    fix="Leave it as it is, or say in the settings why it has changed.",
)

RULES: Final = (KEPT, OPTIONAL, SHAPES, TABLES, IDENTITY)

_NAMES: Final = tuple(rule.name for rule in RULES)


def judge(released: Released) -> Outcome:
    """Judge what has changed since the last released version."""
    if released.problem:
        return _unchecked(released.problem)
    if not released.tag:
        note = Note(rule=KEPT.name, text="This is the first version: there is no tag vX.Y.Z of an earlier one.")
        return Outcome(judged=_NAMES, notes=(note,))
    findings = tuple(finding for pair in released.pairs for finding in _of(pair, released.tag))
    return Outcome(judged=_NAMES, findings=findings)


def _unchecked(reason: str) -> Outcome:
    return Outcome(unchecked=tuple(Unchecked(rule=name, reason=reason) for name in _NAMES))


def _of(pair: Pair, tag: str) -> Iterator[Finding]:
    before, now = _params(pair.before), _params(pair.now)
    yield from _missing(pair, tag, before, now)
    yield from _newly_required(pair, tag, before, now)
    for name in [each for each in before if each in now]:
        yield from _reshaped(pair, tag, name, before[name], now[name])
    yield from _tables(pair, tag, before, now)
    yield from _identity(pair, tag)


def _params(config: Any) -> dict[str, Mapping[str, Any]]:
    params = config.get("params") if isinstance(config, dict) else None
    listed = params if isinstance(params, list) else []
    return {each["name"]: each for each in listed if isinstance(each, dict) and isinstance(each.get("name"), str)}


def _finding(rule: Rule, pair: Pair, key: str, found: str, fix: str = "") -> Finding:
    return Finding(rule=rule.name, found=found, path=pair.path, fix=fix, key=f"{pair.name}:{key}")


# ---------------------------------------------------------------------- which params there are


def _missing(
    pair: Pair, tag: str, before: Mapping[str, Mapping[str, Any]], now: Mapping[str, Mapping[str, Any]]
) -> Iterator[Finding]:
    new = {name: param for name, param in now.items() if name not in before}
    for name, param in before.items():
        if name in now or _is_consumed(param):
            continue
        renamed = _renamed(param, new)
        if renamed:
            found = f"The param {name} of {tag} is gone; {renamed} looks like it, under a new name."
        else:
            found = f"The param {name} of {tag} is gone."
        yield _finding(KEPT, pair, name, found)


def _renamed(param: Mapping[str, Any], new: Mapping[str, Mapping[str, Any]]) -> str:
    """The new param that an old one has become: the one with its title, or one that is spelled much like it."""
    title = param.get("title")
    same = [name for name, other in new.items() if isinstance(title, str) and title and other.get("title") == title]
    return same[0] if same else nearest(str(param["name"]), new) or ""


def _is_consumed(param: Mapping[str, Any]) -> bool:
    """Whether the platform stores and reads it by itself, so that the source need not know of it."""
    kind = param.get("type")
    return param["name"] in PLATFORM_KEYS or (isinstance(kind, str) and kind in WIDGET_TYPES)


def _newly_required(
    pair: Pair, tag: str, before: Mapping[str, Mapping[str, Any]], now: Mapping[str, Mapping[str, Any]]
) -> Iterator[Finding]:
    gone = {name: param for name, param in before.items() if name not in now}
    for name, param in now.items():
        if param.get("required") is not True or _is_consumed(param) or is_filled(param.get("default")):
            continue
        if name not in before:
            if any(_renamed(old, {name: param}) for old in gone.values()):
                # It is one that was renamed, and that is told.
                continue
            yield _finding(OPTIONAL, pair, name, f"The param {name} is new since {tag}, and required.")
        elif before[name].get("required") is not True:
            yield _finding(OPTIONAL, pair, name, f"The param {name} was optional in {tag}, and is required now.")


# ---------------------------------------------------------------------- what their values are


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    """What the value of a param looks like. Empty: nobody can tell."""

    many: bool | None = None
    each: str = ""

    def __str__(self) -> str:
        one = self.each or "something"
        return f"a list of {_PLURALS.get(one, one)}" if self.many else one


_PLURALS: Final = {"text": "texts", "number": "numbers", "{name, value}": "{name, value}", "something": "values"}

_LINES: Final = frozenset({"", "string", "text", "password"})


def _shape(param: Mapping[str, Any]) -> _Shape:
    """As the form gives it back: of several that are chosen, each as CONFIG offers it; of one, its value alone."""
    kind, default = param.get("type", ""), param.get("default")
    kind = kind if isinstance(kind, str) else ""
    if kind == "hidden":
        return _Shape()
    if kind in LIST_TYPES - {"select"}:
        return _Shape(many=True, each=_offered(param.get("values")))
    if kind in BOOL_TYPES or isinstance(default, bool):
        each = "true or false"
    elif kind == "select":
        each = "text" if isinstance(param.get("values"), list) else ""
    elif kind == "number":
        # What a form once gave as text is text in many a source's default, too.
        each = "" if isinstance(default, str) and default.strip() else "number"
    elif kind in _LINES:
        each = "" if isinstance(default, list) else "text"
    else:
        return _Shape(each=f"what the type {kind} gives")
    return _Shape(many=False, each=each)


def _offered(values: Any) -> str:
    """The shape of what is offered. Empty: a function decides it, when it is called."""
    if not isinstance(values, list) or not values:
        return ""
    shapes = {"{name, value}" if isinstance(each, dict) else "text" for each in values}
    return shapes.pop() if len(shapes) == 1 else ""


def _reshaped(pair: Pair, tag: str, name: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Finding]:
    if _is_consumed(before):
        return
    old, new = _shape(before), _shape(now)
    if _Shape() in (old, new):
        return
    if old.many != new.many or (old.each and new.each and old.each != new.each):
        found = f"The value of the param {name} was {old} in {tag}, and is {new} now."
        yield _finding(SHAPES, pair, name, found)


# ---------------------------------------------------------------------- tables, title, host


def _tables(
    pair: Pair, tag: str, before: Mapping[str, Mapping[str, Any]], now: Mapping[str, Mapping[str, Any]]
) -> Iterator[Finding]:
    for name in DEFAULTS:
        old, new = (_text(params.get(name, {}).get("default")) for params in (before, now))
        if old != new:
            yield _finding(TABLES, pair, name, _changed(f"{name}'s default in CONFIG", tag, old, new))
            continue
        old, new = (each.values.get(name, "") for each in (pair.written_before, pair.written_now))
        if old != new:
            what = (
                f"what the code writes as {name}"
                if pair.written_now.by_reading
                else f"the {name} that the constructor writes"
            )
            yield _finding(TABLES, pair, name, _changed(what, tag, old, new))


def _identity(pair: Pair, tag: str) -> Iterator[Finding]:
    for name in ("title", "hostProperty"):
        old, new = (_text(config.get(name) if isinstance(config, dict) else None) for config in (pair.before, pair.now))
        if old != new:
            yield _finding(IDENTITY, pair, name, _changed(f"CONFIG's {name}", tag, old, new))


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _changed(what: str, tag: str, old: str, new: str) -> str:
    first = what[0].upper() + what[1:]
    if not old:
        return f"{first} is {new!r} now; in {tag} there was none."
    return f"{first} was {old!r} in {tag}, and {f'is {new!r} now' if new else 'is gone'}."


def look(site: Site) -> Outcome:
    """Take the last released version out of git, and compare."""
    missing = site.fact(needs_of).missing
    broken = missing or next(
        (f"importing {each.name} {each.problem}" for each in site.fact(module_of) if each.problem), ""
    )
    return _unchecked(broken) if broken else judge(site.fact(previous_of))
