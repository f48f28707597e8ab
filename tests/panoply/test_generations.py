"""Sources as people wrote them for SDK 1.3, 1.6, 2 and 3 (tests/sources/generations) run as they are."""

from __future__ import annotations

import base64
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from werkzeug import Response

import panoply
from panoply.loading import load_source
from panoply.runner import Observer, run
from panoply.sinks import JSONLSink

FOLDER = Path(__file__).parent.parent / "sources" / "generations"
NAMES = sorted(path.stem for path in FOLDER.glob("*.py"))
WITH_A_FAR_END = [name for name in NAMES if "token" in name]
ALONE = [name for name in NAMES if name not in WITH_A_FAR_END]

OLD, NEW, RENEWAL = "token-of-yesterday", "token-of-today", "renewal-of-the-user"


@pytest.fixture
def source(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))

    def source(name):
        sys.modules.pop(name, None)
        return load_source(name)

    yield source
    for name in NAMES:
        sys.modules.pop(name, None)


class Heard(Observer):
    def __init__(self):
        self.messages = []
        self.logged = []

    def progress(self, loaded, total, message):
        self.messages.append((loaded, total, message))

    def log(self, message):
        self.logged.append(message)


def collected(module, params=None, options=None, heard=None):
    stream = io.BytesIO()
    params = {} if params is None else params
    result = run(module, params, options, to=JSONLSink(stream), pauses=(0, 0, 0), sleep=lambda _: None, observer=heard)
    return result, [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize("name", ALONE)
def test_it_is_read_to_its_end(source, name):
    module = source(name)
    heard = Heard()

    result, records = collected(module, heard=heard)

    assert result.failures == ()
    assert result.ok
    assert dict(result.tables) == module.TABLES
    assert len(records) == sum(module.TABLES.values())
    assert heard.messages
    assert heard.logged


def test_there_are_sources_of_each_generation():
    assert {name[:4] for name in NAMES} == {"v1_3", "v1_6", "v2_f", "v2_m", "v2_t", "v3_b", "v3_r", "v3_t"}


@pytest.mark.parametrize("broken_at", [0, 2, 4])
def test_states_of_1_6_take_it_up_again(source, broken_at):
    module = source("v1_6_state")

    first, records = collected(module, {"broken_at": broken_at})
    assert str(first.error) == "the server is gone"
    assert first.retries == 0
    params = {"state": dict(first.state)}
    second, more = collected(module, params)

    assert second.ok
    assert "state" not in params
    assert sorted((row["__table"], row["id"]) for row in records + more) == sorted(
        (table, number) for table, numbers in module.DATABASE.items() for number in numbers
    )
    assert {row["__state"] for row in records + more if not row["__state"]} == set()


def test_raw_messages_of_1_6_travel_as_json(source):
    module = source("v1_6_raw_messages")

    result, records = collected(module)

    assert [base64.b64decode(record["raw"]).decode() for record in records] == [
        "x,y\n1,2\n",
        "x,y\n3,4\n",
        "x,y\n5,é\n",
    ]
    assert all(record["metadata"]["__state"] == record["__state"] for record in records)
    assert result.state == {"loaded": 3}


@pytest.mark.parametrize(
    ("retryable", "failures", "retries", "ok"), [(True, 2, 2, True), (True, 9, 3, False), (False, 1, 0, False)]
)
def test_a_foreign_exception_says_whether_to_try_again(source, retryable, failures, retries, ok):
    module = source("v2_foreign_exception")

    result, _ = collected(module, {"failures": failures, "retryable": retryable})

    assert (result.retries, result.ok) == (retries, ok)
    assert ok or type(result.error) is module.VendorError


def test_what_the_user_chose_wrongly_is_told_by_2(source):
    result, _ = collected(source("v2_foreign_exception"), {"port": 99999})

    assert isinstance(result.error, panoply.IncorrectParamError)
    assert str(result.error) == "Port should be in range [0: 65535]"


def test_errors_of_3_come_in_one_shape(source):
    module = source("v3_record_groups")

    result, _ = collected(module, {"resources": ["orders", "nowhere"], "type": "shop", "id": 5, "database": 6})

    error = result.error
    assert isinstance(error, panoply.DataSourceException)
    assert (error.code, error.phase, error.source_id, error.retryable) == (404, "collect", 5, False)
    assert isinstance(error.__cause__, module.NoSuchResource)
    assert result.retries == 0


def test_resources_of_3_are_offered(source):
    module = source("v3_record_groups")

    assert module.resources({}) == [
        {"name": "Orders", "value": "orders", "disabled": False, "requires": []},
        {"name": "Customers", "value": "customers", "disabled": True, "requires": []},
    ]
    assert module.Stream.get_resource("orders", {})["fields"] == [{"name": "id", "type": "int"}]
    with pytest.raises(panoply.DataSourceException) as refused:
        module.resources({"resources": ["refused"]})
    assert (refused.value.phase, refused.value.code) == ("config", 403)


@pytest.fixture
def vendor(httpserver):
    """An API that takes the new token only, and gives it for the renewal."""
    asked = []

    def api(request):
        good = request.headers.get("Authorization") == f"Bearer {NEW}"
        return Response(json.dumps([1, 2]) if good else "", 200 if good else 401)

    def token(request):
        asked.append(request.form.to_dict())
        if RENEWAL not in request.form.values():
            return Response(json.dumps({"error": "invalid_grant"}), 400)
        return Response(json.dumps({"access_token": NEW, "token": NEW}), 200)

    httpserver.expect_request("/files").respond_with_handler(api)
    httpserver.expect_request("/ads").respond_with_handler(api)
    httpserver.expect_request("/oauth/token").respond_with_handler(token)
    httpserver.asked = asked
    return httpserver


@pytest.fixture
def renewed_there(monkeypatch, vendor):
    """The sources name a vendor's endpoint in their code: here it is on this machine."""
    from panoply import oauth

    def ask(url, form):
        assert url == "http://127.0.0.1/oauth/token"
        return real(vendor.url_for("/oauth/token"), form)

    real = oauth.ask_token_endpoint
    monkeypatch.setattr(oauth, "ask_token_endpoint", ask)


@pytest.mark.parametrize("name", WITH_A_FAR_END)
@pytest.mark.parametrize("renewal", [RENEWAL, "revoked"])
def test_tokens_are_renewed(source, vendor, renewed_there, name, renewal):
    module = source(name)
    heard = Heard()
    params = {
        "api": vendor.url_for(""),
        "access_token": OLD,
        "token": OLD,
        "refresh_token": renewal,
        "renewal": renewal,
    }

    result, _ = collected(module, params, {"refresh": {"client_id": "panoply"}}, heard)

    assert len(vendor.asked) == 1
    if renewal == RENEWAL:
        assert result.ok
        assert dict(result.tables) == module.TABLES
        assert NEW in (params["access_token"], params["token"])
    else:
        assert result.retries == 0
        error = result.error
        while error.__cause__ is not None:
            error = error.__cause__
        assert isinstance(error, panoply.TokenValidationException)
        assert (params["access_token"], params["token"]) == (OLD, OLD)
    assert [secret for secret in (OLD, NEW, renewal) if secret in repr(heard.logged) + repr(result.failures)] == []


PATHS = """
from panoply import SDK, DataSource, PanoplyException, SSHTunnel, background_progress, errors, events, validate_token
from panoply.constants import __package_name__, __version__
from panoply.datasource import DataSource, PanoplyException, background_progress, validate_token
from panoply.errors import DataSourceException, IncorrectParamError, PanoplyException, TokenValidationException
from panoply.errors import Phase, set_internal_code, wrap_errors
from panoply.errors.error_normalization import ERROR_CODES_REGISTRY, EXCEPTIONS_REGISTRY, Phase, set_internal_code, wrap_errors
from panoply.errors.exceptions import DataSourceException, IncorrectParamError, MetadataNotSupportedException
from panoply.errors.exceptions import PanoplyException, TokenValidationException, WrongTypeOrValueError
from panoply.events import Emitter
from panoply.records import Metadata, Record, RecordGroup, to_record
from panoply.resources import Field, Resource, convert_to_ui_format
from panoply.sdk import FLUSH_TIMEOUT, MAXSIZE, SDK
from panoply.ssh import SSHTunnel
"""


@pytest.mark.parametrize("line", PATHS.strip().splitlines())
def test_what_was_imported_can_be_imported(line):
    exec(line, {})


def test_what_was_an_attribute_of_the_package_is_one():
    code = (
        "import panoply; print(panoply.errors.PanoplyException is panoply.PanoplyException, panoply.records.to_record, \
panoply.resources.Field, panoply.VERSION == panoply.__version__, panoply.PKGNAME == panoply.__package_name__, \
panoply.MAXSIZE, panoply.FLUSH_TIMEOUT)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.startswith("True <function to_record")
    assert done.stdout.split()[-4:] == ["True", "True", "256000", "2.0"]


def test_they_keep_the_contract_of_today(tmp_path):
    # One of each shape that is new to it: a session with all of them takes half a minute.
    names = ("v1_6_raw_messages", "v1_6_state", "v3_background_progress", "v3_record_groups")
    words = [f"--panoply-source={FOLDER / name}.py" for name in names]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-20000:]
