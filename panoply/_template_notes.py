"""What a project notes of the template that it was made from (`.panoply-template.json`).

The template writes them when the project is made (template/hooks/post_gen_project.py); here they are read, and written after
an update. They are checked at the door, as people may have edited them, or merged them badly.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final, Self

from panoply.constants import VERSION
from panoply.errors import TemplateError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["NOTES", "Notes"]

NOTES: Final = ".panoply-template.json"

_ID: Final = re.compile("[0-9a-f]{40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """What a project was made from.

    Attributes:
        sdk: the version of the SDK whose template it was, and `created` the date in the files.
        answers: to the template's questions.
        files: the id of each file as the template made it, by its name.
        texts: the template's own texts that the project has in no commit, by their ids: of files that were merged.
    """

    sdk: str
    created: str
    answers: Mapping[str, str]
    files: Mapping[str, str]
    texts: Mapping[str, str]

    @classmethod
    def read(cls, project: Path) -> Self:
        """Read the notes in the project's folder.

        Raises:
            TemplateError: there are none, or they are not as the template writes them, or of a later SDK.
        """
        path = project / NOTES
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            if not project.is_dir():
                raise TemplateError(f"There is no folder {project}.") from None
            raise TemplateError(
                f"{project} was not made from the template, as far as can be told: it has no {NOTES}. "
                "To add what it lacks: panoply new --into PATH."
            ) from None
        except (OSError, ValueError) as exc:
            reason = getattr(exc, "strerror", None) or "it is not JSON"
            raise TemplateError(f"Cannot read {path}: {reason}. Restore it: git checkout -- {NOTES}") from None
        wrong = _wrong(raw)
        if wrong is not None:
            raise TemplateError(f"{path}: {wrong}. Restore it: git checkout -- {NOTES}")
        if _release(raw["sdk"]) > _release(VERSION):
            raise TemplateError(
                f"The project was made from the template of SDK {raw['sdk']}, and this is {VERSION}, which has an earlier "
                "one. Install the later: python -m pip install --upgrade 'panoply-python-sdk[all]'"
            )
        return cls(**{"texts": {}, **{name: raw[name] for name in cls.__slots__ if name in raw}})

    def written(self) -> bytes:
        """The contents of the file."""
        notes: dict[str, Any] = {
            "answers": dict(sorted(self.answers.items())),
            "created": self.created,
            "sdk": self.sdk,
            "files": dict(sorted(self.files.items())),
        }
        if self.texts:
            notes["texts"] = dict(sorted(self.texts.items()))
        return (json.dumps(notes, indent=2, ensure_ascii=False) + "\n").encode()


def _wrong(raw: Any) -> str | None:
    if not isinstance(raw, dict):
        return "expected an object"
    for name in ("sdk", "created"):
        if not isinstance(raw.get(name), str):
            return f"expected text as {name!r}"
    for name in ("answers", "files", "texts"):
        value = raw.get(name, {} if name == "texts" else None)
        if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
            return f"expected an object with texts as {name!r}"
    for name, noted in raw["files"].items():
        path = PurePosixPath(name)
        # Nothing outside of the project is written to, whatever the file says.
        if path.is_absolute() or not path.parts or ".." in path.parts or "\\" in name or ":" in name:
            return f"{name!r} is no file of the project"
        if not _ID.fullmatch(noted):
            return f"{noted!r} is not the id of a file"
    return None


def _release(version: str) -> tuple[int, ...]:
    """The numbers that versions are compared by; 4.1 and 4.1.0 are the same."""
    found = re.match(r"\d+(\.\d+)*", version)
    numbers = [int(part) for part in found[0].split(".")] if found else []
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)
