"""Sources that read PostgreSQL through psycopg, whose connections Python cannot see: judged by a proxy between the two."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from panoply.loading import load_source
from panoply_testing.checks import Context
from panoply_testing.contract import CONTRACT
from panoply_testing.faults import Fault
from panoply_testing.isolation import Limits
from panoply_testing.postgres import NoPostgres, PostgresServer
from panoply_testing.report.text import explain
from panoply_testing.runs import Inputs, Runs

psycopg2 = pytest.importorskip("psycopg2")

CHECKS = {check.name: check for check in CONTRACT if check.is_implemented}
NETWORK_CHECKS = (
    "read_survives_a_fault",
    "read_repeats_nothing_after_a_fault",
    "faults_are_reported",
    "network_calls_time_out",
)
ROWS = 60

HEAD = """
import panoply, psycopg2

CONFIG = {"title": "PostgreSQL", "params": [
    {"name": "host", "title": "Host", "type": "text"},
    {"name": "port", "title": "Port", "type": "number"},
    {"name": "password", "title": "Password", "type": "password"},
]}


class Stream(panoply.DataSource):
    connection = None
    last = 0

    def connect(self):
        return psycopg2.connect(
            host=self.source["host"], port=self.source["port"], user=self.source["user"], dbname="postgres",
            password=self.source["password"], sslmode="disable", gssencmode="disable",
        )

    def close(self):
        if self.connection is not None:
            self.connection.close()
"""

# Reconnects where the connection is broken, and goes on behind the last record that it has given.
RIGHT = """
    def read(self, n=None):
        if self.connection is None or self.connection.closed:
            self.connection = self.connect()
        try:
            with self.connection.cursor() as cursor:
                cursor.execute("SELECT id FROM numbers WHERE id > %s ORDER BY id LIMIT 20", (self.last,))
                rows = cursor.fetchall()
        except psycopg2.Error:
            self.connection.close()
            raise
        if not rows:
            return None
        self.last = rows[-1][0]
        self.progress(self.last, 60, "reading")
        return [{"id": id} for id, in rows]
"""

# Takes a broken connection for the end of the data.
SWALLOWS = """
    def read(self, n=None):
        try:
            if self.connection is None:
                self.connection = self.connect()
            with self.connection.cursor() as cursor:
                cursor.execute("SELECT id FROM numbers WHERE id > %s ORDER BY id LIMIT 20", (self.last,))
                rows = cursor.fetchall()
        except psycopg2.Error:
            return None
        if not rows:
            return None
        self.last = rows[-1][0]
        return [{"id": id} for id, in rows]
"""

# After a fault, it begins at the beginning.
STARTS_OVER = """
    def read(self, n=None):
        if self.connection is None or self.connection.closed:
            self.connection, self.last = self.connect(), 0
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT id FROM numbers WHERE id > %s ORDER BY id LIMIT 20", (self.last,))
            rows = cursor.fetchall()
        if not rows:
            return None
        self.last = rows[-1][0]
        return [{"id": id} for id, in rows]
"""


# Waits for the driver's socket by itself, with a time limit for each look.
PSYCOPG_3 = """
    def read(self, n=None):
        import psycopg
        try:
            if self.connection is None or self.connection.closed:
                self.connection = psycopg.connect(
                    host=self.source["host"], port=self.source["port"], user=self.source["user"], dbname="postgres",
                    password=self.source["password"], connect_timeout=10, sslmode="disable", gssencmode="disable",
                )
            rows = self.connection.execute(
                "SELECT id FROM numbers WHERE id > %s ORDER BY id LIMIT 20", (self.last,)
            ).fetchall()
        except psycopg.Error:
            self.close()
            raise
        if not rows:
            return None
        self.last = rows[-1][0]
        self.progress(self.last, 60, "reading")
        return [{"id": id} for id, in rows]
"""


@pytest.fixture(scope="session")
def postgres():
    """A server of one's own with a table of numbers; gives its port."""
    server = PostgresServer(password="pw-71ca29f3b0")
    try:
        server.start()
    except NoPostgres as exc:
        pytest.skip(str(exc))
    with server:
        connection = psycopg2.connect(server.url)
        with connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE numbers AS SELECT generate_series(1, %s) AS id", (ROWS,))
        connection.close()
        yield server.port


@pytest.fixture
def judge(tmp_path, postgres):
    """Give the verdict of a check over a source with this `read`."""

    def judge(body, *names, read_timeout=20.0, fault=None, **params):
        path = tmp_path / "acme.py"
        path.write_text(HEAD + body, encoding="utf-8")
        runs = Runs(partial(load_source, str(path)), Limits(read_timeout=read_timeout))
        given = {"host": "localhost", "port": postgres, "user": "ada", "password": "pw-71ca29f3b0", **params}
        inputs = Inputs(params={name: value for name, value in given.items() if value is not None})
        context = Context(ask=lambda plan: runs.get(plan, inputs), fault=fault)
        verdicts = [CHECKS[name].verdict(context) for name in names]
        for name, verdict in zip(names, verdicts, strict=True):
            text = explain(CHECKS[name], verdict, "pytest") if verdict.findings else str(verdict)
            assert "pw-71ca29f3b0" not in text
        return verdicts

    judge.port = postgres
    return judge


