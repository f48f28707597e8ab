"""`panoply.validate_token`, against a token endpoint that answers over HTTP."""

from __future__ import annotations

import asyncio
import copy
import inspect
import json
import logging
import pickle
import socket
import threading
import traceback
from functools import wraps
from urllib.parse import parse_qs

import pytest
from werkzeug import Response

import panoply
from panoply import _token_endpoint
from panoply.errors import IncorrectParamError, PanoplyException, TokenValidationException

OLD, NEW, REFRESH, SECRET = "old-token-1234", "new-token-5678", "refresh-token-9", "client-secret-0"
SECRETS = (OLD, NEW, REFRESH, SECRET)


# A test that has gone wrong may wait for ever.
pytestmark = pytest.mark.timeout(30)


class Expired(Exception):
    """What a client raises, with what it sent in its message, as many do."""


class Endpoint:
    """Where tokens are refreshed."""

    def __init__(self, httpserver):
        self.url = httpserver.url_for("/token")
        self.forms = []
        self.answers = []
        self.default = (200, {"access_token": NEW, "expires_in": 3600})
        self.asked = threading.Event()
        self.may_answer = threading.Event()
        self.may_answer.set()
        httpserver.expect_request("/token").respond_with_handler(self._answer)

    def _answer(self, request):
        self.forms.append((request.method, parse_qs(request.get_data(as_text=True), keep_blank_values=True)))
        self.asked.set()
        self.may_answer.wait(10)
        status, body = self.answers.pop(0) if self.answers else self.default
        headers = {"Location": self.url} if 300 <= status < 400 else {}
        text = body if isinstance(body, str) else json.dumps(body)
        return Response(text, status, headers, content_type="application/json")


@pytest.fixture
def endpoint(httpserver, monkeypatch):
    monkeypatch.setattr(_token_endpoint, "BACKOFF", 0)
    endpoint = Endpoint(httpserver)
    yield endpoint
    endpoint.may_answer.set()


def stream(endpoint, *, exceptions=Expired, callback=None, base=panoply.DataSource, options=None, **keys):
    class Stream(base):
        calls = ()

        @panoply.validate_token(endpoint.url, exceptions, callback, **keys)
        def read(self, n=None, *, page=1):
            """Read a page."""
            used = self.source.get("access_token")
            self.calls = (*self.calls, (used, n, page))
            if used != NEW:
                raise Expired(f"401 for {used}")
            return [{"n": n, "page": page}]

    made = Stream(
        {"access_token": OLD, "refresh_token": REFRESH},
        {"refresh": {"client_id": "id", "client_secret": SECRET}} if options is None else options,
    )
    made.heard = []
    made.on("source-change", made.heard.append)
    return made


def test_a_token_is_refreshed_told_and_the_call_made_again_with_all_its_arguments(endpoint):
    source = stream(endpoint)

    assert source.read(7, page=3) == [{"n": 7, "page": 3}]

    assert source.calls == ((OLD, 7, 3), (NEW, 7, 3))
    assert endpoint.forms == [
        ("POST", {"client_id": ["id"], "client_secret": [SECRET], "refresh_token": [REFRESH]}),
    ]
    assert source.source == {"access_token": NEW, "refresh_token": REFRESH}
    assert source.heard == [{"access_token": NEW}]
    assert source.read(1) == [{"n": 1, "page": 1}]
    assert len(endpoint.forms) == 1


def test_a_valid_token_is_left_alone_and_so_is_any_other_error(endpoint):
    source = stream(endpoint, exceptions=(KeyError, LookupError))

    with pytest.raises(Expired):
        source.read()
    assert endpoint.forms == []
    assert source.source["access_token"] == OLD


def test_without_exceptions_nothing_is_a_reason_to_refresh(endpoint):
    with pytest.raises(Expired):
        stream(endpoint, exceptions=()).read()
    assert endpoint.forms == []


def test_the_method_keeps_its_name_its_words_and_its_signature(endpoint):
    read = type(stream(endpoint)).read

    assert (read.__name__, read.__doc__) == ("read", "Read a page.")
    assert str(inspect.signature(read)) == "(self, n=None, *, page=1)"


