"""Rules about git: the tag that makes a version, what is committed, and what should not be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from panoply_testing.report._words import count
from panoply_testing.review._git_facts import GitFacts, look_up
from panoply_testing.review._site import files_of
from panoply_testing.review._wheel_facts import version_of
from panoply_testing.review.model import Finding, Outcome, Rule, Unchecked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from panoply_testing.review._git_facts import Tag
    from panoply_testing.review._site import Site

__all__ = ["RULES", "judge_files", "judge_repository", "judge_tag", "look"]

IN_GIT: Final = Rule(
    name="project_is_in_git",
    group="git",
    level="MUST",
    claim="The project is in a git repository, and committed.",
    why="Panoply takes a source over by its version's tag; without a repository there is none.",
    fix="Run `git init`, `git add` and `git commit` in the project's folder.",
)
CLEAN: Final = Rule(
    name="working_tree_is_clean",
    group="git",
    level="MUST",
    claim="All that is in the project's folder is committed, or ignored by .gitignore.",
    why="What is not committed is reviewed, and is not what anybody gets.",
    fix="Commit it, or name it in .gitignore.",
)
TAGGED: Final = Rule(
    name="version_is_tagged",
    group="release",
    level="MUST",
    claim="There is a tag vX.Y.Z for the version that pyproject.toml names.",
    why="The tag is what is released; a version without one is a work in progress.",
    fix="Tag the commit: `git tag --annotate vX.Y.Z --message vX.Y.Z`.",
)
ANNOTATED: Final = Rule(
    name="tag_is_annotated",
    group="release",
    level="MUST",
    claim="The version's tag is an annotated one, an object with an author, a date and a message.",
    why="A lightweight tag is a bookmark: nobody can tell who set it, or when, and `git describe` and `git push --follow-tags` pass over it.",
    fix="Set it anew: `git tag --annotate --force vX.Y.Z --message vX.Y.Z vX.Y.Z^{commit}`.",
)
ON_MAIN: Final = Rule(
    name="tag_is_on_main_branch",
    group="release",
    level="MUST",
    claim="The version's tag is on the main branch.",
    why="A version from another branch is lost with it, and the next one begins without it.",
    fix="Merge the branch, and tag the commit on the main branch.",
)
HERE: Final = Rule(
    name="tag_is_on_reviewed_commit",
    group="release",
    level="MUST",
    claim="The version's tag is on the commit under review.",
    why="Otherwise one thing is reviewed and another released.",
    fix="Review the tagged commit, or raise the version and tag this one.",
)
MARKERS: Final = Rule(
    name="files_hold_no_conflict_markers",
    group="git",
    level="MUST",
    claim="No file holds the markers of a merge that was not finished.",
    why="Nobody has decided which of the two versions is meant.",
    fix="Choose between the two, and remove the lines with <<<<<<<, ======= and >>>>>>>.",
)
SMALL: Final = Rule(
    name="files_are_small",
    group="git",
    level="SHOULD",
    claim="No file is larger than a megabyte, or than the project's settings allow.",
    why="Data and archives in a repository are there for good, and everybody who clones it gets them.",
    fix="Remove it, or make it small; what tests need can be made by them.",
)
GENERATED: Final = Rule(
    name="generated_files_are_not_committed",
    group="git",
    level="SHOULD",
    claim="What tools make out of the project (caches, builds, environments) is not in the repository.",
    why="It is out of date with the next change, and hides the files that somebody wrote.",
    fix="Run `git rm --cached` on it, and name it in .gitignore.",
)

RULES: Final = (IN_GIT, CLEAN, TAGGED, ANNOTATED, ON_MAIN, HERE, MARKERS, SMALL, GENERATED)

_ABOUT_TAG: Final = (TAGGED, ANNOTATED, ON_MAIN, HERE)

# Of many paths so many are named.
_MOST: Final = 5

_GENERATED: Final = re.compile(
    r"""(^|/)(
        __pycache__ | [^/]+\.py[cod] | [^/]+\.egg-info | \.eggs | \.venv | node_modules | \.tox | \.nox | htmlcov | \.coverage
        | \.(mypy|pytest|ruff)_cache | \.hypothesis | \.ipynb_checkpoints | \.DS_Store | Thumbs\.db | \.idea
        | [^/]+\.(orig|rej|swp|whl)
    )(/|$)
    | ^(build|dist|venv|env)/""",
    re.VERBOSE,
)


def judge_tag(facts: GitFacts, version: str) -> Outcome:
    """Judge the tag of a version; empty: nobody knows the version."""
    if not version:
        return _unchecked(_ABOUT_TAG, "the version is not in pyproject.toml, and no build has told it")
    name = f"v{version}"
    tag = next((each for each in facts.tags if each.name == name), None)
    if tag is None:
        fix = f"Tag the commit: `git tag --annotate {name} --message {name}`."
        finding = Finding(rule=TAGGED.name, found=_no_tag(facts, name, version), fix=fix, key=name)
        return Outcome(judged=(TAGGED.name,), findings=(finding,)) + _unchecked(
            _ABOUT_TAG[1:], f"there is no tag {name}"
        )
    outcome = Outcome(judged=(TAGGED.name, ANNOTATED.name, HERE.name), findings=tuple(_about(facts, tag)))
    if not facts.branch:
        reason = "nobody can tell which branch is the main one; where only one commit was fetched, fetch the branches as well"
        return outcome + _unchecked([ON_MAIN], reason)
    return outcome + Outcome(judged=(ON_MAIN.name,))


def _no_tag(facts: GitFacts, name: str, version: str) -> str:
    here = [each.name for each in facts.tags if each.commit == facts.head]
    if version in (each.name for each in facts.tags):
        return f"There is no tag {name}, only one that is called {version}, without the v."
    if here:
        return f"There is no tag {name}; this commit is tagged {', '.join(here[:_MOST])}, and pyproject.toml has version {version}."
    return f"There is no tag {name}, for version {version} of pyproject.toml."


def _about(facts: GitFacts, tag: Tag) -> Iterator[Finding]:
    if not tag.is_annotated:
        fix = f"Set it anew: `git tag --annotate --force {tag.name} --message {tag.name} {tag.name}^{{commit}}`."
        yield Finding(rule=ANNOTATED.name, found=f"The tag {tag.name} is a lightweight one.", fix=fix, key=tag.name)
    if facts.branch and not tag.is_on_main:
        yield Finding(rule=ON_MAIN.name, found=f"The tag {tag.name} is not on the branch {facts.branch}.", key=tag.name)
    if tag.commit != facts.head:
        found = f"The tag {tag.name} is on commit {tag.commit[:10]}; under review is {facts.head[:10]}."
        yield Finding(rule=HERE.name, found=found, key=tag.name)


def judge_repository(facts: GitFacts) -> Outcome:
    """Judge what is committed, and what is not."""
    generated: dict[str, int] = {}
    for path in facts.tracked:
        match = _GENERATED.search(path)
        if match:
            generated[path[: match.end()].rstrip("/")] = generated.get(path[: match.end()].rstrip("/"), 0) + 1
    findings = []
    if facts.changed:
        found = f"Not committed: {_named(facts.changed)}."
        findings.append(Finding(rule=CLEAN.name, found=found, path=facts.changed[0].rstrip("/"), key="changed"))
    for path, files in generated.items():
        found = f"{path} is in the repository" + (f", with {count(files, 'file')}." if files > 1 else ".")
        findings.append(Finding(rule=GENERATED.name, found=found, path=path))
    return Outcome(judged=(IN_GIT.name, CLEAN.name, GENERATED.name), findings=tuple(findings))


def _named(paths: Iterable[str]) -> str:
    every = list(paths)
    rest = f" and {len(every) - _MOST} more" if len(every) > _MOST else ""
    return ", ".join(every[:_MOST]) + rest


# The beginning of one side, and the end of the other, each at the beginning of a line.
_OURS: Final = re.compile(r"^<{7}(?: .*)?$", re.MULTILINE)
_THEIRS: Final = re.compile(r"^>{7}(?: .*)?$", re.MULTILINE)


def judge_files(sizes: Mapping[str, int], texts: Mapping[str, str], *, largest: float) -> Outcome:
    """Judge the project's files by their size, and by what is in those that are text."""
    findings = []
    for path, text in texts.items():
        begin = _OURS.search(text)
        if begin and _THEIRS.search(text, begin.end()):
            line = text.count("\n", 0, begin.start()) + 1
            findings.append(
                Finding(rule=MARKERS.name, found="An unfinished merge.", path=path, line=line, key="markers")
            )
    for path, size in sizes.items():
        if size > largest:
            found = f"{path} has {_shown(size)}; {_shown(largest)} are allowed."
            findings.append(Finding(rule=SMALL.name, found=found, path=path, key="size"))
    return Outcome(judged=(MARKERS.name, SMALL.name), findings=tuple(findings))


