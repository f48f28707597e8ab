"""The dossier: what is gathered for it, and that nothing a stranger says changes what the page is."""

from __future__ import annotations

import base64
import itertools
import json
import os
import re
import subprocess
from dataclasses import asdict, fields, replace
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement
from review_projects import commit, make

from panoply._form import Field, Form
from panoply_testing.dealings import Column, File, Host, Program, Table
from panoply_testing.findings import Finding as CheckFinding
from panoply_testing.plans import CLEAN
from panoply_testing.report.model import CheckResult, RunFacts, SourceReport
from panoply_testing.review import review
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
from panoply_testing.review._dossier_facts import read_form, read_icon, tree_of, without_secrets
from panoply_testing.review._installed import Library
from panoply_testing.review.formats import rendered
from panoply_testing.review.model import Finding, Ignored, Note, Review, Rule, Step, Unchecked

UNTIMED = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
ICON = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"

# As a provider makes them, put together here so that nobody takes this file for one that holds such a key.
PARTS = ["ghp", "a8F3kLm29QpZxW7rT4bN1vC6yH0sD5jEu2Ki"]
KEY = "_".join(PARTS)


# ---------------------------------------------------------------------- what is gathered


@pytest.mark.parametrize(
    ("icon", "note"),
    [
        (None, "no icon"),
        ("", "no icon"),
        ("https://example.com/icon.png", "no data URL"),
        ("data:text/html,<script>alert(1)</script>", "text/html"),
        ("data:image/png;base64,AAAA", "no image that could be shown (3 bytes)"),
        (f"data:image/gif;base64,{base64.b64encode(PNG).decode()}", "no image that could be shown"),
        (f"data:image/png;base64,{base64.b64encode(PNG + bytes(300_000)).decode()}", "no image that could be shown"),
    ],
)
def test_what_is_no_sound_image_is_not_shown_and_said(icon, note):
    url, said = read_icon(icon)
    assert url == ""
    assert note in said


@pytest.mark.parametrize("icon", [ICON, ICON.replace("png;", "png ; x=\"' onerror=alert(1) ;"), f"{ICON}\n"])
def test_an_icon_is_written_anew_and_holds_nothing_but_its_bytes(icon):
    assert read_icon(icon) == (ICON, f"PNG, {len(PNG)} bytes")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from([*(each.name for each in fields(Form)), *(each.name for each in fields(Field))]), inner
        )
    ),
    max_leaves=20,
)


@UNTIMED
@given(JSON)
def test_whatever_a_process_has_written_down_the_form_is_one_or_none(told):
    form = read_form(told)
    if form is not None:
        rendered(replace(REVIEW, dossier=Dossier(forms=(SourceForm(module="m", form=form),))), "html")


def test_a_form_comes_back_as_it_was_told():
    field = Field(
        label="Region",
        kind="several",
        is_required=True,
        shows="x",
        is_filled=True,
        waits_for=("Token",),
        choices=(("Europe", True, True), ("Asia", False, False)),
    )
    form = Form(title="Shop", fields=(field,), advanced=(field,), hidden=("state",))
    assert read_form(json.loads(json.dumps(asdict(form)))) == form


def library(name, *needs, version="1.0", licence="MIT"):
    return Library(name=name, version=version, needs=tuple(map(Requirement, needs)), licence=licence)


def test_the_tree_has_what_applies_here_and_tells_each_library_once():
    libraries = {
        each.name: each
        for each in (
            library("a", "b>=1", "d; extra == 'more'", "e; python_version < '3'"),
            library("b", "c", "a"),
            library("c"),
            library("d"),
            library("e"),
        )
    }
    asked = [Requirement("A[more]>=0.9"), Requirement("gone"), Requirement("e; sys_platform == 'nowhere'")]
    first, gone = tree_of(asked, libraries, {"a": 10}.get)
    assert gone == Dependency(name="gone")
    assert (first.name, first.asked, first.version, first.size) == ("a", "[more]>=0.9", "1.0", 10)
    b, d = first.needs
    assert (b.name, b.asked, d.name) == ("b", ">=1", "d")
    # Without its extra it is another thing, and told in turn; from there on it has been told.
    c, again = b.needs
    assert (c.name, again.name, again.told) == ("c", "a", False)
    assert [(each.name, each.told) for each in again.needs] == [("b", True)]


