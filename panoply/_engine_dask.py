"""Reads the parts of a split run on a Dask cluster: each is one task.

The scheduler decides where a task runs, and runs it again elsewhere if its worker is lost. What a task is told and what it says
travels through queues of the scheduler, so that workers need to reach nothing else; a queue that is full lets them wait.
Tasks carry no params: Dask shows their arguments in its logs and on its dashboard.
"""

from __future__ import annotations

import pickle
import sys
import time
import uuid
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from panoply._forks import Here
from panoply._part_output import overheard
from panoply._part_run import read_part
from panoply._part_wire import Began, Ended, Logged, Lost, PartFailure
from panoply._source_code import load_archived
from panoply.errors import MissingExtra, PanoplyException, ParamsError
from panoply.loading import load_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    from panoply._engines import Envelope
    from panoply._part_wire import Job, Message

__all__ = ["DaskEngine"]

# Messages that wait for the run to take them, of all workers together.
_WAITING: Final = 32

# Seconds that a worker waits for the run: to be given its job, to find room for a message. A run that is gone never comes back.
_PATIENCE: Final = 300.0

# Seconds that those who still read have when the run is over, to close their sources.
_GRACE: Final = 10.0

# Seconds between two looks whether the run is still there, while it takes nothing.
_LOOKING: Final = 1.0

# Seconds between two questions to the scheduler whether the run is over.
_ASKING: Final = 1.0

# Seconds until a scheduler has to have answered.
_CONNECTING: Final = 10.0


class _Gone(BaseException):
    """Nobody wants this part any more. No Exception, which a source may catch."""


