"""Drives a source through one plan, in this process, and tells what happened, step by step.

Meant for a process of its own (see `isolation`): the source may hang it, crash it, or print into it. What is told is
masked and small; judging it is the business of the checks.
"""

from __future__ import annotations

import difflib
import inspect
import os
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import panoply
from panoply.config import check_config
from panoply.driving import DEFECTS, Driver
from panoply_testing._facts import (
    EXAMPLES,
    batch_facts,
    described,
    differences,
    home_of,
    is_source,
    marked,
    message_of,
    named,
    order_of,
    progress_facts,
    shortened,
)
from panoply_testing._sensors import Piece, Sensors, is_of_a_library
from panoply_testing._told import Finished, Module, Returned, Searched, Started, Told, Unfinished
from panoply_testing.observation import Batch, End, Leak, ModuleFacts, Progress, Raised, Step
from panoply_testing.plans import READS_AFTER_EOF, Plan
from panoply_testing.secrets import Credentials, credentials_among

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["Drive"]

# As the platform does it: a read() that raised is called again on the same object, at most three more times.
ATTEMPTS: Final = 4

# How many calls of progress() in one read are kept, beyond the first of each kind.
PROGRESS_KEPT: Final = 50

_KIT = Path(__file__).parent
_SDK = Path(panoply.__file__).parent
_NOTHING: Final = object()


class _Broken(Exception):
    """The run cannot go on; everything about it has been told."""


@dataclass(slots=True)
class _Heard:
    """What the source's events said since the last step."""

    progress: list[Progress] = field(default_factory=list)
    count: int = 0
    shapes: set[tuple[object, ...]] = field(default_factory=set)

    def reset(self) -> None:
        # The handler that the source knows must stay the same object, so what it has heard is what is changed.
        self.progress, self.count, self.shapes = [], 0, set()

    def add(self, data: Any) -> None:
        self.count += 1
        call = progress_facts(data, self.count)
        shape = (call.loaded_type, call.total_type, call.msg_type, call.has_msg, order_of(call))
        if shape in self.shapes and len(self.progress) >= PROGRESS_KEPT:
            return
        self.shapes.add(shape)
        self.progress.append(call)