def test_a_source_that_goes_on_is_right(judge, postgres):
    for verdict in judge(RIGHT, "read_survives_a_fault", "read_repeats_nothing_after_a_fault", "faults_are_reported"):
        assert verdict.skip is None
        assert verdict.findings == ()
        assert f"Reached through a proxy, by changing host and port: 127.0.0.1:{postgres}." in verdict.notes


def test_time_does_not_run_ahead_of_a_driver_that_has_its_caller_wait(judge, postgres):
    pytest.importorskip("psycopg")
    ends, survives = judge(PSYCOPG_3, "read_ends_with_none", "read_survives_a_fault")
    assert (ends.findings, ends.skip) == ((), None)
    assert (survives.findings, survives.skip) == ((), None)


def test_a_source_that_takes_a_broken_connection_for_the_end_is_found(judge, postgres):
    survives, repeats, reported = judge(
        SWALLOWS, "read_survives_a_fault", "read_repeats_nothing_after_a_fault", "faults_are_reported"
    )
    finding = survives.findings[0]
    assert f"127.0.0.1:{postgres}" in finding.place
    assert "records are missing, and no read() raised" in finding.received
    assert repeats.findings == ()
    assert "None, as if everything had been read" in reported.findings[0].received


@pytest.mark.skipif(not Path("/proc/self/net/tcp").exists(), reason="only Linux tells of it")
def test_a_source_that_connects_anew_for_each_query_is_judged_too(judge, postgres):
    body = SWALLOWS.replace("self.connection is None", "True").replace(
        "        if not rows:", "        self.close()\n        if not rows:", 1
    )
    (verdict,) = judge(body, "faults_are_reported")
    assert "None, as if everything had been read: 60 of 60 records are missing" in verdict.findings[0].received
    assert f"Reached through a proxy, by changing host and port: 127.0.0.1:{postgres}." in verdict.notes


def test_a_source_that_starts_over_is_found(judge):
    survives, repeats = judge(STARTS_OVER, "read_survives_a_fault", "read_repeats_nothing_after_a_fault")
    assert survives.findings == ()
    assert "came twice" in repeats.findings[0].received


def test_the_same_source_is_judged_by_a_url(judge):
    body = RIGHT.replace("self.connect()", "psycopg2.connect(self.source['url'])")
    url = f"postgresql://ada:pw-71ca29f3b0@localhost:{judge.port}/postgres?sslmode=disable"
    (verdict,) = judge(body, "read_survives_a_fault", host=None, port=None, url=url)
    assert verdict.findings == ()
    assert f"Reached through a proxy, by changing url: 127.0.0.1:{judge.port}." in verdict.notes


def test_a_single_fault_can_be_asked_for(judge):
    (verdict,) = judge(SWALLOWS, "read_survives_a_fault", fault=Fault.parse("answered-half@5"))
    assert verdict.findings[0].place.startswith("operation 5 (receive ")
    assert verdict.findings[0].replay == "--panoply-fault=answered-half@5:once"


def test_a_driver_without_a_time_limit_is_found(judge):
    (verdict,) = judge(RIGHT, "network_calls_time_out", read_timeout=2.0)
    assert "did not return within 2 seconds" in verdict.findings[0].received


def test_a_source_whose_params_lead_nowhere_says_how_they_could(judge, postgres):
    body = RIGHT.replace(
        "self.connect()",
        f"psycopg2.connect(host='127.0.0.1', port={postgres}, user='ada', password='pw-71ca29f3b0', dbname='postgres')",
    )
    for verdict in judge(body, *NETWORK_CHECKS, host=None, port=None):
        assert verdict.skip is not None
        assert f"No param names the host and the port of 127.0.0.1:{postgres}." in verdict.skip
        assert "Have the source take the host and the port from its params" in verdict.skip


def test_a_source_that_does_not_use_its_params_says_so(judge, postgres):
    body = RIGHT.replace(
        "self.connect()",
        f"psycopg2.connect(host='127.0.0.1', port={postgres}, user='ada', password='pw-71ca29f3b0', dbname='postgres')",
    )
    for verdict in judge(body, *NETWORK_CHECKS):
        assert verdict.skip is not None
        assert "With host and port pointing to a proxy" in verdict.skip
        assert "it did not connect there" in verdict.skip


def test_a_source_that_the_proxy_keeps_from_working_says_so(judge):
    body = RIGHT.replace("self.connect()", "self.connect() if self.source['port'] == PORT else 1 / 0")
    for verdict in judge(body.replace("PORT", str(judge.port)), *NETWORK_CHECKS):
        assert verdict.skip is not None
        assert (
            "With host and port pointing to a proxy of the kit's on this machine, read 4 raised ZeroDivisionError"
            in verdict.skip
        )