def test_keys_may_have_other_names(endpoint):
    endpoint.default = (200, {"token": NEW})

    class Stream(panoply.DataSource):
        @panoply.validate_token(endpoint.url, [Expired], access_key="token", refresh_key="code")
        def read(self, n=None):
            if self.source["token"] != NEW:
                raise Expired

    source = Stream({"token": OLD, "code": "the-code"}, {"refresh": {"grant_type": "refresh_token"}})
    source.read()

    assert endpoint.forms[0][1] == {"grant_type": ["refresh_token"], "code": ["the-code"]}
    assert source.source == {"token": NEW, "code": "the-code"}


def test_a_new_refresh_token_is_kept_and_told_too(endpoint):
    endpoint.default = (200, {"access_token": NEW, "refresh_token": "next-refresh"})
    source = stream(endpoint)

    source.read()

    assert source.source == {"access_token": NEW, "refresh_token": "next-refresh"}
    assert source.heard == [source.source]


def test_a_refresh_token_is_not_needed_where_the_client_alone_may_have_one(endpoint):
    source = stream(endpoint)
    del source.source["refresh_token"]

    source.read()

    assert "refresh_token" not in endpoint.forms[0][1]


class Base(panoply.DataSource):
    def __init__(self, source, options=None):
        super().__init__(source, options)
        self.tokens = []

    def renew(self, token):
        self.tokens.append((token, self.source["access_token"]))


def test_the_callback_may_be_a_method_or_a_function(endpoint):
    by_name = stream(endpoint, callback="renew", base=Base)
    tokens = []
    by_function = stream(endpoint, callback=tokens.append)

    by_name.read()
    by_function.read()

    assert by_name.tokens == [(NEW, NEW)]
    assert tokens == [NEW]


def test_the_callback_may_be_validated_itself_and_does_not_go_round_in_circles(endpoint):
    class Client(panoply.DataSource):
        made = 0

        @panoply.validate_token(endpoint.url, Expired, "connect")
        def connect(self, token):
            self.made += 1
            if token != "good":
                raise Expired(token)

    source = Client({"access_token": OLD}, {"refresh": {}})

    with pytest.raises(TokenValidationException, match="the callback connect raised Expired"):
        source.connect(OLD)
    assert source.made == 2  # with the old one, and as the callback
    assert len(endpoint.forms) == 1
    source.connect("good")


def everything_of(error):
    """All that a traceback and whoever looks at the exception can see."""
    parts = [repr(error), str(error), repr(error.args), repr(vars(error)), repr(error.original_error.args)]
    return "\n".join([*parts, *traceback.format_exception(error)])


NO_JSON = "answered something that is no JSON object"
AGAIN = "The user has to connect the account again"
LATER = "Try again later"
FAILURES = [
    (
        (400, {"error": "invalid_grant", "error_description": REFRESH}),
        r"localhost answered 400 \(invalid_grant\)",
        AGAIN,
    ),
    ((401, {"error": f"unknown_{SECRET}"}), "answered 401", AGAIN),
    ((403, REFRESH), "answered 403", AGAIN),
    ((302, ""), "answered 302", AGAIN),
    ((200, {"token": NEW}), "answered without 'access_token'", AGAIN),
    ((200, {"access_token": ""}), "answered without 'access_token'", AGAIN),
    ((200, f"access_token={NEW}"), NO_JSON, LATER),
    ((200, [NEW]), NO_JSON, LATER),
    ((200, "\xff"), NO_JSON, LATER),
    ((500, {"access_token": NEW}), "answered 500", LATER),
    ((429, ""), "answered 429", LATER),
]


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize(("answer", "said", "do"), FAILURES)
def test_a_refusal_is_final_and_no_failure_holds_or_logs_a_token(  # noqa: PLR0913, PLR0917
    endpoint, caplog, answer, said, do, asynchronous
):
    endpoint.default = answer
    logged = []
    source = stream(endpoint, options={"logger": logged.append, "refresh": {"client_secret": SECRET}})

    @panoply.validate_token(endpoint.url, Expired)
    async def read(self):
        source.read.__wrapped__(self)

    with caplog.at_level(logging.DEBUG), pytest.raises(TokenValidationException, match=f"{said}. {do}.$") as refused:
        asyncio.run(read(source)) if asynchronous else source.read()

    error = refused.value
    assert error.retryable is False
    assert error.__cause__ is None
    assert error.__context__ is None
    shown = everything_of(error) + caplog.text + repr(logged)
    assert [each for each in SECRETS if each in shown] == []
    assert source.source == {"access_token": OLD, "refresh_token": REFRESH}
    assert source.heard == []


