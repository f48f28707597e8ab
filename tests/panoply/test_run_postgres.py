"""A run reads a real PostgreSQL with a cursor; the server is killed in the midst of it, and nothing is lost."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import psycopg2
import pytest

import panoply
from panoply import runner
from panoply_testing.postgres import NoPostgres, PostgresServer

ROWS = 5000
PASSWORD = "pw-71ca29f3b0"


class Stream(panoply.DataSource):
    """Reads a table in the order of its key, with a cursor on the server; connects again where the connection has failed."""

    def __init__(self, source, options):
        super().__init__(source, options)
        self._at = (source.get("state") or {}).get("at", 0)
        self._loaded = self._at
        self._connection = None
        self._cursor = None

    def read(self, n=None):
        try:
            rows = self._fetched(n or 1000)
        except psycopg2.Error:
            # What is half open is of no use to the next call.
            self.close()
            raise
        if not rows:
            return None
        state_id = f"orders-{rows[-1][0]}"
        self.state(state_id, {"at": rows[-1][0]})
        self._at = rows[-1][0]
        self._loaded += len(rows)
        self.progress(self._loaded, ROWS, f"{self._loaded:,} rows")
        return [{"id": key, "name": name, "paid": paid, "__state": state_id} for key, name, paid in rows]

    def _fetched(self, count):
        if self._connection is None:
            self._connection = psycopg2.connect(
                host="127.0.0.1",
                port=self.source["port"],
                user="ada",
                password=PASSWORD,
                dbname="postgres",
                connect_timeout=5,
            )
            # Its own name: rows stay on the server until they are asked for.
            self._cursor = self._connection.cursor("orders")
            self._cursor.execute("SELECT id, name, paid FROM orders WHERE id > %s ORDER BY id", (self._at,))
            self.log("reading on after", self._at)
        return self._cursor.fetchmany(count)

    def close(self):
        connection, self._connection, self._cursor = self._connection, None, None
        if connection is not None:
            connection.close()


@pytest.fixture(scope="module")
def server():
    server = PostgresServer(password=PASSWORD)
    try:
        server.start()
    except NoPostgres as exc:
        pytest.skip(str(exc))
    with server:
        connection = psycopg2.connect(server.url)
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "CREATE TABLE orders AS SELECT id, 'order ' || id AS name, id * 1.5 AS paid "
                "FROM generate_series(1, %s) AS id",
                (ROWS,),
            )
        connection.close()
        yield server


@pytest.fixture
def source():
    module = ModuleType("orders")
    module.Stream = Stream
    module.CONFIG = {"title": "Orders", "params": [{"name": "port", "type": "number"}]}
    return module


class Killing(runner.Observer):
    """Kills the server after some batches."""

    def __init__(self, server, *batches):
        self.server = server
        self.batches = set(batches)
        self.retries = []

    def batch(self, reads, records):
        if reads in self.batches:
            self.batches.discard(reads)
            self.server.kill()

    def retry(self, error, attempt, attempts, pause):
        self.retries.append(type(error).__name__)
        # Not at once: the first attempt meets a server that is not there.
        if attempt == 3:
            self.server.start()


def ids():
    lines = Path("orders.jsonl").read_bytes().splitlines()
    return Counter(json.loads(line)["id"] for line in lines)


def test_a_server_that_is_killed_and_comes_back_costs_no_row_and_doubles_none(server, source, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    watching = Killing(server, 2, 4)

    result = runner.run(
        source,
        {"port": server.port, "destination": "orders"},
        to="orders.jsonl",
        batch_size=500,
        pauses=(0, 0, 0),
        observer=watching,
    )

    assert result.ok
    assert watching.retries == ["OperationalError"] * 4
    assert ids() == Counter(range(1, ROWS + 1))
    first = json.loads(Path("orders.jsonl").read_bytes().splitlines()[0])
    assert first == {"__table": "orders", "id": 1, "name": "order 1", "paid": 1.5, "__state": "orders-500"}


def test_a_server_that_stays_away_ends_the_run_and_the_next_one_goes_on(server, source, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = {"to": "orders.jsonl", "state": "state.json", "batch_size": 500, "pauses": (0,)}

    first = runner.run(source, {"port": server.port}, observer=Killing(server, 3), **settings)
    assert not first.ok
    assert first.records == 1500
    assert first.state == {"at": 1500}

    server.start()
    second = runner.run(source, {"port": server.port}, **settings)

    assert second.ok
    assert second.records == ROWS - 1500
    assert ids() == Counter(range(1, ROWS + 1))


# ---------------------------------------------------------------------- what cannot be interrupted

# `psycopg2` waits for the answer in C, where Python raises nothing.
STUCK = """
import psycopg2
import panoply