class Drive:
    """One run of a source.

    Args:
        plan: which run.
        load: imports the source's module.
        params: what the source gets as `source`. `options`: likewise. Both are the source's to change.
        max_reads: how many reads may pass without EOF.
        tell: called with each thing that there is to tell, as soon as it is known.
    """

    def __init__(  # noqa: PLR0913 - all of them by name
        self,
        plan: Plan,
        *,
        load: Callable[[], ModuleType],
        params: dict[str, Any],
        options: dict[str, Any],
        max_reads: int,
        tell: Callable[[Told], None],
    ) -> None:
        self._plan = plan
        self._load = load
        self._params = params
        self._given = dict(params)
        self._options = {} if plan.empty_options else dict(options)
        self._max_reads = max_reads
        self._tell = tell
        self._driver = Driver()
        self._home: Path | None = None
        self._sensors = Sensors(lambda: self._home)
        self._credentials = Credentials(credentials_among(params, options))
        self._heard = _Heard()
        self._stream: Any = None
        self._pid = os.getpid()
        self._step_at_work: Step | None = None

    def run(self) -> None:
        """Carry the plan out; whatever the source raises is told, not raised."""
        self._sensors.start()
        if not self._plan.empty_options:
            self._listen_to_log()
        end = End.COMPLETE
        try:
            module = self._import()
            self._construct(module)
            try:
                end = self._read()
            finally:
                self._close()
        except _Broken:
            end = End.GAVE_UP
        finally:
            self._driver.close()
        self._tell(Finished(end))

    def tell_so_far(self) -> None:
        """Tell what the call that hangs has let out up to now."""
        if self._step_at_work is not None:
            self._tell(Unfinished(self._with_what_was_heard(self._step_at_work)))

    # ------------------------------------------------------------------ the steps

    def _import(self) -> ModuleType:
        step = Step(kind="import", call="import", number=1, seconds=0.0)
        module: ModuleType | None = None

        def load() -> None:
            nonlocal module
            loaded = self._load()
            # Known before the import is judged: a module may print a credential that only CONFIG marks as one.
            names = marked(named(loaded, "CONFIG"))
            self._credentials = Credentials(credentials_among(self._params, self._options, names))
            module = loaded

        self._step(step, load, cause=True)
        if module is None:
            raise _Broken
        self._home = home_of(module)
        self._tell(Module(self._facts(module)))
        self._tell(Searched(tuple(s.label for s in self._credentials.secrets), self._credentials.not_searched))
        if not callable(named(module, "Stream")):
            raise _Broken
        return module

    def _construct(self, module: ModuleType) -> None:
        step = Step(kind="construct", call="Stream(source, options)", number=1, seconds=0.0)

        def construct() -> tuple[str, ...]:
            self._stream = module.Stream(self._params, self._options)
            found = differences(self._stream, self._params, self._options)
            listen = getattr(self._stream, "on", None)
            if callable(listen):
                listen("progress", self._heard.add)
                listen("source-change", self._learn)
            return found

        self._step(step, construct, read=lambda found: {"attributes": found})
        if self._stream is None:
            raise _Broken

    def _read(self) -> End:
        plan, hint = self._plan, self._plan.hint
        failures = returned = 0
        for number in range(1, self._max_reads + 1):
            if returned == plan.reads:
                return End.COMPLETE
            step = self._one_read(number, hint)
            if step.raised is not None:
                if number == 1 and plan.reads is None and step.raised.defect:
                    # Whether read(n) is accepted is for a check of its own to say: the others can still be judged.
                    hint = ()
                failures += 1
                if failures >= ATTEMPTS or not step.raised.retryable:
                    return End.GAVE_UP
                continue
            failures = 0
            returned += 1
            if step.batch is not None and step.batch.is_none:
                if plan.reads is None:
                    for beyond in range(1, READS_AFTER_EOF + 1):
                        self._one_read(number + beyond, hint, after_eof=beyond)
                return End.COMPLETE
        return End.ENDLESS

    def _one_read(self, number: int, hint: tuple[int | None, ...], *, after_eof: int = 0) -> Step:
        call = f"read({', '.join(map(str, hint))})"
        step = Step(kind="read", call=call, number=number, after_eof=after_eof, seconds=0.0)
        return self._step(
            step, lambda: self._driver.call(self._stream.read, *hint), read=lambda value: {"batch": self._batch(value)}
        )

    def _batch(self, value: Any) -> Batch:
        batch = batch_facts(value)
        # A place is made of keys, and a key may be anything.
        problems = tuple(replace(problem, place=self._credentials.mask(problem.place)) for problem in batch.problems)
        return replace(batch, problems=problems)

    def _close(self) -> None:
        for number in (1, 2):
            step = Step(kind="close", call="close()", number=number, seconds=0.0)
            self._step(step, lambda: self._driver.call(self._stream.close))

    def _step(
        self,
        step: Step,
        act: Callable[[], Any],
        *,
        read: Callable[[Any], dict[str, Any]] = lambda _: {},
        cause: bool = False,
    ) -> Step:
        """Do one thing with the source, and tell what came of it.

        Args:
            step: what it is called.
            act: does it.
            read: what to record of its result.
            cause: whether the exception that counts is the cause of the one that arrives.
        """
        self._heard.reset()
        self._step_at_work = step
        self._tell(Started(step))
        result: dict[str, Any] = {}
        raised: Raised | None = None
        started = time.monotonic()
        try:
            value = act()
        except BaseException as exc:  # noqa: BLE001 - SystemExit and KeyboardInterrupt are the source's faults as well
            self._stay_alone()
            raised = self._raised(exc.__cause__ if cause and exc.__cause__ is not None else exc)
        self._stay_alone()
        seconds = time.monotonic() - started
        self._step_at_work = None
        self._tell(Returned())
        if raised is None:
            try:
                result = read(value)
            except BaseException as exc:  # noqa: BLE001 - a list of the source's own may raise while it is gone through
                raised = self._raised(exc)
        if step.kind == "close" and step.number > 1:
            self._sensors.settle()
        done = replace(self._with_what_was_heard(step), seconds=seconds, raised=raised, **result)
        self._tell(done)
        return done

    def _with_what_was_heard(self, step: Step) -> Step:
        pieces = self._sensors.drain()
        return replace(
            step,
            progress=tuple(self._heard.progress),
            progress_count=self._heard.count,
            lines=len(pieces),
            leaks=self._leaks(pieces),
        )

    def _stay_alone(self) -> None:
        """End a process that the source forked and did not end: it would tell everything a second time."""
        if os.getpid() != self._pid:
            os._exit(1)

    # ------------------------------------------------------------------ what is listened to

    def _listen_to_log(self) -> None:
        theirs = self._options.get("logger")

        def logger(*msgs: Any) -> None:
            # DataSource.log() hands over one tuple; sources that call it by themselves do as they like.
            self._sensors.logged(msgs[0] if len(msgs) == 1 and isinstance(msgs[0], tuple) else msgs)
            if theirs is not None:
                theirs(*msgs)

        self._options["logger"] = logger

    def _learn(self, changes: Any) -> None:
        """A token that the source obtained during the run is a credential from now on."""
        if isinstance(changes, Mapping):
            # Some announce all of their source: what the user chose is not made a credential by that.
            new = {key: value for key, value in changes.items() if value != self._given.get(key)}
            for secret in credentials_among({"source-change": new}, {}, marked=["source-change"]):
                self._credentials.add(replace(secret, label=secret.label.removeprefix("param ")))

    def _leaks(self, pieces: list[Piece]) -> tuple[Leak, ...]:
        leaks: dict[tuple[str, str, str, str], Leak] = {}
        for piece in pieces:
            for found in self._credentials.find(piece.text):
                key = (piece.channel, found.secret, found.encoding, piece.where)
                if key not in leaks and len(leaks) < EXAMPLES:
                    leaks[key] = Leak(
                        channel=piece.channel,
                        secret=found.secret,
                        encoding=found.encoding,
                        excerpt=found.excerpt,
                        where=piece.where,
                    )
        return tuple(leaks.values())

    def _raised(self, exc: BaseException) -> Raised:
        frames = [frame for frame in traceback.extract_tb(exc.__traceback__) if not _of_the_kit(frame.filename)]
        own = [frame for frame in frames if self._is_own(Path(frame.filename))]
        where = ""
        if own:
            where = f"{self._shown(own[-1].filename)}:{own[-1].lineno} in {own[-1].name}"
        return Raised(
            type_name=type(exc).__name__,
            message=shortened(self._credentials.mask(message_of(exc))),
            where=where,
            retryable=named(exc, "retryable") is not False,
            defect=not isinstance(exc, Exception) or isinstance(exc, DEFECTS),
            frames=tuple(
                self._credentials.mask(f"{self._shown(frame.filename)}:{frame.lineno} in {frame.name}: {frame.line}")
                for frame in frames[-8:]
            ),
        )

    def _is_own(self, path: Path) -> bool:
        if self._home is None:  # while the module is imported
            return not is_of_a_library(str(path))
        return path == self._home or self._home in path.parents

    def _shown(self, filename: str) -> str:
        path = Path(filename)
        if self._home is not None and self._is_own(path):
            return str(path.relative_to(self._home.parent))
        return str(Path(*path.parts[-3:]))

    def _facts(self, module: ModuleType) -> ModuleFacts:
        stream, config = named(module, "Stream", _NOTHING), named(module, "CONFIG", _NOTHING)
        # As it was defined: what a decorator gives without an instance may be anything.
        read = inspect.getattr_static(stream, "read", None)
        names = [name for name in vars(module) if not name.startswith("_")]
        sources = [name for name in names if is_source(named(module, name))]
        is_class = inspect.isclass(stream)
        return ModuleFacts(
            name=module.__name__,
            stream=None if stream is _NOTHING else described(stream),
            stream_is_class=is_class,
            stream_is_data_source=is_class and issubclass(stream, panoply.DataSource),
            overrides_read=(callable(read) or hasattr(type(read), "__get__")) and read is not panoply.DataSource.read,
            config_findings=None if config is _NOTHING else check_config(config),
            read_at=self._definition(read),
            home=str(self._home or ""),
            similar_names=(*sources, *difflib.get_close_matches("Stream", names, n=3, cutoff=0.6)),
        )

    def _definition(self, function: Any) -> str:
        try:
            code = getattr(inspect.unwrap(function), "__code__", None)
        except Exception:  # noqa: BLE001 - a wrapper of the source's own, which may answer with anything
            code = None
        if code is None or _of_the_kit(code.co_filename) or _SDK in Path(code.co_filename).parents:
            return ""
        return f"{self._shown(code.co_filename)}:{code.co_firstlineno} in {code.co_name}"


# ---------------------------------------------------------------------- reading values without trusting them


def _of_the_kit(filename: str) -> bool:
    path = Path(filename)
    return _KIT in path.parents or path in (_SDK / "driving.py", _SDK / "loading.py") or "importlib" in filename
