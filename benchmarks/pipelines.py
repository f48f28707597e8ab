"""`python -m benchmarks.pipelines`: records a second of `panoply run`, beside the same pipeline by hand, and beside dlt.

A trivial source gives the same records to all: flat ones, and ones with an object and a list of objects in them. Each
measurement has a process of its own, which counts what it has written before it says how long it took; rounds go over all in
turn, and what is shown are medians, and medians of the ratios within a round. The clock runs while records do: imports are over.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

import panoply
from benchmarks.far_end import ROOT, FarEnd, running
from benchmarks.records import make
from benchmarks.rivals import APIKEY, APISECRET
from benchmarks.rivals.urllib3_by_hand import Urllib3ByHand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["CONFIG", "PIPELINES", "Stream", "main"]

BATCH: Final = 1000

SIZES: Final = {"flat": "200 B", "nested": "2 KB"}
COUNTS: Final = {"flat": 100_000, "nested": 10_000}

_CELL_SECONDS: Final = 300

CONFIG: Final = {
    "title": "Trivial",
    "params": [
        {"name": "shape", "title": "Shape", "required": True},
        {"name": "count", "title": "Count", "type": "number", "required": True},
    ],
}


class Stream(panoply.DataSource):
    """The source that `panoply run` collects from: records from memory, each with an id of its own."""

    def __init__(self, source: dict[str, Any], options: Any) -> None:
        super().__init__(source, options)
        self._total = int(source["count"])
        self._at = 0
        self._batches = batches(source["shape"], self._total)

    def read(self, n: int | None = None) -> list[dict[str, Any]] | None:  # noqa: ARG002 - all rivals get the same batches
        """The next batch."""
        batch = next(self._batches, None)
        if batch is not None:
            self._at += len(batch)
            self.progress(self._at, self._total, "rows")
        return batch


def batches(shape: str, count: int) -> Iterator[list[dict[str, Any]]]:
    """The records of a shape, made as they are asked for."""
    prebuilt = cycle(make(SIZES[shape]))
    for first in range(0, count, BATCH):
        size = min(BATCH, count - first)
        yield [{**record, "id": first + index} for index, record in enumerate(islice(prebuilt, size))]


# ---------------------------------------------------------------------- the pipelines


def _command(to: str) -> Callable[[str, int, Path, FarEnd], int]:
    def run(shape: str, count: int, folder: Path, far_end: FarEnd) -> int:
        from panoply.cli import cli  # noqa: PLC0415 - of this cell alone

        target = to if to == "sqs" else str(folder / to)
        words = ["run", "benchmarks.pipelines", "--shape", shape, "--count", str(count), "--to", target]
        words += ["--param", "destination=trivial"]
        if to == "sqs":
            os.environ.update(PANOPLY_API_KEY=APIKEY, PANOPLY_API_SECRET=APISECRET)
            words += ["--endpoint-url", far_end.url]
        code = cli(words, standalone_mode=False)
        if code:
            raise SystemExit(f"panoply run ended with {code}")
        return _counted(to, folder, far_end)

    return run


def _jsonl_by_hand(shape: str, count: int, folder: Path, far_end: FarEnd) -> int:
    with (folder / "out.jsonl").open("wb") as file:
        for batch in batches(shape, count):
            for record in batch:
                file.write(orjson.dumps({"__table": "trivial", **record}, option=orjson.OPT_APPEND_NEWLINE))
    return _counted("out.jsonl", folder, far_end)


def _duckdb_by_hand(shape: str, count: int, folder: Path, far_end: FarEnd) -> int:
    """What somebody writes who knows DuckDB: JSON lines, which it reads by itself. Nothing is upserted or taken apart."""
    import duckdb  # noqa: PLC0415 - of this cell alone

    with (folder / "raw.jsonl").open("wb") as file:
        for batch in batches(shape, count):
            for record in batch:
                file.write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
    with duckdb.connect(str(folder / "out.duckdb")) as connection:
        connection.execute("CREATE TABLE trivial AS SELECT * FROM read_json(?)", [str(folder / "raw.jsonl")])
    return _counted("out.duckdb", folder, far_end)


def _sqs_by_hand(shape: str, count: int, folder: Path, far_end: FarEnd) -> int:
    connection = Urllib3ByHand(far_end.url, None)
    for batch in batches(shape, count):
        for record in batch:
            connection.write("trivial", record)
    connection.close()
    return _counted("sqs", folder, far_end)


def _dlt(disposition: str) -> Callable[[str, int, Path, FarEnd], int]:
    def run(shape: str, count: int, folder: Path, far_end: FarEnd) -> int:
        import dlt  # noqa: PLC0415 - of this cell alone

        @dlt.resource(  # type: ignore[untyped-decorator, unused-ignore]
            name="trivial", write_disposition=disposition, primary_key="id"
        )
        def trivial() -> Iterator[list[dict[str, Any]]]:
            yield from batches(shape, count)

        pipeline = dlt.pipeline(
            pipeline_name="trivial",
            pipelines_dir=str(folder / "pipelines"),
            destination=dlt.destinations.duckdb(str(folder / "out.duckdb")),
            dataset_name="main",
        )
        pipeline.run(trivial())
        return _counted("out.duckdb", folder, far_end)

    return run


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """One way from the source to a target.

    Attributes:
        target: what it is compared within.
        needs: what has to be importable.
    """

    name: str
    target: str
    run: Callable[[str, int, Path, FarEnd], int]
    needs: tuple[str, ...] = ()


PIPELINES: Final = (
    Pipeline(name="panoply run", target="JSON lines", run=_command("out.jsonl")),
    Pipeline(name="by hand", target="JSON lines", run=_jsonl_by_hand),
    Pipeline(name="panoply run", target="DuckDB", run=_command("out.duckdb"), needs=("duckdb",)),
    Pipeline(name="by hand, as it comes", target="DuckDB", run=_duckdb_by_hand, needs=("duckdb",)),
    Pipeline(name="dlt, merge", target="DuckDB", run=_dlt("merge"), needs=("dlt", "duckdb")),
    Pipeline(name="dlt, append", target="DuckDB", run=_dlt("append"), needs=("dlt", "duckdb")),
    Pipeline(name="panoply run", target="SQS stand-in", run=_command("sqs")),
    Pipeline(name="by hand", target="SQS stand-in", run=_sqs_by_hand),
)


def _counted(target: str, folder: Path, far_end: FarEnd) -> int:
    """How many records there are; of nested ones, how many of the outermost table."""
    if target == "sqs":
        return int(far_end.stats()["records"])
    if target.endswith(".jsonl"):
        return (folder / target).read_bytes().count(b"\n")
    import duckdb  # noqa: PLC0415 - of these cells alone

    with duckdb.connect(str(folder / target), read_only=True) as connection:
        ((count,),) = connection.execute("SELECT count(*) FROM trivial").fetchall()
    return int(count)


# ---------------------------------------------------------------------- measuring


def main(words: Sequence[str] | None = None) -> int:
    """Measure, or be a cell of a measurement."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.pipelines", description=__doc__.partition(":")[2].strip()
    )
    parser.add_argument("--quick", action="store_true", help="fewer records, two rounds, more noise")
    parser.add_argument("--cell", help=argparse.SUPPRESS)
    asked = parser.parse_args(words)
    if asked.cell:
        print(json.dumps(_cell(json.loads(asked.cell))))
        return 0
    rounds, scale = (2, 0.1) if asked.quick else (5, 1.0)
    with running() as far_end:
        for shape, count in COUNTS.items():
            _show(shape, int(count * scale), _rounds(far_end, shape, int(count * scale), rounds))
    return 0


