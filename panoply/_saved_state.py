"""How far a run has come, as it is kept between runs: what `--state FILE` reads and writes.

A state is saved after the records that it speaks of were delivered, never before. Whoever kills the run at any moment finds
here a state that is too old, at worst: some records come again, none is lost.
"""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from panoply._locks import InUse, Lock
from panoply.errors import PanoplyException, StateError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["PartState", "SavedState", "StateFile", "StateStore", "as_json", "reconciled"]

# Of the file's form. One that is newer than the kit may say what the kit does not understand.
_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PartState:
    """How far one part of a split run has come.

    Attributes:
        state: what the source is given as `params["state"]`.
        done: whether it was read to its end in a run whose other parts were not: it is not read again when that goes on.
    """

    state: Mapping[str, Any] = field(default_factory=dict)
    done: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedState:
    """How far a run has come.

    Attributes:
        source: the module's name.
        target: where its records went, as `--to` named it.
        state: what the source is given as `params["state"]`; empty if the run was split.
        split: the param by whose values the run was split; None: it was not.
        parts: of a split run, how far each part has come, by value.
        position: where in the target to go on (see `Sink.position`).
    """

    source: str
    target: str
    state: Mapping[str, Any] = field(default_factory=dict)
    split: str | None = None
    parts: Mapping[str, PartState] = field(default_factory=dict)
    position: Any = None


class StateStore(Protocol):
    """Where a run's state is kept. `StateFile` is one; yours may be a table of a database."""

    def load(self) -> SavedState | None:
        """What was saved last; None: nothing yet."""
        ...

    def save(self, saved: SavedState) -> None:
        """Keep it; come back when it outlives the process."""
        ...


class StateFile:
    """Keeps the state in a JSON file, which is replaced as a whole each time.

    Args:
        path: of the file. It need not exist; its folder has to.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        # A source may change the working folder on the way.
        self._file = self.path.absolute()
        self._lock: Lock | None = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other runs from going on from this file, or saving theirs there, within this block.

        Raises:
            StateError: another run is doing so.
        """
        fresh = not self._file.exists()
        try:
            self._lock = Lock(self._file)
        except InUse:
            raise StateError(
                f"The state in {self.path} is in use by another run. Wait for its end, or name another file, which begins anew."
            ) from None
        try:
            yield
        finally:
            with suppress(OSError):
                if fresh and not self._file.stat().st_size:
                    # The run has not begun.
                    self._file.unlink()
            self._lock.release()
            self._lock = None

    def load(self) -> SavedState | None:
        """Read the file; None if there is none.

        Raises:
            StateError: it cannot be read, or is no file of this kind.
        """
        try:
            text = self._file.read_text(encoding="utf-8")
        except FileNotFoundError:
            if not self._file.parent.is_dir():
                raise StateError(
                    f"The state cannot be kept in {self.path}: there is no folder {self.path.parent}."
                ) from None
            return None
        except (OSError, UnicodeDecodeError) as exc:
            reason = exc.strerror if isinstance(exc, OSError) else "it is no text"
            raise StateError(f"The state cannot be read from {self.path}: {reason}.") from exc
        if not text.strip():  # as `touch` and `mktemp` make it
            return None
        try:
            return _parsed(json.loads(text))
        except (ValueError, TypeError, KeyError, AttributeError):
            raise StateError(
                f"{self.path} holds no state of a run. Name another file for it, or remove this one to begin anew."
            ) from None

    def save(self, saved: SavedState) -> None:
        """Replace the file.

        Raises:
            StateError: that failed; what was there before still is.
        """
        text = json.dumps(_as_document(saved), ensure_ascii=False, allow_nan=False, indent=1)
        try:
            self._replace(text)
        except OSError as exc:
            raise StateError(f"The state cannot be kept in {self.path}: {exc.strerror}.") from exc

    def _replace(self, text: str) -> None:
        # In the same folder: only within a file system is a file replaced in one step. Nobody else may read it before it
        # has its name: mkstemp sees to that.
        descriptor, name = tempfile.mkstemp(dir=self._file.parent, prefix=f".{self._file.name}.")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
                if self._lock is not None:
                    self._lock.move(file.fileno())
            Path(name).replace(self._file)
        except BaseException:
            with suppress(FileNotFoundError):
                Path(name).unlink()
            raise

    def __repr__(self) -> str:
        return f"StateFile({str(self.path)!r})"


def as_json(state_id: object, state: object) -> dict[str, Any]:
    """A state as it will come back: the platform keeps it as JSON. A copy: some sources go on changing what they reported.

    Raises:
        PanoplyException: it is no JSON object.
    """
    try:
        copied = json.loads(json.dumps(state, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as exc:
        # Not the message, which may quote the value.
        raise PanoplyException(
            f"The state {state_id!r} that the source reported cannot be kept as JSON ({type(exc).__name__}): it has to "
            "consist of text, finite numbers, booleans, None, lists and dicts.",
            retryable=False,
        ) from None
    if not isinstance(copied, dict):
        raise PanoplyException(
            f"The state {state_id!r} that the source reported is {type(state).__name__}; expected a dict.",
            retryable=False,
        )
    return copied


def reconciled(saved: SavedState | None, *, source: str, split: str | None) -> SavedState | None:
    """What was saved, if this run can go on from there.

    Raises:
        StateError: it belongs to another source, or to a run that was split in another way.
    """
    if saved is None:
        return None
    if saved.source != source:
        raise StateError(
            f"The state is that of a run of {saved.source!r}, and this is {source!r}. Name another file for this source."
        )
    if saved.split != split and (saved.split is not None or saved.state):
        kept = "was not split" if saved.split is None else f"was split by {saved.split!r}"
        wanted = "is not" if split is None else f"is split by {split!r}"
        raise StateError(
            f"The state is that of a run that {kept}, and this one {wanted}. Run it as before, or name another file, "
            "which begins anew."
        )
    return saved


def _as_document(saved: SavedState) -> dict[str, Any]:
    document: dict[str, Any] = {"version": _VERSION, "source": saved.source, "target": saved.target}
    if saved.position is not None:
        document["position"] = saved.position
    if saved.split is None:
        return document | {"state": dict(saved.state)}
    parts = {
        key: {"state": dict(part.state), **({"done": True} if part.done else {})} for key, part in saved.parts.items()
    }
    return document | {"split": saved.split, "parts": parts}


def _parsed(document: Any) -> SavedState:
    if document["version"] != _VERSION:
        raise ValueError(document["version"])
    parts = {
        key: PartState(state=part["state"], done=part.get("done", False))
        for key, part in document.get("parts", {}).items()
    }
    state = document.get("state", {})
    if not all(isinstance(each, dict) for each in (state, *(part.state for part in parts.values()))):
        raise TypeError
    return SavedState(
        source=document["source"],
        target=document["target"],
        state=state,
        split=document.get("split"),
        parts=parts,
        position=document.get("position"),
    )
