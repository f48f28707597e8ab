"""Every way to break a rule of the review, and everything that only looks like one, taken to the whole review.

    python tests/panoply_testing/review/matrix.py [--rule NAME,...] [--first] [--jobs N]

A way that breaks a rule has to give a finding of that rule, and of no other that must hold; a look-alike none of that rule,
and none that must hold. Nothing that is shown may hold a credential.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from ways import WAYS, every_way, make, way_of  # noqa: E402
from ways._secrets import EVERY as SECRETS  # noqa: E402
from ways._surroundings import surrounded  # noqa: E402

from panoply_testing.review import review  # noqa: E402
from panoply_testing.review.formats import FORMATS, rendered  # noqa: E402


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What came of one way."""

    rule: str
    phrase: str
    is_broken: bool
    found: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    secret: bool = False
    unchecked: str = ""
    seconds: float = 0.0

    @property
    def is_right(self) -> bool:
        """Whether it is what had to come."""
        return bool(self.found) == self.is_broken and not self.others and not self.secret and not self.unchecked


def attempt(rule: str, number: int, *, is_broken: bool) -> Came:
    """Make one, and review it."""
    way = way_of(rule, number, is_broken=is_broken)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="panoply-way-") as name, surrounded(Path(name).resolve()):
        done = review(make(way, Path(name).resolve()), thorough=way.is_thorough, dossier=True)
    texts = [rendered(done, form) for form in FORMATS]
    others = [
        f"{each.rule}: {each.found}" for each in done.findings if done.level(each) == "MUST" and each.rule != rule
    ]
    return Came(
        rule=rule,
        phrase=way.phrase,
        is_broken=is_broken,
        found=tuple(each.found for each in done.findings if each.rule == rule),
        others=tuple(others),
        secret=any(secret in text for secret in SECRETS for text in texts),
        unchecked=next((each.reason for each in done.unchecked if each.rule == rule and not is_broken), ""),
        seconds=time.monotonic() - began,
    )


def shown(came: Came) -> str:
    """One line of the table, and what else there is to say where it is wrong."""
    found = came.found[0] if came.found else "-"
    kind = "" if came.is_broken else "look-alike: "
    lines = [f"{'ok ' if came.is_right else 'OFF'} | {came.rule} | {kind}{came.phrase} | {found} | {len(came.others)}"]
    lines += [f"      another MUST: {each}" for each in came.others]
    lines += [f"      not checked: {came.unchecked}"] if came.unchecked else []
    lines += ["      a credential is shown"] if came.secret else []
    return "\n".join(lines)


def main() -> int:
    """Try them, and say what did not come as it had to."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rule", default="", help="only these rules, with commas between them")
    parser.add_argument("--first", action="store_true", help="of each rule only the first way")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time")
    wanted = parser.parse_args()
    rules = {name for name in wanted.rule.split(",") if name}
    if rules - WAYS.keys():
        parser.error(f"there is no rule {', '.join(sorted(rules - WAYS.keys()))}")
    begun, off, done = time.monotonic(), 0, 0
    print("   | rule | way | found | other MUST findings", flush=True)
    with ProcessPoolExecutor(wanted.jobs) as pool:
        jobs = {
            pool.submit(attempt, rule, number, is_broken=is_broken): (rule, number, is_broken)
            for rule, number, is_broken in every_way()
            if (not rules or rule in rules) and (not wanted.first or (is_broken and not number))
        }
        for job in as_completed(jobs):
            done += 1
            error = job.exception()
            if error is not None:
                rule, number, is_broken = jobs[job]
                phrase = way_of(rule, number, is_broken=is_broken).phrase
                print(f"OFF | {rule} | {phrase} | {type(error).__name__}: {error}", flush=True)
                off += 1
                continue
            print(shown(job.result()), flush=True)
            off += not job.result().is_right
    print(f"{done - off} of {done} came as they had to, in {time.monotonic() - begun:.0f} s.")
    return off > 0


if __name__ == "__main__":
    sys.exit(main())