class DaskEngine:
    """Has parts read by a Dask cluster.

    Args:
        address: of its scheduler, `HOST:PORT`. Certificates and the like come from Dask's configuration.

    Raises:
        MissingExtra: Dask is not installed.
        ParamsError: nobody answers there.
    """

    slots: int | None = None
    remote = True

    def __init__(self, address: str) -> None:
        distributed = _distributed()
        try:
            self._client = distributed.Client(address, timeout=_CONNECTING, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as exc:
            raise ParamsError(f"There is no Dask scheduler at {address}: {exc}") from exc
        self._address = address
        # Whether the scheduler is gone, and with it all that was on its way.
        self._lost = False
        self._name = f"panoply-{uuid.uuid4().hex}"
        self._messages = distributed.Queue(self._name, client=self._client, maxsize=_WAITING)
        self._stop = distributed.Event(f"{self._name}-stop", client=self._client)
        self._keys: list[str] = []
        self._tasks: dict[str, Any] = {}
        self._attempts: dict[str, str] = {}

    def start(self, key: str) -> None:
        """Submit a task."""
        self._keys.append(key)
        number = len(self._keys) - 1
        self._tasks[key] = self._client.submit(
            _work, self._name, number, key=f"{self._name}-{number}", pure=False, retries=0
        )

    def reply(self, key: str, attempt: str, job: Job) -> None:
        """Give the task its job."""
        self._attempts[key] = attempt
        queue = _distributed().Queue(f"{self._name}-{attempt}", client=self._client)
        queue.put(pickle.dumps(job, protocol=5))

    def receive(self, timeout: float) -> Envelope | None:
        """What was said next.

        Raises:
            PanoplyException: there is no scheduler any more; afterwards, all parts are lost.
        """
        if self._lost:
            for key in self._tasks:
                del self._tasks[key]
                return key, self._attempts.get(key, ""), Lost(why="the Dask scheduler is gone")
            return None
        with suppress(TimeoutError):
            with self._connected():
                packed = self._messages.get(timeout=timeout)
            number, attempt, message = pickle.loads(packed)  # noqa: S301 - our own tasks
            key = self._keys[number]
            if isinstance(message, Ended):
                self._tasks.pop(key, None)
            return key, attempt, message
        # All that a task has said came before its end.
        for key, task in self._tasks.items():
            if task.status in ("error", "lost", "cancelled", "finished"):
                del self._tasks[key]
                return key, self._attempts.get(key, ""), Lost(why=_why(task))
        return None

    def stop(self) -> None:
        """Tell all tasks."""
        if not self._lost:
            with self._connected():
                self._stop.set()

    def close(self) -> None:
        """End the tasks that have not begun, and let go of the cluster. May be called again."""
        if self._client.status == "closed":
            return
        with suppress(PanoplyException):
            self._finish()
        self._client.close(_CONNECTING)

    def _finish(self) -> None:
        self.stop()
        end = time.monotonic() + _GRACE
        while self._tasks and time.monotonic() < end:
            # Room for those that still have something to say.
            self.receive(_ASKING)
        if self._tasks:
            with self._connected():
                self._client.cancel(list(self._tasks.values()), force=True)
        if not self._lost:
            with self._connected():
                self._messages.close()

    @contextmanager
    def _connected(self) -> Iterator[None]:
        """The scheduler is asked for something in this block."""
        try:
            yield
        except TimeoutError:
            raise
        except Exception as exc:
            self._lost = True
            raise PanoplyException(f"The Dask scheduler at {self._address} is gone: {exc}") from exc


def _distributed() -> Any:
    """Dask's library, which has no types to speak of."""
    try:
        return import_module("distributed")
    except ImportError as exc:
        raise MissingExtra("dask", "--engine dask://...") from exc


def _why(task: Any) -> str:
    if task.status != "error":
        return f"its task is {task.status}"
    error = task.exception()
    return f"{type(error).__name__}: {error}"


def _work(name: str, number: int) -> None:
    """A task: read a part, wherever this is."""
    distributed = _distributed()
    client = distributed.get_client()
    attempt = uuid.uuid4().hex
    here = Here()
    messages = distributed.Queue(name, client=client)
    tasks, own = distributed.get_worker().state.tasks, f"{name}-{number}"

    def unwanted() -> bool:
        # When a run is killed, the scheduler takes back its tasks. One that has begun is not told.
        return own not in tasks or tasks[own].state == "cancelled"

    def patiently(ask: Callable[[float], Any]) -> Any:
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            with suppress(TimeoutError):
                return ask(_LOOKING)
            if unwanted():
                break
        raise _Gone

    def send(message: Message) -> None:
        # A copy of this process has no client that works.
        if here:
            said = pickle.dumps((number, attempt, message), protocol=5)
            patiently(lambda timeout: messages.put(said, timeout=timeout))

    # Dask would log what is raised here, and what it was about.
    with suppress(_Gone):
        send(Began())
        answer = distributed.Queue(f"{name}-{attempt}", client=client)
        job: Job = pickle.loads(patiently(lambda timeout: answer.get(timeout=timeout)))  # noqa: S301 - our own run
        answer.close()
        over = distributed.Event(f"{name}-stop", client=client)
        _read(job, send, _Stopping(lambda: unwanted() or over.is_set()))
    messages.close()


def _read(job: Job, send: Callable[[Message], None], stop: Callable[[], bool]) -> None:
    # The credentials among the params are masked by the run, which knows them.
    with overheard(lambda line: send(Logged(text=line))):
        try:
            module = _loaded(job)
        except PanoplyException as exc:
            failure = PartFailure(during="importing the source", text=str(exc))
            send(Ended(finished=False, stopped=None, reads=0, retries=0, failures=(failure,)))
            return
        read_part(module, job, send, stop)


def _loaded(job: Job) -> ModuleType:
    if job.code is not None:
        return load_archived(job.module, job.code)
    return sys.modules.get(job.module) or load_source(job.module)


class _Stopping:
    """Asks the scheduler now and then."""

    def __init__(self, ask: Callable[[], bool]) -> None:
        self._ask = ask
        self._asked_at = time.monotonic()
        self._wanted = False

    def __call__(self) -> bool:
        if time.monotonic() - self._asked_at >= _ASKING:
            self._wanted = self._ask()
            self._asked_at = time.monotonic()
        return self._wanted
