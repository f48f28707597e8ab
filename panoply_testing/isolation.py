"""Runs a plan in a process of its own and watches it, so that a source can harm nothing but its own checks.

The process is a fork of this one: what the project's fixtures have prepared (servers, patches, environment) holds in it
as well. Whatever it learns arrives here step by step, so that of a source that hangs or kills its process everything up
to that point is known, with the stack that hung.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import pickle
import select
import signal
import struct
import sys
import tempfile
import threading
import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NoReturn

from panoply.config import check_config
from panoply_testing._clock import prepare
from panoply_testing._drive import Drive
from panoply_testing._proxied import Proxied
from panoply_testing._proxy import proxy_between
from panoply_testing._stacks import read_stack, write_tasks
from panoply_testing._told import Facts, Finished, Module, Searched, Started, Unfinished, Values
from panoply_testing.observation import End, ModuleFacts, Observation, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import ModuleType

    from panoply_testing._config_facts import ValuesFacts
    from panoply_testing._proxy import ProxyEnd
    from panoply_testing.footprints import Trace
    from panoply_testing.plans import Plan
    from panoply_testing.secrets import Secret

__all__ = ["Limits", "observe"]

# The exit code of a child in which the kit failed, as sysexits.h has it for "internal software error".
OWN_FAULT: Final = 70

# How long a process that does not answer has for writing down its stack.
STACK_SECONDS: Final = 3.0

# How long it then has for telling what needs a working interpreter. One that C code holds never does.
ANSWER_SECONDS: Final = 1.0

# How long the kit may take for its own part, such as looking at a batch of a million records.
KIT_SECONDS: Final = 600.0

# How often to look whether the process is still there.
LOOK_SECONDS: Final = 0.25

_LENGTH = struct.Struct("!Q")

# The last line that a process writes which could be interrupted.
ANSWERED: Final = b"End of tasks\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a source may take: seconds for one call, and reads without EOF."""

    read_timeout: float = 60.0
    max_reads: int = 10_000


@dataclass(slots=True)
class _Told:
    """What has arrived so far."""

    module: ModuleFacts | None = None
    imported: tuple[Trace, ...] = ()
    saw_import: bool = True
    steps: list[Step] = field(default_factory=list)
    unfinished: Step | None = None
    secrets: tuple[str, ...] = ()
    not_searched: tuple[str, ...] = ()
    facts: Facts = field(default_factory=Facts)
    values: list[ValuesFacts] = field(default_factory=list)
    end: End | None = None
    reason: str = ""

    def add(self, told: object) -> None:
        match told:
            case Started(step) | Unfinished(step):
                self.unfinished = step
            case Step():
                self.unfinished = None
                self.steps.append(told)
            case Module(facts, imported, saw_import):
                self.module, self.imported, self.saw_import = facts, imported, saw_import
            case Searched(secrets, not_searched):
                self.secrets, self.not_searched = secrets, not_searched
            case Facts():
                self.facts = told
            case Values(facts):
                self.values.append(facts)
            case Finished(end, reason):
                self.end, self.reason = end, reason

    def add_late(self, told: object) -> None:
        """Take in what comes once the call under way has taken too long: what it has let out, not that it went on after all."""
        match told, self.unfinished:
            case Facts(), _:
                self.facts = told
            case Unfinished(step), Step() as hung if (step.instance, step.name) == (hung.instance, hung.name):
                self.unfinished = step


