"""What may be told of what a project's processes have said: without the folders that a review works in, and without credentials.

Whoever reads a report knows the project's own paths, not those of a copy that is gone; and what a stranger's code raises or
asserts may hold whatever that code has at hand. What is a credential, `_secret_scan` knows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from panoply_testing.review._secret_scan import scan
from panoply_testing.secrets import Credentials, Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Telling", "mapped", "project_paths", "without_forms"]

T = TypeVar("T")

# What is longer than any text of a person's is an image or data; looking through it takes longer than all the rest.
_LONGEST: Final = 2**18

# Folders of a child's own, and how people call them.
_FOLDERS: Final = {"home": "~", "tmp": "$TMPDIR"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """How what a review has found out is put before it leaves the review.

    Attributes:
        scratch: the folder that it works in. `name`: that of the project's folder, by which its copies are called.
        credentials: those that the project's files hold.
    """

    scratch: str
    name: str
    credentials: Credentials

    @classmethod
    def of(cls, *, scratch: str, name: str, secrets: Iterable[tuple[str, str]]) -> Telling:
        """Make one; `secrets`: of each the kind and the value."""
        known = Credentials(Secret(label=kind, value=value) for kind, value in secrets)
        return cls(scratch=scratch, name=name, credentials=known)

    def told(self, value: T) -> T:
        """A copy of a text, or of a value with texts in it, as it may be told."""
        return mapped(value, self._text)

    def _text(self, text: str) -> str:
        if len(text) > _LONGEST:
            return text
        return without_forms(self.credentials.mask(project_paths(text, self.scratch, self.name)))


def project_paths(text: str, scratch: str, name: str) -> str:
    """A text in which paths of a project's copy are the project's own, relative to its folder.

    >>> project_paths("open('/tmp/r/contract/shop/data.csv') in /tmp/r/contract/shop", "/tmp/r", "shop")
    "open('data.csv') in ."
    >>> project_paths("/tmp/r/tests/home/.shop", "/tmp/r", "shop")
    '~/.shop'
    """
    if scratch not in text:
        return text
    here, end = rf"{re.escape(scratch)}(?:/[\w.-]+){{0,6}}?", r"(?P<slash>/)?(?(slash)|(?![\w.-]))"
    text = re.sub(rf"{re.escape(scratch)}/unpacked{end}", lambda at: "" if at["slash"] else ".", text)
    text = re.sub(rf"{here}/[\w.-]+/{re.escape(name)}{end}", lambda at: "" if at["slash"] else ".", text)
    for folder, called in _FOLDERS.items():
        text = re.sub(rf"{here}/{folder}(?![\w.-])", called, text)
    # A library of the environment: what is behind it tells which.
    text = re.sub(rf"{here}/site-packages/", "", text)
    return text.replace(scratch, "$REVIEW")


def without_forms(text: str) -> str:
    """A text without what looks like a credential of a known kind."""
    for hit in scan("", text):
        text = text.replace(hit.value, f"[{hit.masked}]")
    return text


def mapped(value: T, change: Callable[[str], str], keep: frozenset[str] = frozenset({"icon"})) -> T:
    """A copy of such a value with each text in it changed, but for the fields of these names."""
    found: Any = value
    if isinstance(value, str):
        found = change(value)
    elif isinstance(value, tuple):
        found = tuple(mapped(each, change, keep) for each in value)
    elif is_dataclass(value) and not isinstance(value, type):
        names = [each.name for each in fields(value) if each.init and each.name not in keep]
        found = replace(value, **{name: mapped(getattr(value, name), change, keep) for name in names})
    return found  # type: ignore[no-any-return]