def _rounds(far_end: FarEnd, shape: str, count: int, rounds: int) -> dict[int, list[float]]:
    """Seconds of each pipeline in each round."""
    missing = {name for pipeline in PIPELINES for name in pipeline.needs if importlib.util.find_spec(name) is None}
    for name in sorted(missing):
        print(f"Left out what needs {name}: python -m pip install --group bench", file=sys.stderr)
    found: dict[int, list[float]] = {
        number: [] for number, pipeline in enumerate(PIPELINES) if not missing & set(pipeline.needs)
    }
    for _ in range(rounds):
        for number, seconds in found.items():
            far_end.reset()
            seconds.append(_measured(far_end, number, shape, count))
    return found


def _measured(far_end: FarEnd, number: int, shape: str, count: int) -> float:
    spec = json.dumps({"number": number, "shape": shape, "count": count, "port": far_end.http_port})
    with tempfile.TemporaryDirectory(prefix="panoply-bench-") as folder:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.pipelines", "--cell", spec],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=False,
            text=True,
            timeout=_CELL_SECONDS,
        )
    if done.returncode:
        raise SystemExit(f"{PIPELINES[number].name} into {PIPELINES[number].target} broke:\n{done.stderr[-2000:]}")
    told = json.loads(done.stdout.splitlines()[-1])
    if told["count"] != count:
        raise SystemExit(
            f"{PIPELINES[number].name} into {PIPELINES[number].target}: {told['count']} of {count} records."
        )
    return float(told["seconds"])


def _cell(spec: dict[str, Any]) -> dict[str, Any]:
    """One measurement, in this process."""
    pipeline = PIPELINES[spec["number"]]
    # What takes milliseconds or seconds to import is there when the clock starts.
    for name in (*pipeline.needs, "panoply.cli.run", "panoply.sdk"):
        __import__(name)
    began = time.perf_counter()
    count = pipeline.run(spec["shape"], spec["count"], Path.cwd(), FarEnd(http_port=spec["port"]))
    return {"count": count, "seconds": time.perf_counter() - began}


def _show(shape: str, count: int, found: dict[int, list[float]]) -> None:
    print(f"\n{count:,} {shape} records of {SIZES[shape]}")
    for number, seconds in found.items():
        pipeline = PIPELINES[number]
        ours = next(each for each in found if PIPELINES[each].target == pipeline.target)
        ratio = statistics.median(theirs / own for theirs, own in zip(seconds, found[ours], strict=True))
        rate = count / statistics.median(seconds)
        beside = "" if number == ours else f"   panoply run is {ratio:.2f} times as fast"
        print(f"  {pipeline.target:<13} {pipeline.name:<21} {rate:>11,.0f} records/s{beside}")


if __name__ == "__main__":
    sys.exit(main())
