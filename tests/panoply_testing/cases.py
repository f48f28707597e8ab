"""The sources of tests/sources, how each is run, and what the checks say of it."""

from __future__ import annotations

import ast
import functools
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from far_end import filled

from panoply.loading import load_source
from panoply_testing.checks import Context
from panoply_testing.contract import CONTRACT
from panoply_testing.isolation import Limits
from panoply_testing.runs import Inputs, Runs
from panoply_testing.secrets import secrets_named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from far_end import Address

    from panoply_testing.findings import Verdict
    from panoply_testing.observation import Observation
    from panoply_testing.plans import Plan

SOURCES = Path(__file__).parents[1] / "sources"
CHECKS = {check.name: check for check in CONTRACT if check.is_implemented}

# What a case gets that brings no PARAMS of its own. The token reads differently once it is percent-encoded.
PARAMS = {"token": "tk/9f3b+71Ca2=Zq8", "user": "ada"}

# What a module says about how to run it, and about what is to be found.
CONSTANTS = ("PARAMS", "OPTIONS", "BAD_PARAMS", "SECRETS", "ALSO", "WARNS", "READ_TIMEOUT", "MAX_READS")


@dataclass(frozen=True)
class Case:
    """A source, and what its module says."""

    path: Path
    wrong: str | None
    says: dict[str, Any] = field(default_factory=dict)

    @property
    def breaks(self) -> set[str]:
        return {self.wrong, *self.says.get("ALSO", ())} - {None}

    @property
    def may_warn(self) -> set[str]:
        return set(self.says.get("WARNS", ()))

    def inputs(self, address: Address) -> Inputs:
        bad = self.says.get("BAD_PARAMS")
        return Inputs(
            params=filled(dict(self.says.get("PARAMS", PARAMS)), address),
            options=filled(dict(self.says.get("OPTIONS", {})), address),
            bad_params=None if bad is None else filled(dict(bad), address),
            secrets=secrets_named(filled(dict(self.says.get("SECRETS", {})), address)),
        )

    def __str__(self) -> str:
        return f"{self.wrong}-{self.path.stem}" if self.wrong else self.path.stem


def says(path: Path) -> dict[str, Any]:
    """The constants of a module, without importing it: some cases are wrong by being imported."""
    try:
        tree = ast.parse((path / "__init__.py" if path.is_dir() else path).read_text(encoding="utf-8"))
    except SyntaxError:
        return {}
    return {
        target.id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id in CONSTANTS
    }


def cases(folder: Path, wrong: str | None = None) -> list[Case]:
    """The sources in a folder."""
    paths = [path for path in sorted(folder.iterdir()) if path.suffix == ".py" or (path / "__init__.py").is_file()]
    return [Case(path, wrong, says(path)) for path in paths]


def wrong_cases() -> list[Case]:
    return [case for folder in sorted((SOURCES / "wrong").iterdir()) for case in cases(folder, folder.name)]


def right_cases() -> list[Case]:
    return cases(SOURCES / "right")


def verdicts(case: Case, names: Iterable[str], address: Address, *, quickly: bool = False) -> dict[str, Verdict]:
    """What these checks say of the source; a run is made once for all of them."""
    inputs = case.inputs(address)
    found = judged(case, names, asking(case, inputs), quickly=quickly)
    assert inputs.params == case.inputs(address).params
    return found


def asking(
    case: Case, inputs: Inputs, known: Mapping[Plan, Observation] = MappingProxyType({})
) -> Callable[[Plan], Observation]:
    """What makes the runs of the source, each when it is first asked for, other than those that are known already."""
    limits = Limits(read_timeout=case.says.get("READ_TIMEOUT", 20.0), max_reads=case.says.get("MAX_READS", 10_000))
    runs = Runs(functools.partial(load_source, str(case.path), case.path.parent), limits)
    runs._seen.update(known)
    return lambda plan: runs.get(plan, inputs)


def judged(
    case: Case, names: Iterable[str], ask: Callable[[Plan], Observation], *, quickly: bool = False
) -> dict[str, Verdict]:
    """What these checks say of the source, from the runs that `ask` gives.

    Quickly: with a third of the faults, hints and states that a project's own session tries.
    """
    # Enough for sources of a hundred records; a project's own session tries twice as many.
    context = Context(
        ask=ask,
        bad_params=case.says.get("BAD_PARAMS") is not None,
        max_reads=case.says.get("MAX_READS", 10_000),
        most_faults=24,
    )
    if quickly:
        context = replace(context, most_faults=10, most_hints=3, most_resumes=4, most_broken=6)
    return {name: CHECKS[name].verdict(context) for name in CHECKS if name in set(names)}


def secrets_of(case: Case, address: Address) -> list[str]:
    """Whatever is text among the params and options and does not stand in a message by itself."""
    texts: list[str] = []
    inputs = case.inputs(address)
    values: list[Any] = [inputs.params, inputs.options, inputs.bad_params or {}]
    for value in values:
        if isinstance(value, dict):
            values += value.values()
        elif isinstance(value, list):
            values += value
        else:
            texts += str(value).split()
    public = (address.url, address.host, str(address.port))
    return [
        text
        for text in texts
        if (any(map(str.isdigit, text)) or "-" in text)
        and not text.isdecimal()
        and not re.match(r"\d{4}-\d\d", text)  # a day
        and not any(each in text for each in public)
    ]
