"""Rules about CONFIG: that it can be read, and that what it promises holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from panoply_testing.checks import Check
from panoply_testing.checks._runs import count, what_happened
from panoply_testing.findings import Finding, Verdict, failed, passed, skipped
from panoply_testing.observation import End
from panoply_testing.plans import CLEAN, VALUES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from panoply_testing._config_facts import CredentialParam, IconFacts, ValuesFacts
    from panoply_testing.observation import Observation

__all__ = ["CHECKS", "icon_is_image", "secrets_are_masked", "values_resolve"]


def _config_is_valid(run: Observation) -> Verdict:
    module = run.module
    if module is None:
        return skipped(f"The module could not be imported ({what_happened(run)}): see stream_is_data_source.")
    if module.config_findings is None:
        return failed(
            Finding(
                place=f"module {module.name}",
                expected="CONFIG, a dict with a title and the params, from which the platform draws the form",
                received="no name CONFIG in the module",
                fix='Define it: CONFIG = {"title": "My source", "params": [{"name": "token", "type": "password"}]}.',
            )
        )
    errors = [finding for finding in module.config_findings if finding.level == "error"]
    notes = tuple(
        f"CONFIG: {finding.path or 'CONFIG'}: {'missing' if finding.found == 'nothing' else finding.found}. {finding.fix}"
        for finding in module.config_findings
        if finding.level == "warning"
    )
    if errors:
        return failed(
            *(
                Finding(
                    place=f"CONFIG: {error.path or 'the dict itself'}",
                    expected=error.expected,
                    received=error.found,
                    fix=error.fix,
                )
                for error in errors
            ),
            notes=notes,
        )
    return passed(f"CONFIG, {count(len(notes), 'warning')}", *notes)


def _no_config(run: Observation) -> Verdict | None:
    """Skip a check of what CONFIG holds where there is none."""
    if run.module is None:
        return skipped(f"The module could not be imported ({what_happened(run)}): see stream_is_data_source.")
    if run.module.config_findings is None:
        return skipped("The module has no CONFIG: see config_is_valid.")
    return None


# ---------------------------------------------------------------------- the icon

_AS_DATA_URL: Final = 'write "data:image/png;base64," + base64.b64encode(Path("icon.png").read_bytes()).decode()'

# For each problem: what is expected, and what to do.
_ICON: Final = {
    "form": (
        "an image as a data URL: its media type, and its bytes in base64",
        f"Make the text from the image's file; for a PNG, {_AS_DATA_URL}.",
    ),
    "kind": (
        "an image whose bytes are of the type that it names: PNG, JPEG, GIF, WebP or SVG",
        f"Save the image as one of these, and make the text from its file; for a PNG, {_AS_DATA_URL}.",
    ),
    "broken": (
        "a whole image, which decodes to its last pixel",
        f"See that a viewer opens the image's file, and make the text from all of it; for a PNG, {_AS_DATA_URL}.",
    ),
    "truncated": (
        "a whole image, which decodes to its last pixel",
        f"The text lacks the end of the image: make it from all of the file; for a PNG, {_AS_DATA_URL}.",
    ),
    "huge": (
        "an image that a browser can show without effort",
        "Scale it down: 128 by 128 pixels are plenty.",
    ),
    "entities": (
        "SVG that can be read without unpacking anything",
        'Save it as "plain SVG", which has no entities.',
    ),
    "scripts": (
        "SVG that only draws",
        'Save it as "plain SVG", and remove scripts and handlers of events; or save it as a PNG.',
    ),
    "references": (
        "SVG that brings along all that it shows",
        'Embed what it refers to (drawing programs call that "embed images"), and remove style sheets from elsewhere.',
    ),
    "xml": (
        "SVG: well-formed XML whose root is <svg>",
        "Open the file in a browser, mend what that shows, and make the text from it once more.",
    ),
}


def icon_is_image(icon: IconFacts | None) -> Verdict:
    """Judge what CONFIG's icon was found to be."""
    if icon is None or icon.is_empty:
        what = "no icon" if icon is None else "an empty icon"
        warning = f"CONFIG has {what}. Users recognise a source by its icon: 128 by 128 pixels, as a data URL."
        return Verdict(skip=warning, notes=(warning,))
    if icon.problem == "unseen":
        return skipped(
            f"The icon could not be looked at, since {icon.found}. Its first bytes are those of the type that it names."
        )
    if icon.problem:
        expected, fix = _ICON[icon.problem]
        if icon.problem == "kind" and icon.real_media:
            fix = f'Let the text begin with "data:{icon.real_media}", which is what the bytes are.'
        return failed(Finding(place="CONFIG: icon", expected=expected, received=icon.found, fix=fix), notes=icon.notes)
    size = f" of {icon.width} by {icon.height} pixels" if icon.width else ""
    return passed(f"{icon.kind}{size}, {count(icon.size, 'byte')}", *icon.notes)


def _config_icon_is_image(run: Observation) -> Verdict:
    return _no_config(run) or icon_is_image(run.module.icon if run.module is not None else None)


# ---------------------------------------------------------------------- what the form masks

