"""What can be answered to the template's questions, all of it, and a smaller number of answers that stand for all."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

TEMPLATE = Path(__file__).parents[2] / "template"

SETTINGS = json.loads((TEMPLATE / "cookiecutter.json").read_text(encoding="utf-8"))

# The questions with choices. Title, package and author are text, and have tests of their own.
CHOICES = {name: value for name, value in SETTINGS.items() if not name.startswith("_") and isinstance(value, list)}

# These decide what the code is. What is chosen for the others goes into files of its own and a line of pyproject.toml.
OF_THE_CODE = ("kind", "auth", "mode")


def every_answer() -> list[dict[str, str]]:
    """All that can be answered."""
    return [dict(zip(CHOICES, values, strict=True)) for values in product(*CHOICES.values())]


def every_code() -> list[dict[str, str]]:
    """One for each code that there is; licences and CI take turns, so that each is met with each kind."""
    others = [name for name in CHOICES if name not in OF_THE_CODE]
    codes = product(*(CHOICES[name] for name in OF_THE_CODE))
    return [
        dict(zip(OF_THE_CODE, code, strict=True)) | {name: CHOICES[name][turn % len(CHOICES[name])] for name in others}
        for turn, code in enumerate(codes)
    ]


def sample() -> list[dict[str, str]]:
    """A few codes that have little in common: SQLite beside PostgreSQL, and a folder beside HTTP.

    An API that is read sync, by a token, is what the README's walk-through takes through everything.
    """
    chosen = {
        ("database", "none", "async"),
        ("database", "password", "sync"),
        ("files", "none", "sync"),
    }
    return [answers for answers in every_code() if tuple(answers[name] for name in OF_THE_CODE) in chosen]


def called(answers: dict[str, str]) -> str:
    """A short name for a test or a folder."""
    return "-".join(answers.values())
