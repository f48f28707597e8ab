"""Collects from a data source the way the platform does: the library behind `panoply run`.

    from panoply import runner

    result = runner.run("acme_crm", {"token": token}, to="crm.duckdb", state="crm.state.json")
    print(result.records, result.tables, result.ok)

One run drives one source, or its parts side by side, into one sink, and comes back with what happened. Where params come from
and what a person sees of the run is decided by the caller.
"""

from __future__ import annotations

import copy
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO, Final, TypedDict, Unpack

from panoply._hiding import known_credentials
from panoply._interrupts import Deadline
from panoply._ledger import WHOLE, Ledger
from panoply._observer import Observer
from panoply._reading import Reading, stream_class
from panoply._run_result import Failure, RunResult
from panoply._saved_state import PartState, SavedState, StateFile, StateStore, reconciled
from panoply._secret_params import is_credential
from panoply._session import Session
from panoply._signal import shielded, signal
from panoply._splitting import parts_of
from panoply.errors import ParamsError
from panoply.loading import load_source
from panoply.masking import Mask, credentials
from panoply.sinks import Sink, open_sink

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType


__all__ = [
    "BATCH_SIZE",
    "RETRY_PAUSES",
    "Failure",
    "Observer",
    "PartState",
    "RunResult",
    "RunSettings",
    "SavedState",
    "StateFile",
    "StateStore",
    "Target",
    "is_credential",
    "run",
    "run_async",
]

# Records asked for in one read(). The platform's own number is not published; sources treat it as a hint.
BATCH_SIZE: Final = 1000