_MASKED: Final = "a type that the form masks: password, or oauth"


def secrets_are_masked(params: tuple[CredentialParam, ...]) -> Verdict:
    """Judge whether the form shows what is typed into the params that hold a credential."""
    if not params:
        return skipped("No param holds a credential, by its name or type.")
    notes = tuple(
        f"CONFIG: {param.path}: the param {param.name!r} holds a credential ({param.because} says so), and the kit does not "
        f'know its type {param.type!r}. If the form shows what is typed there, write "type": "password".'
        for param in params
        if param.shown is None
    )
    findings = [
        Finding(
            place=f"CONFIG: {param.path}, the param {param.name!r}",
            expected=_MASKED,
            received=f"{f'type {param.type!r}' if param.type else 'no type'}, so that the form shows it; "
            f"{param.because} says that it is a credential",
            fix=_unmasked(param),
        )
        for param in params
        if param.shown
    ]
    return (
        failed(*findings, notes=notes)
        if findings
        else passed(count(len(params), "param with a credential", "params with a credential"), *notes)
    )


def _unmasked(param: CredentialParam) -> str:
    meant = f"Did you mean {param.meant!r}? " if param.meant else ""
    if param.because.startswith(("its default", "its placeholder")):
        return (
            f'{meant}Ask for the credential in a param of its own, with "type": "password"; or, where users have the whole text '
            "at hand, give this param that type."
        )
    if param.meant in ("password", "oauth"):
        return f'{meant}Write "type": "{param.meant}".'
    other = "" if param.because == "its name" else " If it is none, give it a title that does not say so."
    other = other or " If it is none, give it a name that says what it is."
    return f'{meant}Write "type": "password".{other}'


def _config_secrets_are_masked(run: Observation) -> Verdict:
    return _no_config(run) or secrets_are_masked(run.module.credential_params if run.module is not None else ())


# ---------------------------------------------------------------------- what can be chosen

_CHOICES: Final = 'a list of text, of numbers, or of {"name": ..., "value": ...}'

# What to do about a thing of this type, in the place of a list.
_NO_LISTING: Final = {
    "NoneType": "Return the list in every case; where there is nothing to choose from, an empty one: [].",
    "str": 'Text is no list: return [text], or text.split(",").',
    "bytes": "Decode the answer, and return a list of what can be chosen from it.",
    "dict": 'Return a list of entries: [{"name": name, "value": value} for name, value in choices.items()].',
    "async_generator": "Return a list: [each async for each in ...].",
}

# What to do about an entry of this type.
_NO_ENTRY: Final = {
    "tuple": "Take out of each row what can be chosen: [row[0] for row in rows].",
    "list": "Take out of each row what can be chosen: [row[0] for row in rows].",
    "dict": 'Write each entry as {"name": what the user sees, "value": what the source gets}, of text and numbers.',
    "NoneType": "Leave out what has no value: [each for each in choices if each is not None].",
    "bytes": "Turn each into text: each.decode().",
    "bool": 'Write text for what can be chosen: "yes", "no".',
    "float": "Leave out what is no number: [each for each in choices if math.isfinite(each)].",
}

# Seconds that somebody in front of a form does not wait for.
_SLOW: Final = 10.0

_OF_OBJECTS: Final = 'Turn each into text or an entry: str(each), or {"name": each.title, "value": each.id}.'


def values_resolve(values: tuple[ValuesFacts, ...]) -> Verdict:
    """Judge what the functions in CONFIG gave for the `values` of their params."""
    if not values:
        return skipped("No param takes its values from a function.")
    findings = [finding for facts in values if facts.called for finding in _of_function(facts)]
    left_out = [facts for facts in values if not facts.called]
    notes = tuple(note for facts in values for note in _notes(facts))
    if findings:
        return failed(*findings, notes=notes)
    if len(left_out) == len(values):
        return skipped(" ".join(map(_not_called, left_out)))
    called = len(values) - len(left_out)
    entries = sum(facts.count for facts in values)
    return passed(f"{count(called, 'function')}, {count(entries, 'entry', 'entries')}", *notes)