def test_a_tree_without_an_end_has_one():
    libraries = {f"l{n}": library(f"l{n}", *(f"l{m}" for m in range(40))) for n in range(40)}
    assert rendered(replace(REVIEW, dossier=Dossier(dependencies=tree_of([Requirement("l0")], libraries))), "html")


def test_no_credential_of_a_known_form_is_told():
    dossier = Dossier(
        history=History(commits=(Commit(id="1", author="Ada", date="", subject=f"Use {KEY} for now"),)),
        tests=OwnTests(tests=(OneTest(name="t", outcome="failed", message=f"got {KEY!r}"),)),
    )
    clean = without_secrets(dossier)
    assert KEY not in repr(clean)
    assert clean.history.commits[0].subject == "Use [a GitHub token (40 characters)] for now"
    assert without_secrets(HARMLESS.dossier) == HARMLESS.dossier


def git(folder, *words):
    own = ("-c", "user.name=Ada <L>", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false")
    env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *own, *words], cwd=folder, check=True, capture_output=True, env=env)


@pytest.fixture(scope="module")
def gathered(tmp_path_factory):
    """The dossier of a project that was committed twice, has two tags, and was changed since."""
    folder = make(tmp_path_factory.mktemp("dossier") / "shop-source")
    commit(folder)
    git(folder, "tag", "--force", "--annotate", "v1.2.0", "--message", "First\nand best")
    git(folder, "commit", "--allow-empty", "--message", "Nothing\nat all")
    (folder / "README.md").write_text("# Shop\n")
    git(folder, "commit", "--all", "--message", f"Say less, with {KEY}")
    git(folder, "tag", "light")
    (folder / "new.txt").write_text("x")
    return review(folder, only=["config", "dependencies", "git"], dossier=True)


def test_the_history_has_commits_authors_and_the_object_of_a_tag(gathered):
    history = gathered.dossier.history
    assert (history.branch, history.commit_count, history.changed, history.tag_count) == ("main", 2, 1, 2)
    last = history.commits[0]
    assert (last.author, last.subject) == ("Ada L", "Say less, with [a GitHub token (40 characters)]")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", last.date)
    assert "Ada L" in {each.name for each in history.authors}
    own, other = history.tags
    assert (own.name, own.is_annotated, own.is_reviewed) == ("v1.2.0", True, False)
    assert (own.tagger, own.subject) == ("Ada L", "First and best")
    assert (other.name, other.is_annotated, other.is_reviewed, other.tagger) == ("light", False, True, "")


def test_the_form_and_the_tree_are_those_of_the_project(gathered):
    [form] = gathered.dossier.forms
    assert (form.module, form.title, form.categories, form.created) == ("shop", "Shop", ("APIS",), "2024-05-01")
    assert form.icon.startswith("data:image/svg+xml;base64,")
    assert [field.label for field in form.form.fields] == ["Token", "Region"]
    assert form.params[0] == ParamRow(name="token", type="password", is_required=True, is_credential=True)
    [sdk] = gathered.dossier.dependencies
    assert sdk.name == "panoply-python-sdk"
    assert {"orjson", "urllib3"} <= {each.name for each in sdk.needs}
    assert next(each for each in sdk.needs if each.name == "orjson").size > 100_000


def test_what_was_not_asked_for_is_neither_run_nor_told(gathered):
    dossier = gathered.dossier
    assert (dossier.contract, dossier.tests, dossier.package, dossier.problem) == (None, None, None, "")
    text = Page(rendered(gathered, "html")).text
    assert "The last commits" in text
    assert "Its own tests" not in text
    assert KEY not in rendered(gathered, "html")


def test_a_dossier_that_fails_leaves_the_verdict(tmp_path, monkeypatch):
    from panoply_testing.review import _review

    def fail(*_):
        raise RuntimeError("our own mistake")

    monkeypatch.setattr(_review, "dossier_of", fail)
    done = review(make(tmp_path / "shop"), only=["dependencies"], dossier=True)
    assert done.verdict == "ready"
    assert "our own mistake" in Page(rendered(done, "html")).text


def test_the_report_for_programs_has_no_dossier(gathered):
    assert "dossier" not in json.loads(rendered(gathered, "json"))


