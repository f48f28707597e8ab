{% set auth = cookiecutter.auth %}
{% if auth == "none" %}
"""A small database in a temporary file, and the params with which the source reaches it."""

import sqlite3

import pytest


class LocalFile:
    """Three tables with 110 rows in all, and one without any."""

    def __init__(self, path):
        self.path = path

    def reset(self):
        """Forget what the last test did."""
        self.path.unlink(missing_ok=True)
        self.run(
            """
            CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT);
            CREATE TABLE orders (region TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (region, number));
            CREATE TABLE returns (id INTEGER PRIMARY KEY);
            CREATE TABLE visits (page TEXT);
            WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < 59)
                INSERT INTO customers SELECT n, 'Customer ' || n FROM numbers;
            INSERT INTO orders SELECT region, id FROM customers, (SELECT 'east' AS region UNION SELECT 'west') WHERE id < 15;
            INSERT INTO visits SELECT '/' || (id / 2) FROM customers WHERE id < 20;
            """
        )

    @property
    def rows(self):
        """What is in the tables."""
        return {
            "customers": [{"id": number, "name": f"Customer {number}"} for number in range(60)],
            "orders": [{"region": region, "number": number} for region in ("east", "west") for number in range(15)],
            "returns": [],
            "visits": [{"page": f"/{number // 2}"} for number in range(20)],
        }

    def run(self, statements):
        """Change the database."""
        connection = sqlite3.connect(self.path)
        connection.executescript(statements)
        connection.close()

    @property
    def params(self):
        """What a user would have entered."""
        return {"path": str(self.path)}


@pytest.fixture(scope="session")
def running_database(tmp_path_factory):
    database = LocalFile(tmp_path_factory.mktemp("database") / "acme.db")
    database.reset()
    return database
{% else %}
"""A PostgreSQL on this machine with a small database, and the params with which the source reaches it."""

{% if auth == "oauth2" %}
import json
{% endif %}
import secrets

import psycopg
import pytest
from panoply_testing.postgres import NoPostgres, PostgresServer
{% if auth == "oauth2" %}
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response
{% endif %}


class LocalDatabase:
    """Three tables with 110 rows in all, and one without any; read by the user `reader`, who may only do that."""

    def __init__(self, server{{ ", token_server" if auth == "oauth2" }}):
        self.server = server
        self.admin = psycopg.connect(server.url, autocommit=True)
        self.run("CREATE ROLE reader LOGIN")
{% if auth == "oauth2" %}
        application = {"client_id": "this-source", "client_secret": secrets.token_hex(16)}
        self.options = {"refresh": application | {"grant_type": "refresh_token"}}
        self.token_url = token_server.url_for("/oauth/token")
        token_server.expect_request("/oauth/token", method="POST").respond_with_handler(self.refresh)
{% endif %}

    def reset(self):
        """Forget what the last test did."""
        self.run(
            """
            DROP SCHEMA IF EXISTS public CASCADE;
            CREATE SCHEMA public;
            GRANT USAGE ON SCHEMA public TO reader;
            ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader;
            CREATE TABLE customers (id bigint PRIMARY KEY, name text);
            CREATE TABLE orders (region text, number int, PRIMARY KEY (region, number));
            CREATE TABLE returns (id uuid PRIMARY KEY);
            CREATE TABLE visits (page text);
            INSERT INTO customers SELECT n, 'Customer ' || n FROM generate_series(0, 59) AS n;
            INSERT INTO orders SELECT region, n FROM unnest('{east,west}'::text[]) AS region, generate_series(0, 14) AS n;
            INSERT INTO visits SELECT '/' || n / 2 FROM generate_series(0, 19) AS n;
            """
        )
{% if auth == "password" %}
        self.password = self.new_password()
{% elif auth == "token" %}
        self.token = self.new_password()
{% else %}
        self.access_token, self.refresh_token = self.new_password(), secrets.token_hex(16)
{% endif %}

    @property
    def rows(self):
        """What is in the tables."""
        return {
            "customers": [{"id": number, "name": f"Customer {number}"} for number in range(60)],
            "orders": [{"region": region, "number": number} for region in ("east", "west") for number in range(15)],
            "returns": [],
            "visits": [{"page": f"/{number // 2}"} for number in range(20)],
        }

    def run(self, statements):
        """Change the database, or anything else on the server."""
        self.admin.execute(statements)

    def new_password(self):
        """Give the user another password: whoever has the old one is not let in any more."""
        password = secrets.token_hex(16)
        self.run(f"ALTER ROLE reader PASSWORD '{password}'")
        return password

    def disconnect(self):
        """Cut the user's connections, as a server does that is restarted."""
        self.run("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'reader'")
{% if auth == "oauth2" %}

    def refresh(self, request: Request) -> Response:
        """Give a fresh access token to whoever has the refresh token; the old one is no good any more."""
        if request.form.to_dict() != self.options["refresh"] | {"refresh_token": self.refresh_token}:
            return as_json({"error": "invalid_grant"}, 400)
        self.access_token = self.new_password()
        return as_json({"access_token": self.access_token, "token_type": "Bearer", "expires_in": 3600})
{% endif %}

    @property
    def params(self):
        """What a user would have entered."""
        return {
            "host": self.server.host,
            "port": self.server.port,
            "dbname": self.server.database,
            "user": "reader",
{% if auth == "password" %}
            "password": self.password,
{% elif auth == "token" %}
            "token": self.token,
{% else %}
            "access_token": self.access_token,
            "refresh_token": self.refresh_token,
            "token_url": self.token_url,
{% endif %}
            "sslmode": "disable",
            "timeout": 2,
        }
{% if auth == "oauth2" %}


def as_json(body, status=200):
    return Response(json.dumps(body), status, content_type="application/json")


@pytest.fixture(scope="session")
def token_server():
    with HTTPServer(threaded=True) as server:
        yield server
{% endif %}


@pytest.fixture(scope="session")
def running_database({{ "token_server" if auth == "oauth2" }}):
    try:
        server = PostgresServer(user="admin")
        server.start()
    except NoPostgres as exc:
        pytest.skip(str(exc))
    with server:
        database = LocalDatabase(server{{ ", token_server" if auth == "oauth2" }})
        database.reset()
        yield database
        database.admin.close()
{% endif %}


@pytest.fixture
def database(running_database):
    yield running_database
    running_database.reset()


{% if cookiecutter.mode == "async" %}
@pytest.fixture(scope="session")
def anyio_backend():
    """What runs the tests that are `async def`: what runs the source, too."""
    return "asyncio"


{% endif %}
# These the data source contract asks for.


@pytest.fixture
def panoply_params(database):
    return database.params


@pytest.fixture
def panoply_bad_params(database):
{% if auth == "none" %}
    return {"path": str(database.path.with_name("nowhere.db"))}
{% elif auth == "token" %}
    return database.params | {"token": secrets.token_hex(16)}
{% elif auth == "password" %}
    return database.params | {"password": secrets.token_hex(16)}
{% else %}
    return database.params | {"access_token": secrets.token_hex(16), "refresh_token": secrets.token_hex(16)}


@pytest.fixture
def panoply_options(database):
    return database.options
{% endif %}
