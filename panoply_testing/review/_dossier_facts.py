"""Gathers what the dossier tells of a source, most of it from what the rules have looked at already.

What a process of the project's has written down is a stranger's text, whatever it should have been; it is taken apart as such.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeVar, get_args

from packaging.utils import canonicalize_name

from panoply._config_icon import KINDS, MOST_ICON, icon_image, kind_of
from panoply._form import Field, FieldKind, Form
from panoply_testing.review._code_flow import ways_of
from panoply_testing.review._dossier import (
    Author,
    Commit,
    Content,
    CoveredFile,
    CredentialEnd,
    CredentialWay,
    Dependency,
    Dossier,
    History,
    OneTest,
    OwnTests,
    Package,
    ParamRow,
    SourceForm,
    TagObject,
)
from panoply_testing.review._environment import needs_of
from panoply_testing.review._git import Git, GitFailed
from panoply_testing.review._git_facts import GitFacts, Tag, look_up
from panoply_testing.review._installed import Library, applies, installed_of, sizes_of
from panoply_testing.review._module_facts import ModuleFacts, module_of
from panoply_testing.review._pytest_facts import Ran, contract_of, own_tests_of
from panoply_testing.review._site import Site, git_of
from panoply_testing.review._telling import mapped, without_forms
from panoply_testing.review._wheel_facts import WheelFacts, version_of, wheel_of
from panoply_testing.review.code import reading_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from packaging.requirements import Requirement

__all__ = ["dossier_of", "read_form", "read_icon", "tree_of", "without_secrets"]

T = TypeVar("T")

# A page has room for so many.
MOST_COMMITS: Final = 20
MOST_AUTHORS: Final = 20
MOST_TAGS: Final = 10
MOST_LIBRARIES: Final = 500
MOST_FIELDS: Final = 200
MOST_CHOICES: Final = 50

# Deeper than any tree of dependencies that anybody has installed.
_DEEPEST: Final = 30


def dossier_of(site: Site, groups: frozenset[str]) -> Dossier:
    """All that there is to tell, as far as rules of these groups were asked for: nothing is run for the dossier alone."""
    runs = not site.fact(needs_of).missing
    modules = site.fact(module_of) if runs and groups & {"project", "config", "contract", "tests"} else ()
    runs = runs and not any(each.problem for each in modules)
    forms, contract, tests = None, None, None
    if modules:
        forms = tuple(map(_form_of, modules))
    if runs and "contract" in groups:
        contract = site.fact(contract_of)
    if runs and "tests" in groups:
        tests = _tests(site.fact(own_tests_of))
    return without_secrets(
        Dossier(
            forms=forms,
            contract=None if contract is None else contract.sources,
            contract_problem="" if contract is None else contract.problem,
            refused=() if contract is None else tuple(dict.fromkeys(each.where for each in contract.refused)),
            tests=tests,
            dependencies=tree_of(site.fact(needs_of).run, site.fact(installed_of), site.fact(sizes_of).get)
            if "dependencies" in groups
            else None,
            history=_history(site) if groups & {"git", "release"} else None,
            package=_package(site) if "packaging" in groups else None,
            ways=_ways(site) if "code" in groups and not site.fact(needs_of).missing else None,
        )
    )


def without_secrets(value: T) -> T:
    """A copy of such a value in which no text has a credential of a form that is known."""
    # What is longer than any text of a person's is an image.
    return mapped(value, lambda text: without_forms(text) if len(text) < MOST_ICON else text)


# ---------------------------------------------------------------------- the form


def _form_of(module: ModuleFacts) -> SourceForm:
    if module.problem:
        return SourceForm(module=module.name, problem=f"importing it {module.problem}")
    view = _table(module.view)
    unsound = next((each.found for each in module.config if each.path == "icon" and each.level == "error"), "")
    icon, note = ("", unsound) if unsound else read_icon(view.get("icon"))
    return SourceForm(
        module=module.name,
        title=module.title,
        categories=_texts(view.get("categories")),
        keywords=_texts(view.get("keywords")),
        created=_text(view.get("createdAt")),
        icon=icon,
        icon_note=note,
        form=read_form(module.form),
        params=tuple(_params(module.form)),
    )


def read_icon(icon: object) -> tuple[str, str]:
    """An icon as a data URL that holds nothing but an image, and what kind of one it is; or no URL, and why."""
    if not isinstance(icon, str) or not icon:
        return "", "no icon"
    try:
        media, data = icon_image(icon)
    except ValueError as exc:
        return "", str(exc)
    kind = kind_of(data)
    if kind is None or KINDS.get(media) != kind or len(data) > MOST_ICON:
        return "", f"no image that could be shown ({len(data):,} bytes)"
    # Written anew: of what stood there only the bytes of the image are left, in an element that runs none of them.
    return f"data:{media};base64,{base64.b64encode(data).decode()}", f"{kind}, {len(data):,} bytes"


def read_form(told: object) -> Form | None:
    """The form that a process has told of; None where it has told of none."""
    form = _table(told)
    if not form:
        return None
    return Form(
        title=_text(form.get("title")),
        fields=tuple(map(_field, _items(form.get("fields"))[:MOST_FIELDS])),
        advanced=tuple(map(_field, _items(form.get("advanced"))[:MOST_FIELDS])),
        hidden=_texts(form.get("hidden")),
    )


def _field(told: object) -> Field:
    each = _table(told)
    kind: FieldKind = each["kind"] if each.get("kind") in get_args(FieldKind) else "line"
    return Field(
        label=_text(each.get("label")),
        kind=kind,
        is_required=each.get("is_required") is True,
        shows=_text(each.get("shows")),
        is_filled=each.get("is_filled") is True,
        help=_text(each.get("help")),
        link=_text(each.get("link")),
        waits_for=_texts(each.get("waits_for")),
        choices=tuple(
            (_text(choice[0]), choice[1] is True, choice[2] is True)
            for choice in map(_items, _items(each.get("choices"))[:MOST_CHOICES])
            if len(choice) == len(("name", "is_chosen", "is_enabled"))
        ),
        are_asked_for=each.get("are_asked_for") is True,
        note=_text(each.get("note")),
    )


def _params(told: object) -> Iterator[ParamRow]:
    for each in map(_table, _items(_table(told).get("params"))[:MOST_FIELDS]):
        yield ParamRow(
            name=_text(each.get("name")),
            type=_text(each.get("type")),
            is_required=each.get("required") is True,
            is_credential=each.get("credential") is True,
            is_hidden=each.get("hidden") is True,
        )


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    return tuple(each for each in _items(value)[:MOST_FIELDS] if isinstance(each, str))


# ---------------------------------------------------------------------- tests


def _tests(ran: Ran) -> OwnTests:
    covered = ran.covered
    if covered is not None:
        # Tests that lie in the package are covered by running them.
        tests = {test.path for test in ran.tests}
        covered = tuple(each for each in covered if each.path not in tests and not each.path.endswith("conftest.py"))
    return OwnTests(
        problem=ran.problem,
        tests=(
            *(OneTest(name=name, outcome="not collected", message=message) for name, message in ran.broken),
            *(OneTest(name=each.name, outcome=each.outcome or "not run", message=each.message) for each in ran.tests),
        ),
        covered=None
        if covered is None
        else tuple(
            CoveredFile(path=each.path, statements=each.statements, missing=len(each.missing)) for each in covered
        ),
        seconds=ran.seconds,
    )


# ---------------------------------------------------------------------- dependencies


def tree_of(
    asked: Iterable[Requirement], libraries: Mapping[str, Library], size: Any = lambda _: None
) -> tuple[Dependency, ...]:
    """What is asked for, each with what that asks for in turn: a library that comes up again is told of once.

    Args:
        asked: the requirements that apply here, and others.
        libraries: what is installed, by canonical name.
        size: the bytes of a library's files, by its name; None where nobody knows.
    """
    told: set[str] = set()

    def node(requirement: Requirement, depth: int) -> Dependency:
        name = canonicalize_name(requirement.name)
        library = libraries.get(name)
        extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
        at_once = f"{extras}{requirement.specifier}"
        if library is None:
            return Dependency(name=name, asked=at_once)
        known = Dependency(name=name, asked=at_once, version=library.version, size=size(name), licence=library.licence)
        key, needs = f"{name}{extras}", tuple(_apply(library.needs, requirement.extras))
        if key in told or depth >= _DEEPEST or len(told) >= MOST_LIBRARIES:
            return replace(known, told=bool(needs))
        told.add(key)
        return replace(known, needs=tuple(node(each, depth + 1) for each in needs))

    return tuple(node(each, 0) for each in _apply(asked, set()))


def _apply(requirements: Iterable[Requirement], extras: set[str]) -> Iterator[Requirement]:
    """Those that are asked for here, with these extras."""
    for each in requirements:
        if any(applies(each, extra) for extra in (*sorted(extras), "")):
            yield each


# ---------------------------------------------------------------------- where credentials go


# So many places are told for each credential.
MOST_ENDS: Final = 50


def _ways(site: Site) -> tuple[CredentialWay, ...]:
    return tuple(
        CredentialWay(
            credential=way.credential,
            ends=tuple(
                CredentialEnd(
                    what=end.what,
                    where=f"{end.function or 'the module'}, {end.path}:{end.line}",
                    steps=tuple(f"{step.what} ({step.path}:{step.line})" for step in end.steps),
                    is_leak=end.is_leak,
                )
                for end in way.ends[:MOST_ENDS]
            ),
        )
        for way in ways_of(site.fact(reading_of))
    )


# ---------------------------------------------------------------------- git


def _history(site: Site) -> History:
    git, facts = site.fact(git_of), site.fact(look_up)
    if git is None or facts.problem:
        return History(problem=facts.problem or "there is no repository")
    try:
        return _told_by(git, facts, version_of(site))
    except (GitFailed, ValueError) as exc:
        return History(problem=f"git could not tell ({exc})")


def _told_by(git: Git, facts: GitFacts, version: str) -> History:
    tags = sorted(facts.tags, key=lambda tag: (tag.name != f"v{version}", tag.commit != facts.head))
    return History(
        head=facts.head[:12],
        branch=facts.branch,
        commits=tuple(
            Commit(id=id_, author=author, date=date[:10], subject=subject)
            for id_, author, date, subject in _rows(
                git, 4, "log", "-z", f"--max-count={MOST_COMMITS}", "--format=%h%x00%an%x00%aI%x00%s", "HEAD", "--", "."
            )
        ),
        commit_count=int(git.text("rev-list", "--count", "HEAD", "--", ".")),
        authors=tuple(_authors(git)),
        tags=tuple(_tag(git, each, facts.head) for each in tags[:MOST_TAGS]),
        tag_count=len(facts.tags),
        changed=len(facts.changed),
    )


def _rows(git: Git, width: int, *words: str) -> list[list[str]]:
    """What a command gives in fields with zero bytes between and after them."""
    cells = git.bytes(*words).decode("utf-8", "replace").rstrip("\n").split("\0")
    return [cells[at : at + width] for at in range(0, len(cells) - width + 1, width)]


def _authors(git: Git) -> Iterator[Author]:
    lines = git.lines("shortlog", "--summary", "--numbered", "HEAD", "--", ".")
    for line in lines[:MOST_AUTHORS]:
        commits, _, name = line.strip().partition("\t")
        if commits.isdecimal():
            yield Author(name=name, commits=int(commits))


def _tag(git: Git, tag: Tag, head: str) -> TagObject:
    told = TagObject(
        name=tag.name, is_annotated=tag.is_annotated, commit=tag.commit[:12], is_reviewed=tag.commit == head
    )
    if not tag.is_annotated:
        return told
    form = "--format=%(taggername)%00%(taggerdate:short)%00%(contents:subject)%00"
    for tagger, date, subject in _rows(git, 3, "for-each-ref", form, f"refs/tags/{tag.name}"):
        return replace(told, tagger=tagger, date=date, subject=subject)
    return told


# ---------------------------------------------------------------------- the wheel


def _package(site: Site) -> Package:
    wheel: WheelFacts = site.fact(wheel_of)
    if wheel.unbuildable or wheel.problem:
        return Package(problem=wheel.unbuildable or f"building it {wheel.problem}")
    return Package(files=tuple(Content(path=path, size=size) for path, size in wheel.sizes))