def observe(  # noqa: PLR0913 - all of them by name
    plan: Plan,
    *,
    load: Callable[[], ModuleType],
    params: dict[str, Any],
    options: dict[str, Any],
    limits: Limits,
    secrets: tuple[Secret, ...] = (),
    on_news: Callable[[Sequence[Step]], None] = lambda _: None,
) -> Observation:
    """Run a source once, as `plan` describes it, and give what was observed.

    Never raises because of what the source does. Nothing in this process changes, `params` and `options` included.

    Args:
        plan: what to do with the source.
        load: imports its module.
        params: what it gets as `source`.
        options: what it gets as `options`.
        limits: how much patience to have.
        secrets: what is a credential as well.
        on_news: called a few times a second with the steps up to now, while the run goes on.

    Raises:
        NotImplementedError: this platform cannot fork a process.
    """
    # Brings in what every child would otherwise import, or find out, for itself.
    check_config({})
    prepare()
    if not hasattr(os, "fork"):
        raise NotImplementedError(
            "Observing a source needs os.fork(), which this platform lacks. Run it on Linux, WSL or macOS."
        )
    with contextlib.ExitStack() as stack:
        stack_file = stack.enter_context(tempfile.TemporaryFile(prefix="panoply-", suffix=".stack"))
        # Before the pipe is made: a process that held it as well would keep it open.
        proxy = stack.enter_context(proxy_between(plan.proxied, plan.fault, fork=_fork)) if plan.proxied else None
        reader, writer = os.pipe()
        pid = _fork()
        if pid == 0:
            os.close(reader)
            _be_the_child(plan, load, params, options, secrets, limits, writer, stack_file, proxy)
        os.close(writer)
        told, end, fate = _Told(), End.DIED, ""
        started = time.monotonic()
        try:
            end = _watch(pid, reader, told, limits, stack_file, on_news)
        finally:
            status = _end(pid)
            os.close(reader)
        if end in (End.HUNG, End.DIED):
            _raise_own_fault(status, stack_file)
        if end is End.DIED:
            fate = _fate(status)
        home = told.module.home if told.module is not None else ""
        hits = told.facts.hits
        if proxy is not None and end in (End.HUNG, End.DIED):
            hits = Proxied(proxy).hits()  # the source's process cannot tell any more
        frames, stuck_at = read_stack(_written(stack_file), home) if end in (End.HUNG, End.DIED) else ((), "")
    return Observation(
        plan=plan,
        end=end,
        module=told.module,
        steps=tuple(told.steps),
        unfinished=told.unfinished,
        stack=frames,
        stuck_at=stuck_at,
        fate=fate,
        limit=limits.read_timeout,
        reason=told.reason,
        secrets=told.secrets,
        not_searched=told.not_searched,
        values=tuple(told.values),
        hits=hits,
        shown=told.facts.shown,
        columns=told.facts.columns,
        unseen=told.facts.unseen,
        imported=told.imported,
        saw_import=told.saw_import,
        left=told.facts.left,
        reroute=told.facts.reroute,
        rerouted=told.facts.rerouted,
        libraries=told.facts.libraries,
        unwatched=told.facts.unwatched,
        changes=told.facts.changes,
        dealings=told.facts.dealings,
        redirected=told.facts.redirected,
        seconds=time.monotonic() - started,
    )


def _fork() -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    with warnings.catch_warnings():
        # Python warns that a fork copies locks which other threads hold. Those threads are the fixtures' servers; the
        # child uses none of their objects, only their ports.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


# ---------------------------------------------------------------------- the child


def _be_the_child(  # noqa: PLR0913, PLR0917 - all that a run needs, and called once
    plan: Plan,
    load: Callable[[], ModuleType],
    params: dict[str, Any],
    options: dict[str, Any],
    secrets: tuple[Secret, ...],
    limits: Limits,
    writer: int,
    stack_file: BinaryIO,
    proxy: ProxyEnd | None,
) -> NoReturn:
    """Everything that happens on the other side of the fork. Ends the process, whatever happens."""
    code = OWN_FAULT
    try:
        _detach(stack_file)

        def tell(told: object) -> None:
            data = pickle.dumps(told, protocol=pickle.HIGHEST_PROTOCOL)
            _write_all(writer, _LENGTH.pack(len(data)) + data)

        def stuck(reason: str) -> NoReturn:
            faulthandler.dump_traceback(stack_file, all_threads=True)
            write_tasks(stack_file.fileno())
            drive.tell_so_far()
            tell(Finished(End.HUNG, reason))
            os._exit(0)

        drive = Drive(
            plan,
            load=load,
            params=params,
            options=options,
            secrets=secrets,
            max_reads=limits.max_reads,
            tell=tell,
            stuck=stuck,
            proxy=proxy,
        )

        def answer(*_: object) -> None:
            drive.tell_so_far()
            write_tasks(stack_file.fileno())
            _write_all(stack_file.fileno(), ANSWERED)

        signal.signal(signal.SIGUSR2, answer)
        drive.run()
        code = 0
        _wait_for_the_end(writer)
    except BaseException:  # noqa: BLE001 - a fault of the kit: leave its traceback where the parent finds it
        import traceback  # noqa: PLC0415 - only now

        os.write(stack_file.fileno(), traceback.format_exc().encode())
    finally:
        # No atexit, no finalisers: they are the parent's.
        os._exit(code)


def _detach(stack_file: BinaryIO) -> None:
    """Leave behind what belongs to the test session: its terminal, signals and hooks."""
    os.setpgid(0, 0)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, 0)
    faulthandler.cancel_dump_traceback_later()
    faulthandler.enable(file=stack_file, all_threads=True)
    faulthandler.register(signal.SIGUSR1, file=stack_file, all_threads=True, chain=False)
    sys.excepthook = sys.__excepthook__
    sys.unraisablehook = sys.__unraisablehook__
    threading.excepthook = threading.__excepthook__
    sys.settrace(None)
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - no path of anybody's
        os.dup2(nothing.fileno(), 0)


def _wait_for_the_end(writer: int) -> None:
    """Stay until the parent has ended this process: it looks for processes of the source's below this one."""
    poll = select.poll()
    poll.register(writer, 0)  # only for the error that it becomes when nobody reads on the other side
    poll.poll(KIT_SECONDS * 1000)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


# ---------------------------------------------------------------------- the parent


