"""Where the records of a source go, and into which table each of them.

Every sink takes exactly the line that the SDK would send, so that a record that cannot be sent fails the same way
wherever it goes. How records reach the queue is the SDK's business.
"""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, Self

from panoply.encoding import encode_record
from panoply.errors import Closed, DeliveryError, PanoplyException, ParamsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from panoply.delivery import DeliveryEvent
    from panoply.sdk import SDK

__all__ = ["JSONLSink", "SQSSink", "Sink", "TableSummary", "open_sink", "table_of"]

# Seconds that flushing waits for the queue at the end of a run. The SDK sends all the while, so that only the last
# messages, and what a disturbed connection held up, are still to go.
DELIVERY_TIMEOUT = 120.0

TARGETS = "`-` (JSON lines on standard output), FILE.jsonl (JSON lines into a file) and `sqs` (Panoply's queue)"

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")

# Columns named in an error message: rows of some sources have hundreds.
_COLUMNS_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSummary:
    """What became of one table.

    Attributes:
        table: its name.
        records: how many records were written into it.
        new: how many of them are new rows; None where the target cannot know.
        updated: how many of them updated a row; None likewise.
        columns: how many columns the table has; None likewise.
        bytes: how long the records are, as the SDK encodes them.
    """

    table: str
    records: int
    new: int | None
    updated: int | None
    columns: int | None
    bytes: int


