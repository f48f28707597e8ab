"""`python -m benchmarks`: measures, prints tables and verdicts. Its exit code is 1 only if a rival broke or lost records."""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.far_end import certificate_in, running
from benchmarks.report import text
from benchmarks.scenarios import SCENARIOS, Run
from benchmarks.targets import judge

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(words: Sequence[str] | None = None) -> int:
    """Run the benchmarks as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measures panoply.SDK beside its rivals.")
    parser.add_argument("--quick", action="store_true", help="under a minute: fewer records, two rounds, more noise")
    parser.add_argument("--only", action="append", choices=SCENARIOS, help="this scenario; may be repeated")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every single figure there")
    asked = parser.parse_args(words)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="panoply-bench-") as folder:
        try:
            certificate = certificate_in(Path(folder))
        except ImportError:
            certificate = None
        with running(certificate) as far_end:
            run = Run(
                far_end=far_end,
                rounds=2 if asked.quick else 5,
                scale=0.15 if asked.quick else 1.0,
                import_rounds=4 if asked.quick else 15,
                tell=_tell,
            )
            for name, scenario in SCENARIOS.items():
                if not asked.only or name in asked.only:
                    scenario(run)
    verdicts = judge(run.results)
    print(text(run, verdicts))
    print(f"\nPython {platform.python_version()}, {platform.machine()}, {time.monotonic() - began:.0f} seconds.")
    if asked.json is not None:
        found = {
            "results": run.results,
            "verdicts": [{**asdict(verdict), "met": verdict.met} for verdict in verdicts],
            "skipped": run.skipped,
            "broken": run.broken,
        }
        asked.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 1 if run.broken else 0


def _tell(what: str) -> None:
    """Show what is being done, where somebody may be waiting."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{what} ")
        sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