# ---------------------------------------------------------------------- the page


class Page(HTMLParser):
    """The elements of a page, each closed in its turn, and the text of those that people read."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        assert len(dict(attrs)) == len(attrs)
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data}")

    def handle_data(self, data):
        if "style" not in self.open:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return "\n".join(self.texts)


def everywhere(text: str) -> Review:
    """A review in which a stranger says this wherever they can."""
    rules = tuple(
        Rule(name=f"rule_{level.lower()}", group=group, level=level, claim="It does.", why="Because.", fix="Mend it.")
        for group, level in (("tests", "SHOULD"), ("code", "MUST"))
    )
    found = {
        level: Finding(
            rule=f"rule_{level}", found=text, path=text, line=3, fix=text, flow=(Step(path=text, line=1, what=text),)
        )
        for level in ("must", "should")
    }
    check = CheckResult(
        name="read_ends_with_none",
        level="MUST",
        outcome="failed",
        looked_at=text,
        reason=text,
        again=text,
        notes=(text,),
        findings=(CheckFinding(place=text, expected=text, received=text, fix=text, source=text, detail=(text,)),),
    )
    run = RunFacts(
        about=CLEAN.about,
        end=text,
        records=9,
        read_count=2,
        tables=(
            Table(
                table=text,
                records=9,
                looked_at=4,
                column_count=2,
                columns=(Column(column=text, types=(text, text), filled=1, samples=(text, text)),),
            ),
        ),
        hosts=(Host(host=text, operations=1, requests=(text,), encrypted=True), Host(host=text)),
        files=(File(path=text, how=text, where=text),),
        programs=(Program(program=text, arguments=text, where=text),),
    )
    choices = ((text, True, True), (text, False, False))
    drawn = [
        Field(label=text, kind=kind, is_required=True, shows=text, help=text, link=text, note=text, waits_for=(text,))
        for kind in ("line", "masked", "switch", "widget")
    ]
    drawn += [replace(drawn[0], kind=kind, choices=choices) for kind in ("one", "several")]
    drawn += [replace(drawn[0], kind="several", are_asked_for=True)]
    form = SourceForm(
        module=text,
        title=f"{text} ",
        categories=(text,),
        keywords=(text,),
        created=text,
        icon=ICON,
        icon_note=text,
        form=Form(title=text, fields=tuple(drawn), advanced=tuple(drawn[:1]), hidden=(text,)),
        params=(ParamRow(name=text, type=text, is_required=True),),
    )
    leaf = Dependency(name=text, asked=text, version=text, licence=text, size=2**21, told=True)
    tag = TagObject(name=text, is_annotated=True, commit=text, tagger=text, date=text, subject=text, is_reviewed=True)
    dossier = Dossier(
        problem=text,
        forms=(form, SourceForm(module=text, problem=text), replace(form, icon="", form=None)),
        contract=(SourceReport(name=text, checks=(check, replace(check, outcome="skipped")), runs=(run,)),),
        contract_problem=text,
        refused=(text,),
        tests=OwnTests(
            problem=text,
            tests=(
                OneTest(name=f"{text}::{text}", outcome="failed", message=text),
                OneTest(name=f"x::{text}", outcome="passed"),
                OneTest(name=text, outcome="skipped", message=text),
            ),
            covered=(CoveredFile(path=text, statements=3, missing=1),),
        ),
        dependencies=(replace(leaf, told=False, needs=(leaf,)),),
        history=History(
            head=text,
            branch=text,
            commits=(Commit(id=text, author=text, date=text, subject=text),),
            commit_count=30,
            authors=(Author(name=text, commits=2),),
            tags=(tag, replace(tag, is_annotated=False)),
            tag_count=3,
            changed=1,
        ),
        package=Package(files=(Content(path=text, size=12),)),
        ways=(
            CredentialWay(
                credential=text,
                ends=(
                    CredentialEnd(what=text, where=text, steps=(text, text), is_leak=True),
                    CredentialEnd(what="requests.get", where="read"),
                ),
            ),
        ),
    )
    return Review(
        project=f"{text} ",
        module=text,
        version=text,
        rules=rules,
        judged=tuple(rule.name for rule in rules),
        findings=(found["must"], found["should"]),
        known=(found["must"],),
        ignored=(Ignored(finding=found["should"], reason=text),),
        unchecked=(Unchecked(rule="rule_must", reason=text),),
        notes=(Note(rule="rule_must", text=text),),
        left_out=("rule_other",),
        seconds=(("tests", 1.5),),
        duration=2.0,
        started="2024-05-31T10:00:00+00:00",
        dossier=dossier,
    )


REVIEW = Review(project="shop", version="1.2.0")
HARMLESS = everywhere("harmless")
PAGE = rendered(HARMLESS, "html")

HOSTILE = st.one_of(
    st.text(),
    st.lists(
        st.sampled_from(
            [
                *"<>&\"'/=-! \n",
                "script",
                "</style>",
                "]]>",
                "<!--",
                "onload",
                "javascript:",
                "\x00",
                "\x1b[31m",
                "\ud800",
                "&lt;",
            ]
        )
    ).map("".join),
)


@UNTIMED
@given(HOSTILE)
def test_whatever_a_stranger_says_stays_text(text):
    page = Page(rendered(everywhere(f"[{text}]"), "html"))
    here, there = page.elements, Page(PAGE).elements
    assert [name for name, _ in here] == [name for name, _ in there]
    for (_, mine), (_, usual) in zip(here, there, strict=True):
        # What is shown of it in an attribute is what an element is called, for those who cannot see it.
        assert {key: mine[key] for key in mine if key != "aria-label"} == {
            key: usual[key] for key in usual if key != "aria-label"
        }
    assert all(char.isprintable() or char == "\n" for char in page.text)


def test_what_a_stranger_says_is_legible_all_the_same():
    text = "<script>alert('1')</script> &amp; \"quoted\""
    assert Page(rendered(everywhere(text), "html")).text.count(text) > 60


def test_the_page_needs_nothing_from_elsewhere_and_runs_nothing():
    page = Page(PAGE)
    assert not {name for name, _ in page.elements} & {"script", "link", "iframe", "object", "embed", "form", "base"}
    attributes = [(name, key, value) for name, found in page.elements for key, value in found.items()]
    assert not [key for _, key, _ in attributes if key.startswith("on") or key in ("style", "srcset", "action")]
    assert {value for _, key, value in attributes if key == "src"} == {ICON}
    assert all(value.startswith("#") for _, key, value in attributes if key == "href")
    assert not re.search(r"url\(|@import|https?:", PAGE)
    policy = next(
        each["content"] for name, each in page.elements if each.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'; ")
    assert "script" not in policy


def test_the_worst_comes_first_and_each_finding_has_all_there_is_to_it():
    text = Page(PAGE).text
    findings = PAGE.partition('id="findings"')[2].partition("</section>")[0]
    assert findings.index("rule_must") < findings.index("rule_should")
    for told in ("harmless:3", "harmless:1", "Because.", "how it gets there", "to do"):
        assert told in findings
    assert "author&#x27;s reason" in PAGE
    for section in (
        "What users see",
        "What it reads and writes",
        "Refused",
        "The contract",
        "Its own tests",
        "History",
        "Rules",
    ):
        assert section in text


def test_who_cannot_see_or_has_no_mouse_finds_the_way():
    page = Page(PAGE)
    names = [found["id"] for _, found in page.elements if "id" in found]
    assert len(set(names)) == len(names)
    for _, found in page.elements:
        for target in (found.get("href", "#main")[1:], found.get("aria-labelledby", "main")):
            assert target in names
    assert page.elements[0] == ("html", {"lang": "en"})
    order = [int(name[1]) for name, _ in page.elements if re.fullmatch(r"h\d", name)]
    assert order[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(order))
    assert all("scope" in found for name, found in page.elements if name == "th")
    assert all("alt" in found for name, found in page.elements if name == "img")
    # What moves sideways can be reached by the keyboard.
    moved = [found for _, found in page.elements if found.get("class") == "wide"]
    assert all(found.get("tabindex") == "0" and found.get("aria-label") for found in moved if "role" in found)
    for part in ("prefers-color-scheme: dark", "@media print", "max-width: 34rem", ":focus-visible"):
        assert part in PAGE


def test_a_review_without_a_dossier_has_a_page_too():
    text = Page(rendered(REVIEW, "html")).text
    assert "Nothing was found. No rule was judged." in text
    assert "History" not in text
