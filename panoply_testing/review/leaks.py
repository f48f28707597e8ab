"""Rules about credentials in files: in those that are there, and in all that ever were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from panoply_testing.review._git import GitFailed
from panoply_testing.review._git_facts import history_of, look_up
from panoply_testing.review._secret_scan import Hit, is_text, named_in_tests, scan
from panoply_testing.review._site import files_of
from panoply_testing.review.model import Finding, Outcome, Rule, Unchecked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from panoply_testing.review._site import Site

__all__ = ["RULES", "Searched", "judge_files", "judge_history", "look", "searched"]

FILES: Final = Rule(
    name="files_hold_no_secrets",
    group="git",
    level="MUST",
    claim="No file of the project holds a credential.",
    why="Whoever can read the repository can use it, and there is no telling who has a copy.",
    fix="Revoke the credential first, then remove it: from the file, and from the history (`git filter-repo`). A made-up one: "
    "say so on its line, with the comment `pragma: allowlist secret`.",
)
HISTORY: Final = Rule(
    name="history_holds_no_secrets",
    group="git",
    level="MUST",
    claim="No commit of any branch or tag holds a credential.",
    why="What was committed once is in every clone, also when a later commit removes it.",
    fix="Revoke the credential first, then remove it from the history (`git filter-repo`), and push all branches and tags anew.",
)

RULES: Final = (FILES, HISTORY)

# Files larger than this are no text that somebody wrote.
_LARGEST: Final = 2**20


def judge_files(hits: Mapping[str, tuple[Hit, ...]]) -> Outcome:
    """Judge what was found in the project's present files, by their path."""
    findings = tuple(
        Finding(rule=FILES.name, found=f"Here is what looks like {hit.masked}.", path=path, line=hit.line, key=hit.kind)
        for path, found in hits.items()
        for hit in found
    )
    return Outcome(judged=(FILES.name,), findings=findings)


def judge_history(hits: Iterable[tuple[str, str, Hit]], present: frozenset[str]) -> Outcome:
    """Judge what was found in earlier versions.

    Args:
        hits: for each the path, and the commit, then what was found.
        present: the values that are still there: they are told already.
    """
    findings: dict[str, Finding] = {}
    for path, commit, hit in hits:
        if hit.value not in present and hit.value not in findings:
            found = f"{path}, as of commit {commit or 'unknown'}, line {hit.line}, holds what looks like {hit.masked}."
            findings[hit.value] = Finding(rule=HISTORY.name, found=found, key=f"{path}: {hit.kind}")
    return Outcome(judged=(HISTORY.name,), findings=tuple(findings.values()))


def look(site: Site) -> Outcome:
    """Search the files, and then the history."""
    hits = site.fact(searched).hits
    return judge_files(hits) + _look_back(site, frozenset(hit.value for found in hits.values() for hit in found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What was found in the project's present files, by their path; `in_tests`: what is no matter there, and shown nowhere."""

    hits: Mapping[str, tuple[Hit, ...]]
    in_tests: tuple[Hit, ...] = ()


def searched(site: Site) -> Searched:
    """Search the files."""
    root = site.project.root
    hits: dict[str, tuple[Hit, ...]] = {}
    in_tests: list[Hit] = []
    for path in site.fact(files_of):
        file = root / path
        if file.is_file() and not file.is_symlink() and file.stat().st_size <= _LARGEST:
            data = file.read_bytes()
            if is_text(data):
                text = data.decode("utf-8", "replace")
                in_tests += named_in_tests(path, text)
                if found := scan(path, text):
                    hits[path] = found
    return Searched(hits=hits, in_tests=tuple(in_tests))


def _look_back(site: Site, present: frozenset[str]) -> Outcome:
    facts, history = site.fact(look_up), site.fact(history_of)
    if history is None or facts.problem:
        return Outcome(unchecked=(Unchecked(rule=HISTORY.name, reason=facts.problem),))

    def found() -> Iterator[tuple[str, str, Hit]]:
        for old in history.files():
            if is_text(old.data):
                for hit in scan(old.path, old.data.decode("utf-8", "replace")):
                    yield old.path, history.commit_of(old.blob), hit

    try:
        outcome = judge_history(found(), present)
    except GitFailed as exc:
        # In a partial clone what is not there would have to be fetched.
        reason = f"git cannot read all of the history ({exc}); review a clone that was made whole, without --filter"
        return Outcome(unchecked=(Unchecked(rule=HISTORY.name, reason=reason),))
    reason = history.skipped
    if facts.is_shallow:
        reason = "the repository is a shallow clone; fetch the rest (`git fetch --unshallow`; for actions/checkout: fetch-depth: 0)"
    if not reason:
        return outcome
    return Outcome(findings=outcome.findings, unchecked=(Unchecked(rule=HISTORY.name, reason=reason),))
