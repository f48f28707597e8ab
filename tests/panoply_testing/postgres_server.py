"""A PostgreSQL of the tests' own, as Debian's package brings it: started, stopped, killed and started again by them."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

USER = "ada"


class PostgresServer:
    """A server on loopback, whose user `ada` needs no password. Made where there is none, the test is skipped."""

    def __init__(self) -> None:
        initdb = shutil.which("initdb") or next(
            iter(sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb")))), None
        )
        if initdb is None:
            pytest.skip("There is no PostgreSQL server here: Debian's package `postgresql` has it.")
        self._programs = Path(initdb).resolve().parent
        # It refuses to be run by root, and pytest's own temporary folders let nobody else in.
        self._user = {"user": "nobody", "extra_groups": []} if os.geteuid() == 0 else {}
        self._folder = Path(tempfile.mkdtemp(prefix="panoply-postgres-", dir=os.environ.get("TMPDIR", "/tmp")))
        if self._user:
            shutil.chown(self._folder, "nobody")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        try:
            self._run("initdb", "-o", f"-A trust -U {USER} -E UTF8 --no-locale --no-sync")
        except (OSError, subprocess.CalledProcessError) as exc:
            self.remove()
            pytest.skip(f"PostgreSQL cannot make a database here: {exc}")

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self._folder} -c fsync=off"
        )
        self._run("start", "-w", "-l", self._folder / "log", "-o", settings)

    def kill(self) -> None:
        """End it as if the machine had failed: connections are cut off, and it recovers when it is started again."""
        self._run("stop", "-m", "immediate")

    def remove(self) -> None:
        """Leave nothing of it."""
        shutil.rmtree(self._folder)

    def _run(self, *words: object) -> None:
        command = [self._programs / "pg_ctl", "-D", self._folder / "data", "-s", *map(str, words)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self._folder, **self._user)