# From here on a file is told in MiB.
_LARGE: Final = 2**20 / 10


def _shown(size: float) -> str:
    return f"{size / 2**20:.3g} MiB" if size >= _LARGE else f"{size / 2**10:.3g} KiB"


def _unchecked(rules: Iterable[Rule], reason: str) -> Outcome:
    return Outcome(unchecked=tuple(Unchecked(rule=rule.name, reason=reason) for rule in rules))


def look(site: Site) -> Outcome:
    """Ask git, and read the project's files."""
    root = site.project.root
    paths = [path for path in site.fact(files_of) if (root / path).is_file() and not (root / path).is_symlink()]
    sizes = {path: (root / path).stat().st_size for path in paths}
    small = [path for path in paths if sizes[path] <= site.settings.largest_file]
    texts = {path: (root / path).read_bytes().decode("utf-8", "replace") for path in small}
    files = judge_files(
        sizes, {path: text for path, text in texts.items() if "\0" not in text}, largest=site.settings.largest_file
    )
    facts = site.fact(look_up)
    if facts.is_missing:
        return files + _unchecked((IN_GIT, CLEAN, GENERATED, *_ABOUT_TAG), facts.problem)
    if facts.problem:
        found = Finding(rule=IN_GIT.name, found=f"The project: {facts.problem}.", key="git")
        without = Outcome(judged=(IN_GIT.name,), findings=(found,))
        return files + without + _unchecked((CLEAN, GENERATED, *_ABOUT_TAG), facts.problem)
    return files + judge_repository(facts) + judge_tag(facts, site.fact(version_of))
