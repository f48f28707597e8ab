"""Whether the kit's sensors work here and now: a source that does everything wrong is run, and each fault must be noticed.

A check that hears nothing passes, and so does one whose sensor is deaf: because something in the project has taken the
same thing over, because Python or a library has changed. Without a probe nobody could tell the two apart.
"""

from __future__ import annotations

import contextlib
import importlib
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import ModuleType

    from panoply_testing.footprints import Trace, TraceKind

__all__ = ["AT_IMPORT", "LEFT", "PLANTS", "Plant", "SensorResult", "deaf", "load", "params", "sensors"]

# The credential that is let out. Made up here; it reads differently once it is encoded, and is no word of any language.
TOKEN: Final = "pr/0be+5Kq2=Wd81x"  # noqa: S105 - none


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """One fault that the planted source commits in a `read()` of its own, in the order of the table.

    Attributes:
        name: of the sensor that must notice it; of the method that commits it.
        kind: of the leak that it must become, or "operation" for one on the network.
        channel: how the leak's channel begins, or the operation's kind.
        step: whether it is noticed in that read already. What is in files, and a repr, is looked at later.
    """

    name: str
    kind: Literal["log", "progress", "error", "state", "record", "process", "repr", "file", "operation"]
    channel: str = ""
    step: bool = True


PLANTS: Final = (
    Plant(name="stdout", kind="log", channel="stdout"),
    Plant(name="stdout_of_a_thread", kind="log", channel="stdout"),
    Plant(name="stderr_past_python", kind="log", channel="stderr"),
    Plant(name="stdout_of_a_program", kind="log", channel="stdout"),
    Plant(name="log", kind="log", channel="log()"),
    Plant(name="logging", kind="log", channel="logging"),
    Plant(name="logging_with_arguments", kind="log", channel="logging"),
    Plant(name="logging_with_a_traceback", kind="log", channel="logging"),
    Plant(name="logging_in_base64", kind="log", channel="logging"),
    Plant(name="warnings", kind="log", channel="warnings"),
    Plant(name="progress_message", kind="progress"),
    Plant(name="state", kind="state"),
    Plant(name="record", kind="record"),
    Plant(name="exception", kind="error"),
    Plant(name="argument_of_a_program", kind="process"),
    Plant(name="repr", kind="repr", step=False),
    Plant(name="file", kind="file", step=False),
    Plant(name="lookup", kind="operation", channel="lookup", step=False),
    Plant(name="connect", kind="operation", channel="connect", step=False),
)

# What the planted module does while it is imported, and what it leaves after close().
AT_IMPORT: Final[tuple[TraceKind, ...]] = (
    *("output", "network", "file written", "thread", "process", "logging", "hook", "signal", "warning filters"),
    *("environment", "working folder", "setting"),
)
LEFT: Final[tuple[TraceKind, ...]] = ("thread", "task", "process", "socket", "file handle", "temporary file")


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorResult:
    """What became of one planted fault.

    Attributes:
        name: of the sensor.
        planted: whether the run came as far as the fault.
        heard: whether it was noticed.
        note: what that means, in words for a report; empty where it was.
    """

    name: str
    planted: bool
    heard: bool
    note: str = ""


class _Leak(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def channel(self) -> str: ...


class _Step(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def number(self) -> int: ...
    @property
    def leaks(self) -> Sequence[_Leak]: ...


class _Operation(Protocol):
    @property
    def kind(self) -> str: ...


class _Observation(Protocol):
    """What of an observation is looked at."""

    @property
    def steps(self) -> Sequence[_Step]: ...
    @property
    def imported(self) -> Sequence[Trace]: ...
    @property
    def left(self) -> Sequence[Trace]: ...
    @property
    def operations(self) -> Sequence[_Operation]: ...


def load() -> ModuleType:
    """Import the planted source. To be called where it can do no harm: in a process of its own."""
    return importlib.import_module("panoply_testing._planted")


@contextlib.contextmanager
def params() -> Iterator[dict[str, str]]:
    """What the planted source is to be run with; the file that it leaves is gone afterwards."""
    folder = tempfile.mkdtemp(prefix="panoply-probe-")
    try:
        # Just its name: a file below a folder that a param names would be meant to stay.
        yield {"token": TOKEN, "folder": Path(folder).name}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sensors(observation: _Observation) -> tuple[SensorResult, ...]:
    """What became of each planted fault, in a full run of the planted source."""
    steps, reads = observation.steps, [step for step in observation.steps if step.kind == "read"]
    closed = any(step.kind == "close" for step in steps)
    loaded = any(step.kind == "construct" for step in steps)
    results = []
    for number, plant in enumerate(PLANTS, 1):
        if plant.kind == "operation":
            heard = any(operation.kind == plant.channel for operation in observation.operations)
        else:
            looked_at = [step for step in reads if step.number == number] if plant.step else steps
            leaks = [leak for step in looked_at for leak in step.leaks]
            heard = any(leak.kind == plant.kind and leak.channel.startswith(plant.channel) for leak in leaks)
        planted = any(step.number == number for step in reads) and (plant.step or closed)
        results.append(_result(plant.name, planted=planted, heard=heard))
    for title, kinds, traces, planted in (
        ("at import", AT_IMPORT, observation.imported, loaded),
        ("left", LEFT, observation.left, closed),
    ):
        seen = {trace.kind for trace in traces if not trace.by}
        results += [_result(f"{kind}, {title}", planted=planted, heard=kind in seen) for kind in kinds]
    return tuple(results)


def deaf(observation: _Observation) -> tuple[SensorResult, ...]:
    """The sensors that did not notice the fault that was planted for them: what they would find is not to be relied on."""
    return tuple(result for result in sensors(observation) if not (result.planted and result.heard))


def _result(name: str, *, planted: bool, heard: bool) -> SensorResult:
    note = ""
    if not planted:
        note = f"The probe broke off before it came to {name}: whether that is noticed is not known."
    elif not heard:
        note = f"A fault planted for {name} was not noticed: a source that does the same would pass."
    return SensorResult(name=name, planted=planted, heard=heard, note=note)
