"""Where the records of a source go, and into which table each of them.

Every sink takes exactly the line that the SDK would send, so that a record that cannot be sent fails the same way
wherever it goes. What each target does with it is the business of the module that is named after it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from panoply._sink import Sink, TableSummary
from panoply._sink_files import JSONLSink
from panoply._sink_queue import SQSSink
from panoply._tables import table_of
from panoply.errors import PanoplyException, ParamsError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["TARGETS", "JSONLSink", "SQSSink", "Sink", "TableSummary", "open_sink", "table_of"]

TARGETS: Final = (
    "`-` (JSON lines on standard output), FILE.jsonl or FILE.jsonl.gz (JSON lines in a file), FILE.duckdb, FILE.sqlite or "
    "FILE.db (an embedded warehouse), FILE.parquet, and `sqs` (Panoply's queue)"
)

_LINES: Final = (".jsonl", ".jsonl.gz")
_SQLITE: Final = (".sqlite", ".sqlite3", ".db")
_FILES: Final = (*_LINES, ".duckdb", *_SQLITE, ".parquet")

# Names of files that somebody may well ask for, and what comes nearest to them.
_NEAR: Final = {
    ".json": ".jsonl",
    ".ndjson": ".jsonl",
    ".txt": ".jsonl",
    ".csv": ".jsonl",
    ".json.gz": ".jsonl.gz",
    ".csv.gz": ".jsonl.gz",
    ".gz": ".jsonl.gz",
}


def open_sink(  # noqa: PLR0913 - a target has this many sides, each with a default
    target: str,
    *,
    apikey: str | None = None,
    apisecret: str | None = None,
    endpoint_url: str | None = None,
    stdout: BinaryIO | None = None,
    append: bool = False,
    resume: object = None,
    params: Mapping[str, Any] | None = None,
    name: str = "",  # noqa: ARG001 - the source's, which no target needs so far
) -> Sink:
    """Open what `--to` names.

    Args:
        target: one of `TARGETS`.
        apikey: for `sqs`: Panoply's API key.
        apisecret: for `sqs`: its secret.
        endpoint_url: for `sqs`: another SQS than Amazon's.
        stdout: what `-` means, if not `sys.stdout.buffer`.
        append: add to a file rather than replace it, as a run does that saves its state.
        resume: the `position` that the sink had at the end of what was delivered; what came later is dropped.
        params: the source's params, of which the warehouse wants to know `idpattern`. The source may still change them.
        name: the source's name.

    Raises:
        ParamsError: there is no such target, it cannot be written, is not what it was at `resume`, or `sqs` lacks its key
            or secret.
        MissingExtra: the target needs a library that is not there.
        CredentialsError: key or secret are malformed.
    """
    if target == "-":
        return JSONLSink(sys.stdout.buffer if stdout is None else stdout)
    if target == "sqs":
        return _open_queue(apikey, apisecret, endpoint_url)
    path = Path(target)
    if target.endswith(_FILES) and path.name not in _FILES:
        _check_place(path)
        if target.endswith(_LINES):
            return JSONLSink(path, append=append, resume=resume)
        return _open_tables(path, params, append=append)
    near = next((ending for ending in _NEAR if target.endswith(ending)), None)
    hint = f" Did you mean {target.removesuffix(near)}{_NEAR[near]}?" if near else ""
    raise ParamsError(f"There is no target {target!r}. Targets are {TARGETS}.{hint}")


def _open_queue(apikey: str | None, apisecret: str | None, endpoint_url: str | None) -> SQSSink:
    missing = [name for name, value in (("API key", apikey), ("API secret", apisecret)) if not value]
    if not apikey or not apisecret:
        raise ParamsError(
            f"The target `sqs` needs Panoply's API key and secret; missing: {' and '.join(missing)}. `panoply run` takes them "
            "from the environment variables PANOPLY_API_KEY and PANOPLY_API_SECRET."
        )
    from panoply.sdk import SDK  # noqa: PLC0415 - it takes a while to import, and the other targets need none

    try:
        return SQSSink(SDK(apikey, apisecret, endpoint_url=endpoint_url))
    except (TypeError, ValueError) as exc:
        if isinstance(exc, PanoplyException):
            raise
        raise ParamsError(f"The target `sqs`: {exc}") from None


def _open_tables(path: Path, params: Mapping[str, Any] | None, *, append: bool) -> Sink:
    # Each imports what only it needs. A source may change the working folder, and databases make files beside theirs later on.
    if path.suffix == ".parquet":
        from panoply._sink_parquet import ParquetSink  # noqa: PLC0415

        return ParquetSink(path, params, append=append)
    from panoply._sink_warehouse import WarehouseSink  # noqa: PLC0415

    if path.suffix in _SQLITE:
        from panoply._warehouse_sqlite import SQLiteStore  # noqa: PLC0415

        return WarehouseSink(SQLiteStore(path.absolute(), str(path)), params)
    from panoply._warehouse_duckdb import DuckDBStore  # noqa: PLC0415

    return WarehouseSink(DuckDBStore(path.absolute(), str(path)), params)


def _check_place(path: Path) -> None:
    if path.is_dir():
        raise ParamsError(f"Cannot write {path}: it is a folder.")
    if not path.parent.is_dir():
        raise ParamsError(f"Cannot write {path}: there is no folder {path.parent}.")
