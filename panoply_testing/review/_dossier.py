"""What a reviewer has to know of a stranger's source beside the verdict: values only, and none of them a credential.

How they are gathered is the business of `_dossier_facts`, and how they look that of the format that shows them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from panoply._form import Form
    from panoply_testing.report.model import SourceReport

__all__ = [
    "Author",
    "Commit",
    "Content",
    "CoveredFile",
    "CredentialEnd",
    "CredentialWay",
    "Dependency",
    "Dossier",
    "History",
    "OneTest",
    "OwnTests",
    "Package",
    "ParamRow",
    "SourceForm",
    "TagObject",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamRow:
    """One param of CONFIG, as a source reads it."""

    name: str
    type: str = ""
    is_required: bool = False
    is_credential: bool = False
    is_hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceForm:
    """What users see of one module.

    Attributes:
        problem: why nobody could look. Empty: somebody did.
        icon: a data URL, made anew from the bytes of an image that is sound; empty: there is none such.
        icon_note: what there is instead, or what kind of image it is.
        form: None where CONFIG is not valid.
    """

    module: str
    problem: str = ""
    title: str = ""
    categories: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    created: str = ""
    icon: str = field(default="", repr=False)
    icon_note: str = ""
    form: Form | None = None
    params: tuple[ParamRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialEnd:
    """What a credential is handed to.

    Attributes:
        what: a library's function by its full name; of a leak, what becomes of it.
        where: the function of the package that does it, with its place.
        steps: how it gets there.
        is_leak: it is where others see it.
    """

    what: str
    where: str
    steps: tuple[str, ...] = ()
    is_leak: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialWay:
    """One credential, and all that it is handed to, as far as reading the code tells."""

    credential: str
    ends: tuple[CredentialEnd, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTest:
    """One of the project's own tests. `message`: what it failed with."""

    name: str
    outcome: str
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoveredFile:
    """One file of the source: how many statements it has, and how many of those no test ran."""

    path: str
    statements: int
    missing: int = 0

    @property
    def percent(self) -> float:
        """How much of it was run."""
        return 100 * (self.statements - self.missing) / self.statements if self.statements else 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTests:
    """The project's own tests. `covered`: None where coverage could not be measured."""

    problem: str = ""
    tests: tuple[OneTest, ...] = ()
    covered: tuple[CoveredFile, ...] | None = None
    seconds: float = 0.0

    def count(self, outcome: str) -> int:
        """How many tests ended so."""
        return sum(each.outcome == outcome for each in self.tests)

    @property
    def coverage(self) -> float | None:
        """Percent of the source's lines that the tests ran."""
        if self.covered is None:
            return None
        return CoveredFile(
            path="", statements=sum(e.statements for e in self.covered), missing=sum(e.missing for e in self.covered)
        ).percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """One library in the tree of what is installed with the source.

    Attributes:
        name: in its canonical form. `asked`: which versions are asked for.
        version: of the one that is installed here; empty: it is not.
        size: bytes of its files; None: nobody knows, as of what is installed from somebody's folder.
        needs: what it brings along in turn. `told`: these were told before, where the same library stands in the tree.
    """

    name: str
    asked: str = ""
    version: str = ""
    size: int | None = None
    licence: str = ""
    needs: tuple[Dependency, ...] = ()
    told: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One commit. `date`: a day, as ISO 8601 writes it."""

    id: str
    author: str
    date: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Somebody, and how many commits are theirs."""

    name: str
    commits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TagObject:
    """A tag; what only an annotated one has is empty in others."""

    name: str
    is_annotated: bool
    commit: str
    tagger: str = ""
    date: str = ""
    subject: str = ""
    is_reviewed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What git has of the project.

    Attributes:
        problem: why there is nothing to tell. Empty: there is.
        head: the commit under review, in short. `branch`: the main one.
        commits: the last ones; `commit_count` counts all.
        tags: the last ones, the version's own first; `tag_count` counts all.
        changed: how many paths differ from the commit.
    """

    problem: str = ""
    head: str = ""
    branch: str = ""
    commits: tuple[Commit, ...] = ()
    commit_count: int = 0
    authors: tuple[Author, ...] = ()
    tags: tuple[TagObject, ...] = ()
    tag_count: int = 0
    changed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One file in the wheel."""

    path: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """The wheel. `problem`: why there is none."""

    problem: str = ""
    files: tuple[Content, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(each.size for each in self.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """All of it. None: the rules that would have needed it were not asked for.

    Attributes:
        problem: why there is nothing at all: gathering it has failed.
        contract_problem: why the contract's checks came to no end that counts.
        refused: whom the contract's runs wanted to reach, and a review lets nobody reach.
        dependencies: what the source asks for itself, each with what it brings along.
        ways: where each credential goes.
    """

    problem: str = ""
    forms: tuple[SourceForm, ...] | None = None
    contract: tuple[SourceReport, ...] | None = None
    contract_problem: str = ""
    refused: tuple[str, ...] = ()
    tests: OwnTests | None = None
    dependencies: tuple[Dependency, ...] | None = None
    history: History | None = None
    package: Package | None = None
    ways: tuple[CredentialWay, ...] | None = None