# Seconds before a failed read() is called again. Three more calls are what the platform makes; the pauses give a
# disturbed connection time, and are short enough to be sat out by somebody who watches.
RETRY_PAUSES: Final = (0.5, 1.0, 2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A sink that is opened when the run begins, with what the opening of some takes.

    Attributes:
        name: as `--to` names it: `-`, `sqs` or a file.
        apikey: for `sqs`: Panoply's API key; `apisecret`: its secret; `endpoint_url`: another SQS than Amazon's.
        stdout: what `-` means, if not `sys.stdout.buffer`.
    """

    name: str
    apikey: str | None = field(default=None, repr=False)
    apisecret: str | None = field(default=None, repr=False)
    endpoint_url: str | None = None
    stdout: BinaryIO | None = None


class RunSettings(TypedDict, total=False):
    """What `run` and `run_async` take by keyword; `run` says what it means."""

    to: str | os.PathLike[str] | Target | Sink
    state: str | os.PathLike[str] | StateStore | None
    batch_size: int | None
    limit: int | None
    timeout: float | None
    split: str | None
    workers: int | None
    engine: str | None
    pauses: Sequence[float]
    observer: Observer | None
    mask: Mask | None
    stopping: Callable[[], bool]
    stuck: Callable[[RunResult, int], object] | None
    sleep: Callable[[float], object]
    clock: Callable[[], float]


def run(  # noqa: PLR0913 - a run has this many sides, each with a default
    source: ModuleType | str,
    params: dict[str, Any],
    options: Mapping[str, Any] | None = None,
    *,
    to: str | os.PathLike[str] | Target | Sink = "-",
    state: str | os.PathLike[str] | StateStore | None = None,
    batch_size: int | None = BATCH_SIZE,
    limit: int | None = None,
    timeout: float | None = None,
    split: str | None = None,
    workers: int | None = None,
    engine: str | None = None,
    pauses: Sequence[float] = RETRY_PAUSES,
    observer: Observer | None = None,
    mask: Mask | None = None,
    stopping: Callable[[], bool] = bool,
    stuck: Callable[[RunResult, int], object] | None = None,
    sleep: Callable[[float], object] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> RunResult:
    """Read a source to its end and write its records into a sink.

    A `read()` that raises is called again on the same object, unless the exception has `retryable = False`. Whatever is
    raised, Ctrl-C and SystemExit included, ends up in the result: the source is closed, and what was read is delivered.

    Args:
        source: the module with the `Stream`, or what names it: `mymod`, `./mymod.py`.
        params: what the user chose. The source gets this very dict and may change it; of a split run, copies of it.
        options: what the platform offers; a `logger` is added unless there is one, and what hears of declared credentials.
        to: where the records go: a target that `--to` takes, or an open sink, which is flushed and stays open.
        state: where the state is kept, a path or a store of your own. The source goes on from what is there; what was
            delivered is kept there every few seconds, so that a run that is killed loses nothing.
        batch_size: what `read()` is called with.
        limit: how many records are collected at most.
        timeout: seconds after which the run ends. In the main thread, on systems with signals, also a call that hangs ends.
        split: a param whose value is a list: its values are collected side by side, each by a source of its own in a process
            of its own. The source has to be a module that can be imported there.
        workers: how many of them at a time, on this machine; as many as it has processors.
        engine: where they are read instead: `dask://HOST:PORT` is the scheduler of a Dask cluster.
        pauses: seconds to wait before a failed `read()` is called again, one for each further call.
        observer: is told what happens.
        mask: the credentials among params and options, and those that the source obtains, are added to it.
        stopping: asked between two reads; True ends the run.
        stuck: is called from another thread if the source cannot be interrupted, with what has come of the run by then, all
            that was read delivered, and the number of the signal. It has to end the process: the source still runs.
        sleep: how to wait.
        clock: how to tell the time.

    Raises:
        LoadError: the module cannot be imported, or has no `Stream`.
        ParamsError: the target cannot be opened, the run cannot be split by that param, nobody answers at that engine.
        StateError: the state cannot be read or kept, is that of another run, or in use by one.
    """
    for what, number in (("limit", limit), ("workers", workers), ("timeout", timeout)):
        if number is not None and number <= 0:
            raise ValueError(f"{what} is above 0, or None: {number}")
    if split is None and (workers is not None or engine is not None):
        raise ParamsError("Workers and engines read the parts of a run: name the param that it is to be split by.")
    module = load_source(source) if isinstance(source, str) else source
    stream_class(module)
    store = StateFile(state) if isinstance(state, (str, os.PathLike)) else state
    observer = observer or Observer()
    mask = Mask() if mask is None else mask
    secret = is_credential(module)
    mask.add(credentials(params, secret) | credentials(options or {}, secret))
    mask.add(known_credentials(params, getattr(module, "CONFIG", None)))
    with ExitStack() as stack:
        if isinstance(store, StateFile):
            stack.enter_context(store.held())
        saved = reconciled(None if store is None else store.load(), source=module.__name__, split=split)
        parts = {WHOLE: params} if split is None else parts_of(params, split)
        for key, given in parts.items():
            _hand_over(saved, key, given)
        started = clock()
        sink, target, close = stack.enter_context(_opened(to, saved, params, append=store is not None))
        if saved is not None and saved.target != target:
            observer.warning(
                f"The state says what was delivered to {saved.target}; what comes after that goes to {target}."
            )
        ledger = Ledger(
            sink=sink,
            observer=observer,
            source=module.__name__,
            target=target,
            split=split,
            store=store,
            limit=limit,
            clock=clock,
        )
        ledger.begin(saved, {key: _mapping(given.get("state")) for key, given in parts.items()})
        if store is not None:
            # Before anything is read: a state that cannot be kept is no use then, and this is where to go on from.
            ledger.checkpoint()
        reading = Reading(
            module=module,
            params=params,
            options=dict(options or {}),
            batch_size=batch_size,
            pauses=pauses,
            sleep=sleep,
            deadline=Deadline(timeout, clock),
            stopping=stopping,
            observer=observer,
            mask=mask,
            secret=secret,
            strict_state=store is not None,
        )
        session = Session(
            reading=reading,
            ledger=ledger,
            close=close,
            parts=parts,
            split=split,
            workers=workers,
            engine=engine,
            elapsed=lambda: clock() - started,
        )
        return session.collect(stuck)


async def run_async(
    source: ModuleType | str,
    params: dict[str, Any],
    options: Mapping[str, Any] | None = None,
    **settings: Unpack[RunSettings],
) -> RunResult:
    """`run`, for programs with an event loop (asyncio, trio): it takes the same arguments, and gives the same result.

    The source has a thread of its own, and if it is async an event loop there: what most sources do between two batches would
    hold up all others on the program's loop. The observer is called in that thread. A task that is cancelled ends the run
    after the `read()` in hand: the source is closed and what was read is delivered before the cancellation goes on.

    Raises:
        LoadError, ParamsError, StateError: as `run` raises them.
    """
    ended = threading.Event()
    wanted = settings.get("stopping", bool)
    settings["stopping"] = lambda: ended.is_set() or wanted()
    # Whoever is cancelled does not wait for the next attempt.
    settings.setdefault("sleep", ended.wait)
    over = signal()
    outcome: list[RunResult | BaseException] = []

    def work() -> None:
        try:
            outcome.append(run(source, params, options, **settings))
        except BaseException as exc:  # noqa: BLE001 - raised again in the task
            outcome.append(exc)
        over.set()

    threading.Thread(target=copy_context().run, args=(work,), name="panoply run").start()
    try:
        await over.wait(None)
    except BaseException:
        ended.set()
        with shielded():
            await over.wait(None)
        raise
    (result,) = outcome
    if isinstance(result, BaseException):
        raise result
    return result


def _hand_over(saved: SavedState | None, key: str, params: dict[str, Any]) -> None:
    """Give the source the state that was saved."""
    if saved is None:
        return
    state = saved.state if key == WHOLE else saved.parts[key].state if key in saved.parts else {}
    if state:
        params["state"] = copy.deepcopy(dict(state))


def _mapping(state: object) -> Mapping[str, Any]:
    return state if isinstance(state, Mapping) else {}


@contextmanager
def _opened(
    to: str | os.PathLike[str] | Target | Sink,
    saved: SavedState | None,
    params: Mapping[str, Any],
    *,
    append: bool,
) -> Iterator[tuple[Sink, str, Callable[[bool], object]]]:
    """The sink, what the state calls it, and what closes it if it was opened here."""
    if not isinstance(to, (str, os.PathLike, Target)):
        yield to, type(to).__name__, bool  # whoever opened it closes it
        return
    target = to if isinstance(to, Target) else Target(name=os.fspath(to))
    sink = open_sink(
        target.name,
        apikey=target.apikey,
        apisecret=target.apisecret,
        endpoint_url=target.endpoint_url,
        stdout=target.stdout,
        append=append,
        resume=saved.position if saved is not None and saved.target == target.name else None,
        params=params,
    )
    try:
        yield sink, target.name, lambda complete: sink.close(complete=complete)
    finally:
        # Does nothing if it is closed by now.
        sink.close(complete=False)