def _watch(  # noqa: PLR0913, PLR0917 - one child, and all that is known of it
    pid: int,
    reader: int,
    told: _Told,
    limits: Limits,
    stack_file: BinaryIO,
    on_news: Callable[[Sequence[Step]], None],
) -> End:
    """Take in what the child tells, until it is done, is gone, or has not answered for too long."""
    buffer = bytearray()
    deadline = time.monotonic() + KIT_SECONDS
    news_at = time.monotonic() + LOOK_SECONDS
    while True:
        if time.monotonic() >= news_at:
            on_news(told.steps)
            news_at = time.monotonic() + LOOK_SECONDS
        ready, _, _ = select.select([reader], [], [], max(0.0, min(LOOK_SECONDS, deadline - time.monotonic())))
        if ready:
            data = os.read(reader, 1 << 20)
            buffer += data
            for message in _messages(buffer):
                news = pickle.loads(message)  # noqa: S301 - our own process wrote it
                told.add(news)
                # Only from the beginning of a call to its return is it the source that is waited for.
                patience = limits.read_timeout if isinstance(news, Started) else KIT_SECONDS
                deadline = time.monotonic() + patience
            if told.end is not None:
                return told.end
            if not data:
                return End.DIED
        elif _is_gone(pid):
            return End.DIED
        elif time.monotonic() >= deadline:
            _ask_for_stack(pid, stack_file, reader, buffer)
            for message in _messages(buffer):
                told.add_late(pickle.loads(message))  # noqa: S301 - as above
            return End.HUNG


def _messages(buffer: bytearray) -> Iterator[bytes]:
    """Take the complete messages out of the buffer."""
    while len(buffer) >= _LENGTH.size:
        (length,) = _LENGTH.unpack_from(buffer)
        end = _LENGTH.size + length
        if len(buffer) < end:
            return
        yield bytes(buffer[_LENGTH.size : end])
        del buffer[:end]


def _is_gone(pid: int) -> bool:
    """Whether the process has ended; its status stays to be collected."""
    if not hasattr(os, "waitid"):  # macOS before Python 3.13: there the closed pipe has to tell
        return False
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _ask_for_stack(pid: int, stack_file: BinaryIO, reader: int, buffer: bytearray) -> None:
    """Have the child write down where it is, and take in what else it knows.

    faulthandler writes even while C code holds the interpreter. The rest takes an interpreter that can still be interrupted.
    """
    os.kill(pid, signal.SIGUSR1)
    deadline = time.monotonic() + STACK_SECONDS
    while time.monotonic() < deadline and not _is_gone(pid):
        before = os.fstat(stack_file.fileno()).st_size
        time.sleep(0.05)
        if before and before == os.fstat(stack_file.fileno()).st_size:
            break
    os.kill(pid, signal.SIGUSR2)
    deadline = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < deadline:
        # Not by seek() and read(): the child writes at the position that both share.
        done = _is_gone(pid) or ANSWERED in os.pread(stack_file.fileno(), 1 << 20, 0)
        # What thousands of attempts left to be told is more than a pipe holds: the child waits until it is taken in.
        while select.select([reader], [], [], 0 if done else 0.01)[0] and (data := os.read(reader, 1 << 20)):
            buffer += data
            deadline = time.monotonic() + ANSWER_SECONDS
        if done:
            break


def _end(pid: int) -> int:
    """Kill what is left of the child and its own children, and give its wait status."""
    for descendant in _descendants(pid):  # those that have left its group
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(descendant, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    return os.waitpid(pid, 0)[1]


def _descendants(pid: int) -> list[int]:
    """The processes below `pid`, as far as the system tells (Linux does, in /proc)."""
    children: dict[int, list[int]] = {}
    names = os.listdir("/proc") if os.path.isdir("/proc") else []  # noqa: PTH112, PTH208 - pathlib's glob stumbles over those that end
    for name in filter(str.isdigit, names):
        with contextlib.suppress(OSError):
            # The name, in brackets, may hold anything; the parent is the second field after it.
            stat = Path("/proc", name, "stat").read_text(errors="replace").rpartition(")")[2]
            children.setdefault(int(stat.split()[1]), []).append(int(name))
    found = [pid]
    for process in found:
        found += children.get(process, [])
    return found[1:]


def _raise_own_fault(status: int, stack_file: BinaryIO) -> None:
    """A fault of the kit is not blamed on the source."""
    text = _written(stack_file)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) == OWN_FAULT and text.startswith("Traceback"):
        raise RuntimeError(f"The test kit itself failed while it observed the source. Please report this:\n{text}")


def _written(stack_file: BinaryIO) -> str:
    stack_file.seek(0)
    return stack_file.read().decode("utf-8", "replace")


def _fate(status: int) -> str:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        known = [known.name for known in signal.Signals if known == number]
        return f"killed by {known[0] if known else f'signal {number}'} ({signal.strsignal(number)})"
    return f"exited with code {os.waitstatus_to_exitcode(status)}, without an exception"
