"""What is run in which order: rounds over all rivals (A B C, A B C, ...), each measurement in a process of its own."""

from __future__ import annotations

import importlib.util
import inspect
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import panoply
from benchmarks import leaks as leaks_measured
from benchmarks.far_end import ROOT, FarEnd
from benchmarks.records import SIZES
from benchmarks.rivals import RIVALS, named

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["COUNTS", "SCENARIOS", "Run", "cell_environment"]

# For each size: how many writes are timed one by one, and how many records then go from one end to the other. Some tens of
# messages each, and a second for the slowest.
COUNTS: Final = {"200 B": (20_000, 50_000), "2 KB": (4_000, 10_000), "50 KB": (200, 500)}

# Of the scenarios beside the first: with 200 B, 80 messages and more.
_TLS_RECORDS: Final = 100_000
_TLS_DELAY: Final = 0.020
_HANG_RECORDS: Final = 500_000
_HANG_BUFFER: Final = 64 * 1024 * 1024

# When a writer is killed: so many seconds after its first record was taken over.
_KILL_AFTER: Final = (0.05, 0.3, 0.8)

# No cell takes so long unless something in it waits for ever.
_CELL_SECONDS: Final = 120

# What is imported for which row. The published SDK is represented by what its public source imports when `import panoply`
# runs: the modules datasource, sdk and ssh.
_IMPORTS: Final = {
    "bare": "pass",
    "import panoply": "import panoply",
    "panoply.SDK": "import panoply; panoply.SDK",
    "json": "import json",
    "orjson": "import orjson",
    "boto3": "import boto3",
    "what published imports": (
        "import base64, json, logging, queue, threading, time, traceback, urllib.request, requests, paramiko, sshtunnel"
    ),
}


@dataclass(slots=True, kw_only=True)
class Run:
    """How long to measure, with which far end, and what came of it.

    Attributes:
        scale: of the full number of records, which part is written.
        skipped: what was not measured, and why.
        broken: which rival broke or lost records, and how.
    """

    far_end: FarEnd
    rounds: int
    scale: float
    import_rounds: int
    tell: Callable[[str], object]
    results: dict[str, Any] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def scaled(self, number: int) -> int:
        """So many, in a run of this length."""
        return max(20, round(number * self.scale))

    def cell(self, **spec: Any) -> dict[str, Any] | None:
        """Measure one cell; None if the rival broke."""
        spec["far_end"] = asdict(self.far_end)
        words = [sys.executable, "-m", "benchmarks.cell", json.dumps(spec)]
        label = f"{spec['rival']}, {spec['size']}, {spec['kind']}"
        try:
            done = subprocess.run(
                words,
                cwd=ROOT,
                env=cell_environment(os.environ, self.far_end),
                capture_output=True,
                text=True,
                check=False,
                timeout=_CELL_SECONDS,
            )
        except subprocess.TimeoutExpired:
            self.broken.append(f"{label}: did not end within {_CELL_SECONDS} seconds")
            return None
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["nothing on standard error"])[-1]
            self.broken.append(f"{label}: exit code {done.returncode}, {last}")
            return None
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        if found.get("arrived", 0) != found.get("written", 0):
            self.broken.append(f"{label}: wrote {found['written']} records, but {found['arrived']} arrived")
        return found

    def rows(self, specs: Mapping[str, Mapping[str, Any]], *, rounds: int | None = None) -> dict[str, list[Any]]:
        """Measure these cells in turn, round after round; a row that breaks once is left out."""
        rows: dict[str, list[Any]] = {name: [] for name in specs}
        for number in range(rounds or self.rounds):
            for name, spec in specs.items():
                if name in rows:
                    self.tell(f"round {number + 1}: {spec['kind']}, {spec['size']}, {name}")
                    found = self.cell(**spec)
                    if found is None:
                        del rows[name]
                    else:
                        rows[name].append(found)
        return rows


def cell_environment(environment: Mapping[str, str], far_end: FarEnd) -> dict[str, str]:
    """The environment without this machine's own AWS settings and proxies, and with the far end's certificate."""
    kept = {
        name: value
        for name, value in environment.items()
        if not name.startswith("AWS_") and not name.lower().endswith("_proxy")
    }
    kept |= {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "NO_PROXY": "*"}
    if far_end.certificate is not None:
        kept["AWS_CA_BUNDLE"] = far_end.certificate
    return kept


def write(run: Run) -> None:
    """All rivals and all sizes, with a far end that answers at once."""
    here = []
    for rival in RIVALS:
        if rival.missing is None:
            here.append(rival)
        else:
            run.skipped.append(rival.missing)
    # Sizes inside, so that the rounds of each are spread over the whole run.
    specs: dict[str, dict[str, Any]] = {}
    for size, (timed, count) in COUNTS.items():
        for rival in here:
            if rival.max_record is not None and SIZES[size] > rival.max_record:
                run.skipped.append(f"{rival.name}, {size}: it takes at most {rival.max_record // 1024} KiB a record")
                continue
            spec: dict[str, Any] = {"kind": "throughput", "rival": rival.name, "size": size}
            spec |= {"timed": run.scaled(timed), "count": run.scaled(count)}
            if not rival.sqs:
                spec["options"] = {"record_size": SIZES[size]}
            specs[f"{size}/{rival.name}"] = spec
    found: dict[str, dict[str, Any]] = {size: {} for size in COUNTS}
    for name, cells in run.rows(specs).items():
        size, _, rival_name = name.partition("/")
        found[size][rival_name] = cells
    run.results["write"] = found


