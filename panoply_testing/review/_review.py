"""Makes a review: finds the project, lets each family of rules look at it, and puts together what they say."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from panoply._spelling import did_you_mean
from panoply.constants import __version__
from panoply_testing.review._baseline import parted, read_baseline
from panoply_testing.review._consequences import without_consequences
from panoply_testing.review._dossier import Dossier
from panoply_testing.review._dossier_facts import dossier_of
from panoply_testing.review._git import Git, GitFailed
from panoply_testing.review._left_running import end_left_running
from panoply_testing.review._project import find_project
from panoply_testing.review._settings import ReviewSettings
from panoply_testing.review._site import Site, git_of
from panoply_testing.review._telling import Telling, without_forms
from panoply_testing.review.families import FAMILIES, every_rule
from panoply_testing.review.leaks import searched
from panoply_testing.review.model import GROUPS, CannotReview, Finding, Ignored, Outcome, Review, Rule, Unchecked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from panoply_testing.review._secret_scan import Hit
    from panoply_testing.review.families import Family

__all__ = ["review"]

# Most families wait for a process; more at a time would take them from each other.
_AT_A_TIME = 3


@contextmanager
def _quoting_no_credentials() -> Iterator[None]:
    """What an error quotes, a requirement for example, may be an address with a password in it."""
    try:
        yield
    except CannotReview as exc:
        raise CannotReview(without_forms(str(exc))) from None


@_quoting_no_credentials()
def review(  # noqa: PLR0913 - what can be asked for
    path: str | Path = ".",
    *,
    only: Iterable[str] = (),
    ignore: Iterable[str] = (),
    baseline: str | Path | None = None,
    dossier: bool = False,
    thorough: bool = False,
    install: bool = False,
) -> Review:
    """Review the source project in a folder. Nothing in it is changed.

    Args:
        path: the folder with pyproject.toml.
        only: the names of the rules to look at, or of their groups; none: all.
        ignore: those to leave out, this once. What is to be ignored for good belongs into pyproject.toml, with a reason.
        baseline: a report of an earlier review, in JSON; what it has is told apart from what is new.
        dossier: whether to gather what else a reviewer has to know, as the form `html` shows it.
        thorough: whether to look at what takes minutes as well: mutants, and runs under other circumstances.
        install: whether to fetch what the project declares from the package index, for this review alone; only wheels are.
            Otherwise it has to be installed in this environment.

    Raises:
        CannotReview: there is no source project, or what is asked for is of no use.
    """
    started, clock = datetime.now(UTC), time.monotonic()
    every = every_rule()
    chosen = _chosen(every, tuple(only), tuple(ignore))
    known = Counter() if baseline is None else read_baseline(Path(baseline))
    project = find_project(Path(path))
    tool = project.pyproject.get("tool", {}).get("panoply", {})
    settings = ReviewSettings.read(
        tool.get("review", {}) if isinstance(tool, dict) else {}, tuple(rule.name for rule in every)
    )
    scratch = _scratch()
    names = frozenset(rule.name for rule in chosen)
    try:
        site = Site(
            project=project, settings=settings, scratch=scratch, names=names, thorough=thorough, installs=install
        )
        families = [family for family in FAMILIES if names & {rule.name for rule in family.rules}]
        with ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix="panoply-review") as pool:
            try:
                looked = list(pool.map(lambda family: _looked(family, site), families))
            except BaseException:
                # Somebody wants to stop: the pool waits for its threads, and these for their processes.
                site.stopped.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        git = site.fact(git_of)
        telling = _telling(site)
        told = telling.told(_dossier(site, chosen)) if dossier else None
    finally:
        end_left_running(scratch)
        _remove(scratch)
    outcome = telling.told(sum((each for each, _ in looked), Outcome()))
    findings, ignored = _with_reasons(outcome, chosen, settings)
    new, old = parted(findings, known)
    new, consequences = without_consequences(new)
    # A rule with nothing but these is not kept for that.
    left_open = {each.rule for each in consequences} - {each.rule for each in new}
    return Review(
        project=project.name,
        module=project.module,
        version=project.version,
        folder=_folder(git),
        kit_version=__version__,
        rules=chosen,
        judged=tuple(dict.fromkeys(name for name in outcome.judged if name in names - left_open)),
        findings=new,
        known=old,
        ignored=ignored,
        unchecked=_unchecked(outcome, chosen, settings),
        notes=(*(each for each in outcome.notes if each.rule in names), *consequences),
        left_out=tuple(rule.name for rule in every if rule.name not in names),
        seconds=tuple((family.name, seconds) for family, (_, seconds) in zip(families, looked, strict=True)),
        duration=time.monotonic() - clock,
        started=started.isoformat(timespec="seconds"),
        dossier=told,
    )


def _telling(site: Site) -> Telling:
    hits: list[Hit] = []
    # Where the files cannot be searched, `leaks` says so; what has a known form, is masked all the same.
    with suppress(OSError):
        found = site.fact(searched)
        hits = [*(hit for each in found.hits.values() for hit in each), *found.in_tests]
    return Telling.of(
        scratch=str(site.scratch), name=site.project.root.name, secrets=[(hit.kind, hit.value) for hit in hits]
    )


def _dossier(site: Site, chosen: tuple[Rule, ...]) -> Dossier:
    try:
        return dossier_of(site, frozenset(rule.group for rule in chosen))
    except Exception as exc:  # noqa: BLE001 - the verdict is there, whatever else there is to tell
        return Dossier(problem=f"the review itself failed here ({type(exc).__name__}: {exc}); please report it")


def _scratch() -> Path:
    """A folder that is thrown away when the review is over."""
    scratch = Path(tempfile.mkdtemp(prefix="panoply-review-")).resolve()
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # Fixtures that are run by root start their servers as somebody else (PostgreSQL asks for that), whose way leads
        # through here.
        scratch.chmod(0o711)
    return scratch


def _remove(scratch: Path) -> None:
    """Remove it, also what a stranger's code has protected from that."""
    shutil.rmtree(scratch, ignore_errors=True)
    if scratch.exists():
        for folder, folders, _ in os.walk(scratch):
            for each in folders:
                path = Path(folder, each)
                if not path.is_symlink():
                    with suppress(OSError):
                        path.chmod(0o700)
        shutil.rmtree(scratch, ignore_errors=True)