def test_what_fails_for_now_is_tried_three_times(endpoint):
    endpoint.answers = [(503, ""), (429, "")]
    assert stream(endpoint).read()
    assert len(endpoint.forms) == 3

    endpoint.answers = [(503, "")] * 3
    with pytest.raises(TokenValidationException, match="answered 503"):
        stream(endpoint).read()
    assert len(endpoint.forms) == 6


def test_a_far_end_that_is_not_there_is_said_without_what_was_sent(endpoint):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        endpoint.url = f"http://127.0.0.1:{closed.getsockname()[1]}/token"

    with pytest.raises(TokenValidationException, match=r"could not be asked \(NewConnectionError\)") as refused:
        stream(endpoint).read()
    assert refused.value.retryable is False
    assert REFRESH not in everything_of(refused.value)


def test_a_proxy_of_the_environment_is_used(endpoint, httpserver, monkeypatch):
    monkeypatch.setenv("http_proxy", f"{httpserver.host}:{httpserver.port}")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    endpoint.url = "http://accounts.acme.invalid/token"

    assert stream(endpoint).read()
    assert len(endpoint.forms) == 1


@pytest.mark.parametrize("options", [{}, {"refresh": None}])
def test_what_the_platform_did_not_give_is_said(endpoint, options):
    with pytest.raises(TokenValidationException, match=r'options\["refresh"\] is missing'):
        stream(endpoint, options=options).read()
    assert endpoint.forms == []


def test_a_callback_that_raises_is_said_without_its_message(endpoint):
    def callback(token):
        raise ValueError(token)

    with pytest.raises(TokenValidationException, match=r"callback .*callback raised ValueError") as refused:
        stream(endpoint, callback=callback).read()
    assert NEW not in everything_of(refused.value)


def test_a_callback_that_there_is_not_is_a_mistake_and_costs_no_token(endpoint):
    with pytest.raises(AttributeError, match="nowhere"):
        stream(endpoint, callback="nowhere").read()
    assert endpoint.forms == []


def test_an_async_callback_needs_an_async_method(endpoint):
    async def callback(token):
        raise AssertionError

    with pytest.raises(TokenValidationException, match="is async, and the method that needs it is not"):
        stream(endpoint, callback=callback).read()


@pytest.mark.parametrize("wrong", ["renew", 401, [Expired, "x"], (Expired(),)])
def test_what_is_no_class_of_exceptions_is_refused_at_once(wrong):
    with pytest.raises(IncorrectParamError, match="is no class of exceptions"):
        panoply.validate_token("http://127.0.0.1/token", wrong)


def test_an_error_of_the_second_call_comes_out_as_it_is(endpoint):
    endpoint.default = (200, {"access_token": "not the right one"})

    with pytest.raises(Expired, match="401 for not the right one") as refused:
        stream(endpoint).read()
    assert refused.value.__context__ is None


def threads_that_read(source, endpoint, count=4):
    """Let all of them fail with the old token before the far end answers the first that asks for a new one."""
    endpoint.may_answer.clear()
    outcomes = []

    def read(number):
        try:
            outcomes.append(source.read(number)[0]["n"])
        except PanoplyException as exc:
            outcomes.append(exc)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    while len(source.calls_made) < count:
        endpoint.asked.wait(10)
    endpoint.may_answer.set()
    for thread in threads:
        thread.join()
    return outcomes


def counted(endpoint, callback=None):
    class Stream(panoply.DataSource):
        def __init__(self, source, options):
            super().__init__(source, options)
            self.calls_made = []
            self.client = source["access_token"]

        @panoply.validate_token(endpoint.url, Expired, callback)
        def read(self, n=None):
            client = self.client
            self.calls_made.append(client)
            if client != NEW:
                raise Expired
            return [{"n": n}]

        def renew(self, token):
            # Whoever calls from here on sees the new token among the params, and still has the old client.
            late = threading.Thread(target=lambda: self.late.append(self.read("late")))
            self.late = []
            late.start()
            while len(self.calls_made) < 5:
                late.join(0.01)
            self.client = token
            self.joined = late

    return Stream({"access_token": OLD, "refresh_token": REFRESH}, {"refresh": {}})


