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
from contextlib import suppress
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
    from collections.abc import Callable
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

# Seconds between two questions to the scheduler whether the run is over.
_ASKING: Final = 1.0

# Seconds until a scheduler has to have answered.
_CONNECTING: Final = 10.0


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
        """What was said next."""
        with suppress(TimeoutError):
            number, attempt, message = pickle.loads(self._messages.get(timeout=timeout))  # noqa: S301 - our own tasks
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
        self._stop.set()

    def close(self) -> None:
        """End the tasks that have not begun, and let go of the cluster. May be called again."""
        if self._client.status == "closed":
            return
        self.stop()
        end = time.monotonic() + _GRACE
        while self._tasks and time.monotonic() < end:
            # Room for those that still have something to say.
            self.receive(_ASKING)
        if self._tasks:
            self._client.cancel(list(self._tasks.values()), force=True)
        self._client.close()


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
    """A task: read a part, wherever this is. Raises nothing: Dask would log the arguments."""
    distributed = _distributed()
    client = distributed.get_client()
    attempt = uuid.uuid4().hex
    here = Here()
    messages = distributed.Queue(name, client=client)

    def send(message: Message) -> None:
        # A copy of this process has no client that works.
        if here:
            messages.put(pickle.dumps((number, attempt, message), protocol=5), timeout=_PATIENCE)

    stop = _Stopping(distributed.Event(f"{name}-stop", client=client).is_set)
    send(Began())
    try:
        job: Job = pickle.loads(distributed.Queue(f"{name}-{attempt}", client=client).get(timeout=_PATIENCE))  # noqa: S301 - our own run
    except TimeoutError:
        return
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
