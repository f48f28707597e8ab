"""A source that does everything wrong, once each, for the kit to notice (see `probe`). Not to be imported but in a process
of its own, which is ended afterwards.

What it does harms nobody: its credential is made up, its connections go to this machine, its threads and its program end
with the process.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import panoply
from panoply_testing.probe import PLANTS

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CONFIG", "Stream"]

CONFIG = {"title": "Planted faults", "params": [{"name": "token", "title": "Token", "type": "password"}]}

_log = logging.getLogger(__name__)
_NEVER = threading.Event()


def _connect_to_nobody() -> None:
    """Try to connect where nobody listens: at a port that was given up a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with socket.socket() as client:
        client.settimeout(1)
        client.connect_ex(("127.0.0.1", port))


def _run(*words: str) -> None:
    subprocess.run(words, check=False)  # noqa: S603 - words of this file


def _hook(*args: Any) -> None:
    sys.__excepthook__(*args)


# What no source may do while it is imported.
print("planted")  # noqa: T201 - it is the fault
_connect_to_nobody()
tempfile.TemporaryFile().close()
threading.Thread(target=_NEVER.wait, daemon=True).start()
_run("true")
logging.getLogger().addHandler(logging.NullHandler())
sys.excepthook = _hook
# A function, since the signal may be ignored already, as it is below nohup.
signal.signal(signal.SIGHUP, lambda *_: None)
warnings.simplefilter("default", ImportWarning)
os.environ["PANOPLY_PLANTED"] = "1"
# To another one, also where it is the root, as in containers.
os.chdir(tempfile.gettempdir() if Path().samefile(os.sep) else os.sep)
socket.setdefaulttimeout(60)


class Stream(panoply.DataSource):
    """Commits one fault at each `read()`, in the order of `PLANTS`."""

    def __init__(self, source: dict[str, Any], options: dict[str, Any]) -> None:
        super().__init__(source, options)
        self._number = 0
        self._kept: list[object] = []

    def __repr__(self) -> str:
        return f"Stream({self.source['token']})"

    async def read(self, n: int | None = None) -> list[dict[str, Any]] | None:  # noqa: ARG002 - a hint
        """Commit the next fault."""
        if self._number == len(PLANTS):
            return None
        plant = PLANTS[self._number]
        self._number += 1
        self.progress(self._number, len(PLANTS))
        fault: Callable[[str], list[dict[str, Any]] | None] = getattr(self, f"_{plant.name}")
        return fault(self.source["token"]) or []

    async def close(self) -> None:
        """Leave a thread, a task, a program, a socket and an open file behind."""
        if not self._kept:
            threading.Thread(target=_NEVER.wait, daemon=True).start()
            self._kept += [
                asyncio.create_task(asyncio.sleep(3600)),
                subprocess.Popen(["sleep", "60"]),  # noqa: ASYNC220, S607 - it is the fault
                socket.socket(),
                Path(__file__).open(encoding="utf-8"),  # noqa: ASYNC230, SIM115 - it is the fault
            ]

    def _stdout(self, token: str) -> None:
        print("planted", token)  # noqa: T201 - it is the fault

    def _stdout_of_a_thread(self, token: str) -> None:
        thread = threading.Thread(target=self._stdout, args=(token,))
        thread.start()
        thread.join()

    def _stderr_past_python(self, token: str) -> None:
        os.write(2, f"planted {token}\n".encode())

    def _stdout_of_a_program(self, token: str) -> None:
        # By its environment, so that its arguments are clean.
        subprocess.run(["printenv", "PLANTED"], env={**os.environ, "PLANTED": token}, check=False)  # noqa: S607 - as above

    def _log(self, token: str) -> None:
        self.log("planted", token)

    def _logging(self, token: str) -> None:
        _log.info("planted " + token)

    def _logging_with_arguments(self, token: str) -> None:
        _log.info("planted %(token)s", {"token": token})

    def _logging_with_a_traceback(self, token: str) -> None:
        try:
            raise ValueError(token)  # noqa: TRY301 - where it comes from is no matter
        except ValueError:
            _log.info("planted", exc_info=True)

    def _logging_in_base64(self, token: str) -> None:
        _log.info("planted %s", base64.b64encode(f"user:{token}".encode()).decode())

    def _warnings(self, token: str) -> None:
        warnings.warn(f"planted {token}", stacklevel=1)

    def _progress_message(self, token: str) -> None:
        self.progress(self._number, len(PLANTS), f"planted {token}")

    def _state(self, token: str) -> list[dict[str, Any]]:
        self.state("planted", {"token": token})
        return [{"id": 1, "__state": "planted"}]

    def _record(self, token: str) -> list[dict[str, Any]]:
        return [{"id": 1, "planted": token}]

    def _exception(self, token: str) -> None:
        raise RuntimeError(f"planted {token}")

    def _argument_of_a_program(self, token: str) -> None:
        _run("true", token)

    def _repr(self, token: str) -> None:
        """See `__repr__`."""

    def _file(self, token: str) -> None:
        Path(tempfile.gettempdir(), self.source["folder"], "planted").write_text(token, encoding="utf-8")

    def _lookup(self, _: str) -> None:
        socket.getaddrinfo("localhost", 80)

    def _connect(self, _: str) -> None:
        _connect_to_nobody()