def tls(run: Run) -> None:
    """A far end that takes 20 ms to reply, over TLS."""
    if run.far_end.certificate is None:
        run.skipped.append("tls: cryptography is not installed, which makes the certificate; pip install cryptography")
        return
    base = {"kind": "throughput", "size": "200 B", "tls": True, "delay": _TLS_DELAY}
    base |= {"timed": run.scaled(2_000), "count": run.scaled(_TLS_RECORDS)}
    specs = {
        "panoply, max_in_flight=4": {**base, "rival": "panoply", "options": {"max_in_flight": 4}},
        "panoply, max_in_flight=1": {**base, "rival": "panoply", "options": {"max_in_flight": 1}},
    }
    if named("urllib3 by hand").missing is None:
        specs["urllib3 by hand"] = {**base, "rival": "urllib3 by hand"}
    run.results["tls"] = run.rows(specs)


def memory(run: Run) -> None:
    """A far end that hangs, while more is written than the buffer may hold."""
    base = {"kind": "hanging", "size": "200 B", "count": _HANG_RECORDS}
    specs = {
        "panoply": {**base, "rival": "panoply", "options": {"max_buffer": _HANG_BUFFER, "write_timeout": 0}},
        "published": {**base, "rival": "published"},
    }
    if run.scale < 1:  # the slow one says the same every time
        del specs["published"]
    run.results["memory"] = {"limit": _HANG_BUFFER, "rows": run.rows(specs, rounds=1)}


def spool(run: Run) -> None:
    """Writing with the spool beside writing without, and what a killed process leaves."""
    if "spool" not in inspect.signature(panoply.SDK).parameters:
        run.skipped.append("spool: this panoply.SDK has no argument `spool` yet")
        return
    timed, count = COUNTS["200 B"]
    base: dict[str, Any] = {"kind": "throughput", "rival": "panoply", "size": "200 B"}
    base |= {"timed": run.scaled(timed), "count": run.scaled(count)}
    lost, accepted = 0, 0
    with tempfile.TemporaryDirectory(prefix="panoply-bench-") as folder:
        rows: dict[str, list[Any]] = {"with": [], "without": []}
        for number in range(run.rounds):
            specs = {
                "with": {**base, "options": {"spool": str(Path(folder, f"spool-{number}"))}},
                "without": base,
            }
            for name, cells in run.rows(specs, rounds=1).items():
                rows[name] += cells
        for number, after in enumerate(_KILL_AFTER):
            run.tell(f"spool: a writer is killed after {after} seconds")
            took, missing = _killed(run, Path(folder, f"killed-{number}"), after)
            accepted, lost = accepted + took, lost + missing
    run.results["spool"] = {"rows": rows, "accepted": accepted, "lost": lost}
    if lost:
        run.broken.append(f"panoply with spool: {lost} of {accepted} accepted records were lost by SIGKILL")


def _killed(run: Run, folder: Path, after: float) -> tuple[int, int]:
    """How many records a writer took over before it was killed, and how many of them never arrived."""
    folder.mkdir()
    told = folder / "told"
    told.write_bytes(bytes(8))
    run.far_end.reset(keep=1, delay=0.005)
    spec = {
        "far_end": asdict(run.far_end),
        "rival": "panoply",
        "size": "200 B",
        "told": str(told),
        "options": {"spool": str(folder / "spool")},
    }
    words = [sys.executable, "-m", "benchmarks.cell", json.dumps({**spec, "kind": "until_killed"})]
    environment = cell_environment(os.environ, run.far_end)
    with subprocess.Popen(words, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + _CELL_SECONDS
        while not _told(told) and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(after)
        process.kill()
    accepted = _told(told)
    if not accepted:
        run.broken.append("panoply with spool: the writer that was to be killed took no record over")
        return 0, 0
    run.cell(**{**spec, "kind": "recover"})
    arrived = set(run.far_end.ids())
    return accepted, sum(number not in arrived for number in range(1, accepted + 1))


def _told(path: Path) -> int:
    return int.from_bytes(path.read_bytes(), "little")


def imports(run: Run) -> None:
    """What an import adds to a bare interpreter: whole processes, in turn."""
    codes = {}
    for name, code in _IMPORTS.items():
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or [""])[-1]
            run.skipped.append(f"import, {name}: {last}; pip install --group bench brings it")
        else:
            codes[name] = code
    taken: dict[str, list[float]] = {name: [] for name in codes}
    run.tell(f"import: {run.import_rounds} rounds")
    for _ in range(run.import_rounds):
        for name, code in codes.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
            taken[name].append(time.perf_counter() - start)
    heavy = "import sys, panoply; panoply.SDK; print('boto3' in sys.modules or 'botocore' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", heavy], cwd=ROOT, check=True, capture_output=True, text=True)
    run.results["import"] = {"seconds": taken, "boto3": done.stdout.strip() == "True"}


def leaks(run: Run) -> None:
    """Looking for credentials in text that holds none."""
    here = list(leaks_measured.RIVALS)
    if importlib.util.find_spec("ahocorasick_rs") is None:
        run.skipped.append(leaks_measured.MISSING)
        here.remove("panoply_testing")
    # The slow one says the same of less text.
    megabytes = {name: max(0.1, (2 if name == "plain Python" else 20) * run.scale) for name in here}
    specs = {name: {"kind": "looking", "rival": name, "size": "text", "megabytes": megabytes[name]} for name in here}
    found = run.rows(specs)
    for name, cells in found.items():
        if any(cell["false"] for cell in cells):
            run.broken.append(f"{name}: found credentials in text that holds none")
    run.results["leaks"] = found


SCENARIOS: Final[Mapping[str, Callable[[Run], None]]] = {
    "write": write,
    "tls": tls,
    "memory": memory,
    "spool": spool,
    "import": imports,
    "leaks": leaks,
}
