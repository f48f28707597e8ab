"""What ruff and mypy said of a project, and with which rules they were asked. Values only; `_ask_conventions` asks them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["RULE_SET", "Complaint", "Conventions"]

# What a reviewer would remark on, and nothing that is a matter of taste: a project may well have stricter rules of its own.
# E501 is left out because a long URL is no fault, E722 because bare excepts are judged by a rule of ours.
RULE_SET: Final = ("E4", "E7", "E9", "F", "W6", "B", "N8", "PLE", "I001", "UP032", "A001")
IGNORED: Final = ("E501", "E722", "E741", "B008", "B904", "N818")


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One thing that a tool said, with its code such as `F401`; `path` is relative to the project."""

    path: str
    line: int
    column: int
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conventions:
    """What both tools said.

    Attributes:
        ruff, mypy: the complaints; None: it could not be asked, and `ruff_missing` or `mypy_missing` says why.
        typed: whether the project says that its types hold: it has `[tool.mypy]` or a `py.typed`.
    """

    ruff: tuple[Complaint, ...] | None = None
    ruff_missing: str = ""
    mypy: tuple[Complaint, ...] | None = None
    mypy_missing: str = ""
    typed: bool = False
