"""Runs what belongs to a project, and nobody here has written: in a process of its own, without secrets, network, or much time."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from panoply_testing.review import _guard

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Child", "Done"]

# What a process may know of its surroundings. Whatever else the environment holds may be a secret.
_ALLOWED: Final = frozenset(
    {
        *("PATH", "LANG", "LANGUAGE", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR"),
        *("SYSTEMROOT", "WINDIR", "COMSPEC", "PATHEXT", "NUMBER_OF_PROCESSORS"),
    }
)

# How often to look whether anybody still waits.
_LOOK_SECONDS: Final = 0.5

# Of what it prints only the end is of interest.
_KEPT: Final = 2**16


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of a process.

    Attributes:
        code: its exit code; below 0 the signal that ended it.
        said: the end of what it wrote, standard output and standard error together.
        in_time: whether it ended by itself.
    """

    code: int
    said: str
    in_time: bool
    seconds: float

    @property
    def last_line(self) -> str:
        """The last line that says something."""
        lines = [line.strip() for line in self.said.splitlines() if line.strip()]
        return lines[-1] if lines else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """How processes of a project's are run.

    Attributes:
        scratch: a folder that is thrown away: their home, their temporary files, and what they leave.
        stopped: set where nobody waits for them any more.
    """

    scratch: Path
    stopped: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def refused(self) -> Path:
        """The file in which the connections are written down that were refused."""
        return self.scratch / "refused.jsonl"

    @property
    def reached(self) -> Path:
        """The file in which the hosts are written down that were connected to."""
        return self.scratch / "reached.jsonl"

    def run(  # noqa: PLR0913 - what a process is started with
        self,
        words: Sequence[str],
        *,
        cwd: Path,
        limit: float,
        paths: Sequence[Path] = (),
        extra: Mapping[str, str] | None = None,
        python: Path | None = None,
    ) -> Done:
        """Run Python with some words, and wait for its end; what has not come to it in time, is ended.

        Args:
            words: what follows `python` on a command line.
            cwd: where it is run.
            limit: seconds.
            paths: where it finds modules, before anywhere else.
            extra: what else is in its environment.
            python: the interpreter. None: this one.
        """
        env = self._environment(paths) | dict(extra or {})
        if python is not None:
            # What is called by its name is found there as well.
            env["PATH"] = os.pathsep.join((str(python.parent), env.get("PATH", os.defpath)))
        log = self.scratch / f"output-{time.monotonic_ns()}.log"
        started = time.monotonic()
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - a Python; what it runs is why it is a process of its own
                [str(python or sys.executable), *words],
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                code, in_time = self._wait(process, started + limit)
            finally:
                # Also what it has left running.
                with contextlib.suppress(OSError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.kill()
                process.wait()
        return Done(code=code, said=_end_of(log), in_time=in_time, seconds=time.monotonic() - started)

    def _wait(self, process: subprocess.Popen[bytes], until: float) -> tuple[int, bool]:
        """Its exit code, and whether it came to its end."""
        while not self.stopped.is_set() and (left := until - time.monotonic()) > 0:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.wait(min(left, _LOOK_SECONDS)), True
        return -signal.SIGKILL, False

    def _environment(self, paths: Sequence[Path]) -> dict[str, str]:
        home, temporary, guard = (self.scratch / name for name in ("home", "tmp", "guard"))
        for folder in (home, temporary, guard):
            folder.mkdir(parents=True, exist_ok=True)
        keeper = guard / "sitecustomize.py"
        if not keeper.exists():
            keeper.write_bytes(Path(_guard.__file__).read_bytes())
        found = [guard, *paths, *_given_paths()]
        env = {name: value for name, value in os.environ.items() if name in _ALLOWED or name.startswith("LC_")}
        return env | {
            "HOME": str(home),
            "USERPROFILE": str(home),
            "TMPDIR": str(temporary),
            "TEMP": str(temporary),
            "TMP": str(temporary),
            "PYTHONPATH": os.pathsep.join(map(str, found)),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONNOUSERSITE": "1",
            _guard.HEARD: str(self.refused),
            _guard.REACHED: str(self.reached),
        }


def _given_paths() -> list[Path]:
    """Where somebody has put modules on the path by hand, the kit itself perhaps."""
    given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return [Path(each) for each in given if Path(each).is_absolute()]


def _end_of(file: Path) -> str:
    with file.open("rb") as stream:
        stream.seek(max(0, file.stat().st_size - _KEPT))
        return stream.read().decode("utf-8", "replace")