def test_calls_that_fail_at_the_same_time_refresh_once_also_while_the_callback_runs(endpoint):
    source = counted(endpoint, "renew")

    assert sorted(threads_that_read(source, endpoint)) == [0, 1, 2, 3]

    source.joined.join()
    assert source.late == [[{"n": "late"}]]
    assert len(endpoint.forms) == 1


def test_calls_that_fail_at_the_same_time_are_refused_together(endpoint):
    endpoint.default = (400, "")
    source = counted(endpoint)

    outcomes = threads_that_read(source, endpoint)

    assert [type(each) for each in outcomes] == [TokenValidationException] * 4
    assert len({id(each) for each in outcomes}) == 4
    assert len(endpoint.forms) == 1
    with pytest.raises(TokenValidationException):
        source.read()
    assert len(endpoint.forms) == 2  # a later call tries for itself


class Async(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.tokens = []
        self.failed = 0

    async def _read(self, n):
        used = self.source["access_token"]
        await asyncio.sleep(0)
        if used != NEW:
            self.failed += 1
            raise Expired(used)
        return [n]

    async def renew(self, token):
        await asyncio.sleep(0)
        self.tokens.append((token, threading.get_ident()))


def async_source(endpoint, decorate=lambda fn: fn):
    class Stream(Async):
        @panoply.validate_token(endpoint.url, Expired, "renew")
        @decorate
        async def read(self, n=None):
            return await self._read(n)

    return Stream({"access_token": OLD, "refresh_token": REFRESH}, {"refresh": {}})


def test_tasks_that_fail_at_the_same_time_refresh_once_and_the_loop_goes_on_meanwhile(endpoint):
    source = async_source(endpoint)
    assert inspect.iscoroutinefunction(source.read)

    async def main():
        endpoint.may_answer.clear()
        endpoint.asked.clear()
        reads = [asyncio.create_task(source.read(number)) for number in range(4)]
        await asyncio.to_thread(endpoint.asked.wait, 10)
        endpoint.may_answer.set()
        return await asyncio.gather(*reads)

    assert asyncio.run(main()) == [[0], [1], [2], [3]]
    assert source.failed == 4
    assert source.tokens == [(NEW, threading.get_ident())]
    assert len(endpoint.forms) == 1

    source.source["access_token"] = OLD
    assert asyncio.run(main()) == [[0], [1], [2], [3]]  # on another loop
    assert len(endpoint.forms) == 2


def test_a_decorator_below_may_hide_that_the_method_is_async(endpoint):
    def plain(fn):
        @wraps(fn)
        def call(*args, **kwargs):
            return fn(*args, **kwargs)

        return call

    source = async_source(endpoint, plain)

    async def main():
        return await source.read(3)

    assert asyncio.run(main()) == [3]
    assert len(endpoint.forms) == 1


def test_a_task_that_is_cancelled_while_it_waits_holds_nobody_up(endpoint):
    source = async_source(endpoint)

    async def main():
        endpoint.may_answer.clear()
        first = asyncio.create_task(source.read(1))
        await asyncio.to_thread(endpoint.asked.wait, 10)
        first.cancel()
        await asyncio.wait([first])
        endpoint.may_answer.set()
        return first.cancelled(), await source.read(2)

    assert asyncio.run(main()) == (True, [2])


class Copied(panoply.DataSource):
    @panoply.validate_token("http://127.0.0.1:9/token", Expired)
    def read(self, n=None):
        return None


def test_a_source_can_be_copied_and_pickled_all_the_same():
    source = Copied({"access_token": OLD})
    source.read()

    assert copy.deepcopy(source).read() is None
    assert pickle.loads(pickle.dumps(source)).read() is None
    assert vars(copy.deepcopy(source))["_panoply_token_gate"] is not vars(source)["_panoply_token_gate"]