def _of_function(facts: ValuesFacts) -> Iterator[Finding]:
    place = f"the values of the param {facts.param!r}"
    if facts.raised:
        yield Finding(
            place=place,
            expected=_CHOICES,
            received=f"it raised {facts.raised}",
            fix=_after_raising(facts),
            source=facts.where,
            detail=facts.frames,
        )
    elif not facts.is_listing:
        fix = _NO_LISTING.get(facts.type_name, "Return a list of what can be chosen.")
        yield Finding(place=place, expected=_CHOICES, received=_of_type(facts.type_name), fix=fix)
    elif facts.endless:
        yield Finding(
            place=place,
            expected=_CHOICES,
            received=f"a {facts.type_name} that has not ended after {count(facts.count, 'entry', 'entries')}",
            fix="Let it come to an end: stop at the last page, and at a number of choices that somebody can look through.",
        )
    elif facts.odd:
        index, kind, fault = facts.odd[0]
        more = (
            f" ({count(facts.odd_count - 1, 'more entry is', 'more entries are')} like that)"
            if facts.odd_count > 1
            else ""
        )
        yield Finding(
            place=f"{place}, entry {index}",
            expected='text, a number, or {"name": ..., "value": ...}',
            received=f"{_of_type(kind)}: {fault}{more}",
            fix=_NO_ENTRY.get(kind, _OF_OBJECTS),
        )
    if facts.bare_raised:
        yield Finding(
            place=place,
            expected="dependencies that name each param that it needs: the form asks for the values once these are filled in",
            received=f"it takes source as a whole, and without the params that it does not depend on "
            f"({', '.join(facts.bare_without)}) it raised {facts.bare_raised}",
            fix=f'Add what it uses of them to the "dependencies" of {facts.param!r}.',
        )
    elif facts.needs and not facts.raised:
        keys = ", ".join(map(repr, facts.needs))
        yield Finding(
            place=place,
            expected="dependencies that name each param that it reads: the form asks for the values once these are filled in",
            received=f"it reads source[{facts.needs[0]!r}], which is not among its dependencies",
            fix=f'Add {keys} to the "dependencies" of {facts.param!r}; what it can do without, it reads with source.get(...).',
        )


def _after_raising(facts: ValuesFacts) -> str:
    undeclared = [key for key in facts.lacks if facts.raised == f"KeyError: {key!r}"]
    if undeclared:
        return (
            f"The form may ask for the values before {undeclared[0]!r} is filled in. If a param has that name, add it to the "
            f'"dependencies" of {facts.param!r}; otherwise mend the name, or read it with source.get(...).'
        )
    if facts.defect:
        return "Mend what the lines above show: the form calls it with the params that it depends on, and has nothing to show."
    return (
        "Mend what the lines above show; if it asks a far end, provide params with which that answers (--panoply-params=FILE, "
        "or the fixture panoply_params)."
    )


def _notes(facts: ValuesFacts) -> Iterator[str]:
    if not facts.called:
        yield _not_called(facts)
    elif not facts.raised and facts.is_listing and not facts.count:
        yield f"The values of the param {facts.param!r} were an empty list, so none of them could be looked at."
    if facts.called and facts.seconds >= _SLOW:
        yield (
            f"The values of the param {facts.param!r} took {facts.seconds:,.0f} seconds: whoever fills in the form waits for "
            "them. Ask for less, or for several pages at a time."
        )
    if facts.looks_at:
        keys = ", ".join(map(repr, facts.looks_at))
        yield (
            f"The values of the param {facts.param!r} are asked for with {keys}, not among its dependencies: where that changes "
            "what can be chosen, the form does not ask again."
        )


def _not_called(facts: ValuesFacts) -> str:
    text = f"The values of the param {facts.param!r} were not asked for, because {facts.reason}."
    if facts.missing:
        return f"{text} Provide {', '.join(facts.missing)} (--panoply-params=FILE, or the fixture panoply_params)."
    return f"{text} See config_is_valid."


def _of_type(name: str) -> str:
    return "None" if name == "NoneType" else f"{'an' if name[:1].lower() in tuple('aeiou') else 'a'} {name}"


def _config_values_resolve(run: Observation) -> Verdict:
    step = run.unfinished
    if step is None or step.kind != "values":
        verdict = _no_config(run)
        if verdict is None and run.end is not End.COMPLETE and not run.values:
            verdict = skipped(
                f"The run broke off before any function of CONFIG was called, because {what_happened(run)}."
            )
        return verdict or values_resolve(run.values)
    hung = Finding(
        place=step.name,
        expected=f"{_CHOICES}, within {run.limit:g} seconds",
        received=what_happened(run),
        fix="Give every wait an end: a timeout for each network call, a limit for each loop. A form does not wait for long.",
        source=run.stuck_at,
        detail=run.stack,
    )
    verdict = values_resolve(run.values)
    return failed(*verdict.findings, hung, notes=verdict.notes)


CHECKS: Final = (
    Check(
        name="config_is_valid",
        level="MUST",
        rule="CONFIG keeps the schema and its rules: named params, dependencies that exist, dates that are dates.",
        why="The platform draws the source's form from CONFIG; what it cannot read, nobody can fill in.",
        plans=(CLEAN,),
        judge=_config_is_valid,
    ),
    Check(
        name="config_icon_is_image",
        level="MUST",
        rule="The icon is a data: URL whose bytes decode, and are really of the media type that it names.",
        why="It is how users find the source among all others; a broken one is an empty square.",
        plans=(CLEAN,),
        judge=_config_icon_is_image,
    ),
    Check(
        name="config_secrets_are_masked",
        level="SHOULD",
        rule="A param that holds a credential has a type that the form masks: password or oauth.",
        why="What a form shows is read by whoever looks on, and ends up in screenshots and recordings.",
        plans=(CLEAN,),
        judge=_config_secrets_are_masked,
    ),
    Check(
        name="config_values_resolve",
        level="MUST",
        rule="A callable values gives a list of strings, numbers or {name, value} entries.",
        why="The form shows what it gives; where that is no list, there is nothing to choose and the source cannot be set up.",
        plans=(VALUES,),
        judge=_config_values_resolve,
    ),
)