def _folder(git: Git | None) -> str:
    """Where in its repository the project is."""
    try:
        return "" if git is None else git.text("rev-parse", "--show-prefix")
    except GitFailed:
        return ""


def _chosen(every: tuple[Rule, ...], only: tuple[str, ...], ignore: tuple[str, ...]) -> tuple[Rule, ...]:
    names = [rule.name for rule in every]
    groups = list(dict.fromkeys(rule.group for rule in every))
    for name in (*only, *ignore):
        if name not in names and name not in groups:
            near = did_you_mean(name, [*names, *groups])
            raise CannotReview(
                f"There is no rule, and no group of rules, {name!r}. {near or 'See panoply review --list.'}"
            )
    chosen = tuple(
        rule
        for rule in every
        if (not only or {rule.name, rule.group} & set(only)) and not {rule.name, rule.group} & set(ignore)
    )
    if not chosen:
        raise CannotReview("No rule is left to look at.")
    return chosen


def _looked(family: Family, site: Site) -> tuple[Outcome, float]:
    started = time.monotonic()
    try:
        outcome = family.look(site)
    except CannotReview:
        raise
    except Exception as exc:  # noqa: BLE001 - one family's failure is not the others'
        reason = f"the review itself failed here ({type(exc).__name__}: {exc}); please report it"
        outcome = Outcome(unchecked=tuple(Unchecked(rule=rule.name, reason=reason) for rule in family.rules))
    return outcome, time.monotonic() - started


def _with_reasons(
    outcome: Outcome, chosen: tuple[Rule, ...], settings: ReviewSettings
) -> tuple[tuple[Finding, ...], tuple[Ignored, ...]]:
    """The findings against the rules that were chosen, worst first, and those for which there is a reason."""
    rules = {rule.name: rule for rule in chosen}
    findings = sorted(
        (each for each in outcome.findings if each.rule in rules),
        key=lambda each: (
            rules[each.rule].level != "MUST",
            GROUPS.index(rules[each.rule].group),
            list(rules).index(each.rule),
            each.path,
            each.line,
        ),
    )
    ignored = tuple(
        Ignored(finding=each, reason=settings.ignore[each.rule]) for each in findings if each.rule in settings.ignore
    )
    return tuple(each for each in findings if each.rule not in settings.ignore), ignored


def _unchecked(outcome: Outcome, chosen: tuple[Rule, ...], settings: ReviewSettings) -> tuple[Unchecked, ...]:
    names = [rule.name for rule in chosen]
    # Nobody waits for a verdict that would be ignored.
    found = [each for each in outcome.unchecked if each.rule in names and each.rule not in settings.ignore]
    return tuple(sorted(found, key=lambda each: names.index(each.rule)))
