"""`python tests/panoply_testing/kill_matrix.py FILE`: which check catches which wrong source, as one page of Markdown.

Each wrong source is judged by the check that is meant for it and by all that need no further runs (`--all`: by every check,
which takes an hour); each right one by every check. The exit code is 1 if a wrong one gets away or a right one is flagged.
"""

from __future__ import annotations

import argparse
import functools
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from cases import CHECKS, Case, right_cases, verdicts, wrong_cases
from far_end import Address, FarEnd

CHEAP = {check.name for check in CHECKS.values() if check.judge is not None}


def caught(case: Case, address: Address, everything: bool) -> tuple[str, set[str], set[str]]:  # noqa: FBT001
    """The source, which checks it fails, and which ones were asked."""
    names = set(CHECKS) if everything or case.wrong is None else CHEAP | case.breaks
    found = verdicts(case, names, address)
    return str(case), {name for name, verdict in found.items() if verdict.findings}, set(found)


def page(results: list[tuple[Case, set[str], set[str]]]) -> str:
    """The matrix: a line a source, grouped by the check that it is meant for."""
    wrong = [(case, failed) for case, failed, _ in results if case.wrong is not None]
    right = [(case, failed) for case, failed, _ in results if case.wrong is None]
    missed = [case for case, failed in wrong if not case.breaks <= failed]
    flagged = [case for case, failed in right if not failed <= case.may_warn]
    summary = (
        f"{len(wrong) - len(missed)} of {len(wrong)} wrong sources are caught by the check that is meant for them; "
        f"{len(flagged)} of {len(right)} right ones are flagged."
    )
    lines = [
        "# Which check catches which source",
        "",
        summary,
        "",
    ]
    for name, check in CHECKS.items():
        of_it = [(case, failed) for case, failed in wrong if case.wrong == name]
        lines += [
            f"## {name} ({check.level}): {len(of_it)} sources",
            "",
            "| source | caught | caught by others, too |",
            "| --- | --- | --- |",
        ]
        lines += [
            f"| {case.path.stem} | {'yes' if name in failed else '**no**'} | {', '.join(sorted(failed - {name}))} |"
            for case, failed in of_it
        ]
        lines.append("")
    lines += [
        f"## Right sources: {len(right)}",
        "",
        "| source | flagged by | warned by, as it says |",
        "| --- | --- | --- |",
    ]
    lines += [
        f"| {case.path.stem} | {', '.join(sorted(failed - case.may_warn))} | {', '.join(sorted(failed & case.may_warn))} |"
        for case, failed in right
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--all", action="store_true", help="every check for every source")
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    cases = [*wrong_cases(), *right_cases()]
    with FarEnd() as far_end, ProcessPoolExecutor(asked.jobs) as pool:
        judge = functools.partial(caught, address=far_end.address, everything=asked.all)
        results = [
            (case, failed, asked_of) for case, (_, failed, asked_of) in zip(cases, pool.map(judge, cases), strict=True)
        ]
    asked.file.parent.mkdir(parents=True, exist_ok=True)
    asked.file.write_text(page(results), encoding="utf-8")
    wrong = any(not case.breaks <= failed if case.wrong else not failed <= case.may_warn for case, failed, _ in results)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