class Sink(Protocol):
    """Takes records, a row at a time. Whoever opens one closes it; each is a context manager.

    Attributes:
        written: how many records `write` took, for each table, in the order in which the tables came up.
    """

    written: Counter[str]

    def write(self, table: str, record: Mapping[str, Any]) -> None:
        """Take one record.

        Raises:
            RecordError: it cannot be sent. Nothing of it is written.
        """
        ...

    def flush(self) -> None:
        """Come back when all that was written has arrived.

        Raises:
            DeliveryError: it did not.
        """
        ...

    def close(self, *, complete: bool = True) -> None:
        """Flush, and release what the sink holds. May be called again.

        Args:
            complete: whether the source was read to its end.
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


class JSONLSink:
    """Writes JSON lines: to a stream at once, line by line; to a file whole or not at all.

    A file is written as `FILE.part` and gets its name when it is closed complete. Whoever finds `FILE` can so rely on it
    holding a whole run, and a run that fails does not cost the result of the last one that succeeded. What an unfinished
    run collected stays in `FILE.part`.

    Args:
        target: a binary stream, which stays open, or the path of a file.
    """

    def __init__(self, target: BinaryIO | str | os.PathLike[str]) -> None:
        self.written: Counter[str] = Counter()
        self._path = Path(target) if isinstance(target, (str, os.PathLike)) else None
        self._stream = target if not isinstance(target, (str, os.PathLike)) else _part(Path(target)).open("wb")
        self._closed = False

    def write(self, table: str, record: Mapping[str, Any]) -> None:
        """Write the record as one line."""
        if self._closed:
            raise Closed(f"write({table!r}, ...) after close().")
        self._stream.write(encode_record(table, record))
        if self._path is None:
            # Whoever reads the stream gets each record as it comes, also from a source that takes its time.
            self._stream.flush()
        self.written[table] += 1

    def flush(self) -> None:
        """Hand what was written to the operating system."""
        if not self._closed:
            self._stream.flush()

    def close(self, *, complete: bool = True) -> None:
        """Flush; give a file its name if it is complete."""
        if self._closed:
            return
        self.flush()
        self._closed = True
        if self._path is None:
            return
        self._stream.close()
        part = _part(self._path)
        if complete:
            part.replace(self._path)
        elif not self.written:
            part.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close(complete=exc_type is None)


class SQSSink:
    """Sends records to Panoply's queue. A failed delivery stops the run: the next `write` raises it.

    Args:
        sdk: an open SDK; the sink closes it.
        timeout: seconds that `flush` and `close` wait for the queue.
    """

    def __init__(self, sdk: SDK, *, timeout: float = DELIVERY_TIMEOUT) -> None:
        self.written: Counter[str] = Counter()
        self._sdk = sdk
        self._timeout = timeout
        self._lost: DeliveryEvent | None = None
        sdk.on("error", self._on_error)

    def write(self, table: str, record: Mapping[str, Any]) -> None:
        """Give the record to the SDK, which sends it from a thread of its own."""
        if self._lost is not None:
            raise DeliveryError(f"Records were not delivered: {self._lost.error}")
        self._sdk.write(table, record)
        self.written[table] += 1

    def flush(self) -> None:
        """Wait until the queue has everything."""
        self._sdk.flush(self._timeout)

    def close(self, *, complete: bool = True) -> None:  # noqa: ARG002 - the queue has it either way
        """Send what is left and close the SDK."""
        self._sdk.close(self._timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close(complete=exc_type is None)

    def _on_error(self, event: DeliveryEvent) -> None:
        self._lost = self._lost or event


def open_sink(
    target: str,
    *,
    apikey: str | None = None,
    apisecret: str | None = None,
    endpoint_url: str | None = None,
    stdout: BinaryIO | None = None,
) -> Sink:
    """Open what `--to` names.

    Args:
        target: `-`, `FILE.jsonl` or `sqs`.
        apikey: for `sqs`: Panoply's API key.
        apisecret: for `sqs`: its secret.
        endpoint_url: for `sqs`: another SQS than Amazon's.
        stdout: what `-` means, if not `sys.stdout.buffer`.

    Raises:
        ParamsError: there is no such target, it cannot be written, or `sqs` lacks its key or secret.
        CredentialsError: key or secret are malformed.
    """
    if target == "-":
        return JSONLSink(sys.stdout.buffer if stdout is None else stdout)
    if target == "sqs":
        missing = [name for name, value in (("API key", apikey), ("API secret", apisecret)) if not value]
        if not apikey or not apisecret:
            raise ParamsError(f"The target `sqs` needs Panoply's API key and secret; missing: {' and '.join(missing)}.")
        from panoply.sdk import SDK  # noqa: PLC0415 - it takes a while to import, and the other targets need none

        try:
            return SQSSink(SDK(apikey, apisecret, endpoint_url=endpoint_url))
        except (TypeError, ValueError) as exc:
            if isinstance(exc, PanoplyException):
                raise
            raise ParamsError(f"The target `sqs`: {exc}") from None
    if target.endswith(".jsonl") and Path(target).name != ".jsonl":
        return _open_file(Path(target))
    near = Path(target).with_suffix(".jsonl") if Path(target).suffix in {".json", ".ndjson", ".txt", ".csv"} else None
    hint = f" Did you mean {near}?" if near else ""
    raise ParamsError(f"There is no target {target!r}. Targets are {TARGETS}.{hint}")


def table_of(record: Mapping[str, Any], source: Mapping[str, Any], default: str, resource: str | None = None) -> str:
    """The table that a row goes into.

    That is the source's `destination`, each `{column}` in it filled from the row; without a destination the row's own
    `__table`, else the source's `type`, else `default`. Rows of a record group go into a table for each resource,
    `DESTINATION_RESOURCE`, unless the destination itself tells them apart with a `{column}`; `{resource_id}` is their
    resource, where no column has that name.

    Raises:
        PanoplyException: the row lacks the column, or has nothing there that could name a table.
    """
    # `destination` is a user's text. It never goes through `str.format`, whose `{a.b}` and `{a[b]}` reach into objects.
    destination = _text(source.get("destination"))
    if destination is not None and _PLACEHOLDER.search(destination):
        known = record if resource is None or "resource_id" in record else {**record, "resource_id": resource}
        return _PLACEHOLDER.sub(partial(_fill, known, destination), destination)
    if destination is None:
        own = _text(record.get("__table"))
        if own is not None:
            return own
        destination = _text(source.get("type")) or default
    return destination if resource is None else f"{destination}_{resource}"


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _fill(record: Mapping[str, Any], destination: str, placeholder: re.Match[str]) -> str:
    column = placeholder[1]
    if column not in record:
        shown = [repr(name) for name in list(record)[:_COLUMNS_SHOWN]]
        if len(record) > len(shown):
            shown.append(f"and {len(record) - len(shown)} more")
        raise PanoplyException(
            f"The destination {destination!r} names the column {column!r}, which a row does not have. "
            f"Its columns: {', '.join(shown) or 'none'}.",
            retryable=False,
        )
    value = record[column]
    if value is None or isinstance(value, (dict, list, tuple, set, bytes)) or not str(value).strip():
        kind = "empty" if value is None or value == "" else f"a {type(value).__name__}"
        raise PanoplyException(
            f"The destination {destination!r} names the column {column!r}, which is {kind} in a row: "
            "that cannot be part of a table's name.",
            retryable=False,
        )
    return str(value)


def _part(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def _open_file(path: Path) -> JSONLSink:
    if path.is_dir():
        raise ParamsError(f"Cannot write {path}: it is a folder.")
    if not path.parent.is_dir():
        raise ParamsError(f"Cannot write {path}: there is no folder {path.parent}.")
    try:
        return JSONLSink(path)
    except OSError as exc:
        raise ParamsError(f"Cannot write {path}: {exc.strerror}.") from exc