class Stream(panoply.DataSource):
    at = 0

    def read(self, n=None):
        if self.at:
            connection = psycopg2.connect(host="127.0.0.1", port=self.source["port"], user="ada", password="pw-71ca29f3b0", dbname="postgres")
            self.log("asking")
            connection.cursor().execute("SELECT pg_sleep(600)")
        self.at = 3
        return [{"id": 1}, {"id": 2}, {"id": 3}]


CONFIG = {"title": "Stuck", "params": [{"name": "port", "title": "Port", "type": "number"}]}
"""

COMMAND = """
import sys
import panoply._stuck
panoply._stuck._GRACE = panoply._stuck._PATIENCE = 0.3
from panoply.__main__ import main
sys.argv = ["panoply", "run", *sys.argv[1:]]
main()
"""


@pytest.fixture
def stuck(server, tmp_path):
    """A run whose source waits for the database; a function gives the lines it has written, up to the one that is waited for."""
    (tmp_path / "stuck.py").write_text(STUCK)
    started = []

    def start(*words):
        command = [sys.executable, "-c", COMMAND, "./stuck.py", "--port", str(server.port), "--to", "out.jsonl", *words]
        process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
        started.append(process)
        # Not before it waits in C.
        connection = psycopg2.connect(server.url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            asked = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'"
            while cursor.execute(asked) or cursor.fetchone() != (len(started),):
                assert process.poll() is None
        connection.close()
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stderr.close()
    # The server notices only late that nobody waits any more.
    connection = psycopg2.connect(server.url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'")
    connection.close()


def until(process, words):
    """The lines up to the one with these words; all that come if there is none."""
    lines = []
    for line in process.stderr:
        lines.append(line)
        if words in line:
            break
    return lines


def written(tmp_path):
    return [json.loads(line)["id"] for line in (tmp_path / "out.jsonl.part").read_bytes().splitlines()]


def test_a_second_ctrl_c_ends_a_run_whose_source_cannot_be_interrupted(stuck, tmp_path):
    process = stuck()

    process.send_signal(signal.SIGINT)
    assert "Ctrl-C once more ends the run" in until(process, "Ctrl-C")[-1]
    process.send_signal(signal.SIGINT)
    told = process.stderr.read()

    assert process.wait() == 130
    assert "read() number 2: It waits in code that cannot be interrupted. It was left behind, and not closed." in told
    assert "Interrupted." in told
    assert "these are in out.jsonl.part" in told
    assert written(tmp_path) == [1, 2, 3]


@pytest.mark.parametrize("how", ["SIGTERM", "timeout"])
def test_a_run_that_is_to_end_does_not_wait_for_ever(stuck, tmp_path, how):
    process = stuck(*(["--timeout", "2"] if how == "timeout" else []))

    if how == "SIGTERM":
        process.send_signal(signal.SIGTERM)
    told = process.stderr.read()

    assert process.wait() == (143 if how == "SIGTERM" else 1)
    assert "It was left behind, and not closed." in told
    assert written(tmp_path) == [1, 2, 3]
