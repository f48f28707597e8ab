"""Rules about the source's module: that the project says which it is, and that it can be imported at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from panoply_testing.review._environment import needs_of
from panoply_testing.review._module_facts import ModuleFacts, tried_of
from panoply_testing.review.model import Finding, Outcome, Rule, Unchecked

if TYPE_CHECKING:
    from collections.abc import Collection

    from panoply_testing.review._site import Site

__all__ = ["RULES", "judge_declared", "judge_imports", "look"]

IMPORTS: Final = Rule(
    name="module_imports",
    group="project",
    level="MUST",
    claim="The source's module can be imported, within a minute, and importing it does not end the process.",
    why="The platform imports it before it does anything else.",
    fix="Move what fails, waits or exits out of the module's body, into the methods of Stream.",
)
DECLARED: Final = Rule(
    name="source_is_declared",
    group="project",
    level="SHOULD",
    claim="The project's settings for pytest name the source's module, as panoply_source.",
    why="Without it `pytest` in the project does not check the contract, neither for its authors nor in their CI.",
    fix='Add to pyproject.toml: [tool.pytest.ini_options] panoply_source = "mymod".',
)

RULES: Final = (IMPORTS, DECLARED)

# The file in which pytest's settings are, as a rule; and how the module is named in it, and in the others.
_USUAL: Final = "pyproject.toml"
_INI: Final = "panoply_source = {}"
_HOW: Final = {
    _USUAL: '[tool.pytest.ini_options] panoply_source = "{}"',
    **dict.fromkeys(("pytest.toml", ".pytest.toml"), '[pytest] panoply_source = ["{}"]'),
    **dict.fromkeys(("pytest.ini", ".pytest.ini", "tox.ini"), f"[pytest] {_INI}"),
    "setup.cfg": f"[tool:pytest] {_INI}",
}

# Where this rule is looked at, it tells of a module that is missing because nobody has declared it.
_TELLS_UNDECLARED: Final = "imports_are_declared"


_TELLS_INVALID: Final = "files_are_valid_python"

# As a problem of importing begins that comes of a file which Python cannot parse.
_INVALID: Final = tuple(f"raises {name}" for name in ("SyntaxError", "IndentationError", "TabError"))


def judge_imports(
    modules: tuple[ModuleFacts, ...], undeclared: Collection[str], *, invalid_is_told: bool = False
) -> Outcome:
    """Judge what became of importing the modules.

    Args:
        modules: each of them.
        undeclared: what is missing because nobody has declared it, and told by another rule.
        invalid_is_told: whether another rule tells of files that are no Python.
    """
    broken = next((each for each in modules if each.problem.startswith(_INVALID)), None)
    if invalid_is_told and broken is not None:
        reason = f"{broken.path or broken.name} is no Python that parses"
        return Outcome(unchecked=(Unchecked(rule=IMPORTS.name, reason=reason),))
    missing = sorted({each.missing for each in modules if each.missing in undeclared})
    if missing:
        reason = f"{', '.join(missing)} is not installed here, and not declared by the project"
        return Outcome(unchecked=(Unchecked(rule=IMPORTS.name, reason=reason),))
    return Outcome(
        judged=(IMPORTS.name,),
        findings=tuple(
            Finding(
                rule=IMPORTS.name,
                found=f"Importing {each.name} {each.problem}.",
                path=each.path,
                line=each.line,
                key=each.name,
            )
            for each in modules
            if each.problem
        ),
    )


def judge_declared(modules: tuple[str, ...], *, is_declared: bool, settings: str = _USUAL) -> Outcome:
    """Judge whether the settings name these modules, or they were only found; `settings`: the file that pytest has them from."""
    if is_declared:
        return Outcome(judged=(DECLARED.name,))
    names = " or ".join(modules)
    found = Finding(
        rule=DECLARED.name,
        found=f"No panoply_source in the settings for pytest{_only(settings)}; {names} was found by its Stream and CONFIG.",
        path=settings,
        fix=f"Add to {settings}: {_HOW.get(settings, _HOW[_USUAL]).format(modules[0])}.",
    )
    return Outcome(judged=(DECLARED.name,), findings=(found,))


def _only(settings: str) -> str:
    """Where pytest has another file than the usual one, it does not look into that."""
    return "" if settings == _USUAL else f", which it takes from {settings} and from no other file"


def look(site: Site) -> Outcome:
    """Import the module, where this environment has what it needs."""
    project = site.project
    declared = judge_declared(project.modules, is_declared=project.is_declared, settings=project.settings)
    missing = site.fact(needs_of).missing
    if missing:
        return declared + Outcome(unchecked=(Unchecked(rule=IMPORTS.name, reason=missing),))
    tried = site.fact(tried_of)
    told = {each.top for each in tried.undeclared} if _TELLS_UNDECLARED in site.names else set[str]()
    return declared + judge_imports(tried.modules, told, invalid_is_told=_TELLS_INVALID in site.names)
