from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import logging
import os
import socket
import struct
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import boto3
import botocore.handlers
import botocore.session
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.handlers import BUILTIN_HANDLERS
from moto import mock_aws
from moto.core.botocore_stubber import MockRawResponse

from panoply import sqs
from panoply.constants import MAXSIZE, VERSION
from panoply.credentials import Credentials
from panoply.errors import CredentialsError, DeliveryError
from panoply.sdk import SDK
from panoply.sqs import SQSTransport, Transport, body_limit

BODY = '{"__table":"t","a":"é"}\n'.encode()
MD5 = hashlib.md5(BODY).hexdigest()


def credentials_of(queue) -> Credentials:
    return Credentials.parse(queue.apikey, queue.apisecret)


@pytest.fixture
def transport(queue):
    transport = SQSTransport(credentials_of(queue), queue.endpoint_url)
    yield transport
    transport.close()


@dataclass(frozen=True)
class Request:
    """What arrived, byte for byte."""

    line: str
    headers: dict[str, str]
    body: bytes
    peer: tuple[str, int]

    @property
    def protocol(self) -> str:
        return "json" if "X-Amz-Target" in self.headers else "query"

    def message(self) -> bytes:
        if self.protocol == "json":
            return json.loads(self.body)["MessageBody"].encode()
        return parse_qs(self.body.decode("ascii"), strict_parsing=True)["MessageBody"][0].encode()


def in_threads(number: int, do: Callable[[], object]) -> None:
    threads = [threading.Thread(target=do) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


Answer = Callable[[Request], tuple[int, bytes]]


@pytest.fixture
def far_end():
    """A server that answers each protocol as `json` and `query` say, and keeps what it was sent."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            request = Request(self.requestline, dict(self.headers), body, self.client_address)
            server.requests.append(request)
            answer = getattr(server, request.protocol)(request)
            if answer is None:  # hang up, with a reset
                self.close_connection = True
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                return
            status, reply = answer
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", server.url + "/login")
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply[: server.answer_at_most])
            if server.hangs_up:  # without having said so
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                server.hung_up.set()

        def finish(self):
            if not self.wfile.closed and self.connection.fileno() >= 0:
                super().finish()

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True  # of kept-alive connections
    server.requests = []
    server.json = server.query = taken
    server.answer_at_most, server.hangs_up, server.hung_up = None, False, threading.Event()
    server.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def protocols(far_end) -> list[str]:
    return [request.protocol for request in far_end.requests]


def taken(request: Request) -> tuple[int, bytes]:
    md5 = hashlib.md5(request.message()).hexdigest()
    if request.protocol == "json":
        return 200, json.dumps({"MessageId": "by-json", "MD5OfMessageBody": md5}).encode()
    return 200, (
        '<SendMessageResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><SendMessageResult>'
        f"<MD5OfMessageBody>{md5}</MD5OfMessageBody><MessageId>by-query</MessageId>"
        "</SendMessageResult></SendMessageResponse>"
    ).encode()


def aws_error(status: int, code: str, message: str = "no") -> Answer:
    def answer(request: Request) -> tuple[int, bytes]:
        if request.protocol == "json":
            return status, json.dumps({"__type": f"com.amazonaws.sqs#{code}", "message": message}).encode()
        return status, (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
            "</ErrorResponse>"
        ).encode()

    return answer


def page(status: int, text: bytes = b"<html>Log in</html>") -> Answer:
    return lambda _: (status, text)


def in_turn(*answers: Answer) -> Answer:
    left = iter(answers)

    def answer(request: Request) -> tuple[int, bytes]:
        return next(left)(request)

    return answer


KEY = "acme/rand-one"
SECRET = base64.b64encode(b"rand-two/2f1a7c1e-uuid/123456789012/eu-west-3").decode()
TELLING = ("rand-one", "rand-two", "2f1a7c1e-uuid", SECRET)


@pytest.fixture
def to_far_end(far_end):
    made = []

    def connected(protocol: str = "auto") -> SQSTransport:
        made.append(SQSTransport(Credentials.parse(KEY, SECRET), far_end.url, protocol=protocol))
        return made[-1]

    yield connected
    for transport in made:
        transport.close()


def behind(exc: BaseException) -> list[BaseException]:
    found = [exc]
    for link in found:
        found += [each for each in (link.__cause__, link.__context__) if each is not None and each not in found]
    return found


def refusal_of(url: str, protocol: str = "auto") -> DeliveryError:
    transport = SQSTransport(Credentials.parse(KEY, SECRET), url, protocol=protocol)
    try:
        with pytest.raises(DeliveryError) as caught:
            transport.send(BODY)
    finally:
        transport.close()
    shown = "".join(traceback.format_exception(caught.value)) + repr(transport)
    shown += "".join(repr(link) + str(link) for link in behind(caught.value))
    assert not any(secret in shown for secret in TELLING)
    return caught.value


def test_a_message_arrives_with_key_secret_and_sdk_as_attributes(transport, queue):
    receipt = transport.send(BODY)
    [message] = queue.messages()
    assert message["MessageId"] == receipt
    assert message["Body"].encode() == BODY
    assert message["MessageAttributes"] == {
        "key": {"DataType": "String", "StringValue": queue.apikey},
        "secret": {"DataType": "String", "StringValue": queue.apisecret},
        "sdk": {"DataType": "String", "StringValue": f"panoply-python-sdk-{VERSION}"},
    }


def test_the_largest_body_is_taken(transport, queue):
    body = b"x" * body_limit(credentials_of(queue))
    transport.send(body)
    assert queue.messages()[0]["Body"].encode() == body


def test_the_limit_leaves_room_for_the_attributes_of_any_credentials(queue):
    assert body_limit(Credentials.parse(KEY, SECRET)) == MAXSIZE
    long = Credentials.parse("a/" + "k" * 20_000, SECRET)
    attributes = f"keyString{long.apikey}secretString{SECRET}sdkStringpanoply-python-sdk-{VERSION}"
    assert body_limit(long) + len(attributes) == 256 * 1024
    with pytest.raises(CredentialsError, match="too long"):
        body_limit(Credentials.parse("a/" + "k" * 300_000, SECRET))
    assert body_limit(Credentials.parse("a/" + "k" * 300_000, SECRET), 1024 * 1024) > MAXSIZE


def size_of_attributes(credentials: Credentials) -> int:
    attributes = {"key": credentials.apikey, "secret": credentials.apisecret, "sdk": f"panoply-python-sdk-{VERSION}"}
    return sum(len(f"{name}String{value}".encode()) for name, value in attributes.items())


@pytest.mark.parametrize("max_message", [1024, 100_000, MAXSIZE, 256 * 1024 + 1, 1024 * 1024])
def test_a_larger_or_smaller_queue_leaves_the_body_all_that_the_attributes_do_not_need(max_message):
    credentials = Credentials.parse("acme/" + "k" * 99, SECRET)
    assert body_limit(credentials, max_message) == max_message - size_of_attributes(credentials)


def test_to_ask_for_the_usual_limit_changes_nothing():
    credentials = Credentials.parse(KEY, SECRET)
    assert body_limit(credentials, 256 * 1024) == body_limit(credentials) == MAXSIZE


@pytest.mark.parametrize("max_message", [-1, 0, 1023, 1024 * 1024 + 1])
def test_a_limit_that_no_queue_can_have_is_refused(max_message):
    with pytest.raises(ValueError, match=rf"from 1024 \(1 KiB\) to 1048576 \(1 MiB\).* not {max_message}$"):
        body_limit(Credentials.parse(KEY, SECRET), max_message)


@pytest.mark.parametrize("max_message", [None, "1024", 2048.0, True])
def test_a_limit_that_is_no_number_is_refused(max_message):
    with pytest.raises(TypeError, match="max_message is a whole number of bytes, not"):
        body_limit(Credentials.parse(KEY, SECRET), max_message)


def test_a_limit_that_the_attributes_use_up_is_the_credentials_fault():
    with pytest.raises(CredentialsError, match="no room in a message of 1024 bytes"):
        body_limit(Credentials.parse("a/" + "k" * 1024, SECRET), 1024)


def test_it_is_a_transport(transport):
    assert isinstance(transport, Transport)


def test_it_can_be_closed_twice_and_used_again(transport, queue):
    transport.prepare()
    transport.close()
    transport.close()
    transport.send(BODY)
    assert len(queue.messages()) == 1


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SQS"])
def test_without_an_endpoint_the_aws_environment_decides(queue, monkeypatch, name):
    monkeypatch.setenv(name, queue.endpoint_url)
    transport = SQSTransport(credentials_of(queue))
    transport.send(BODY)
    transport.close()
    assert len(queue.messages()) == 1


def test_without_any_setting_it_goes_to_the_region_of_the_secret():
    transport = SQSTransport(Credentials.parse(KEY, SECRET))
    assert repr(transport) == "<SQSTransport to sqs.eu-west-3.amazonaws.com>"
    transport.prepare()
    assert repr(transport) == "<SQSTransport to sqs.eu-west-3.amazonaws.com>"
    transport.close()


@pytest.mark.parametrize("protocol", ["json", "query"])
def test_requests_are_unsigned_and_no_aws_credentials_are_looked_for(far_end, to_far_end, monkeypatch, protocol):
    def never(*args, **kwargs):
        raise AssertionError("botocore went looking for credentials")

    monkeypatch.setattr(botocore.session.Session, "get_credentials", never)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "the-programs-own")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the-programs-own")
    assert to_far_end(protocol).send(BODY) == f"by-{protocol}"
    [request] = far_end.requests
    assert "Authorization" not in request.headers
    assert b"the-programs-own" not in request.body + repr(request.headers).encode()


def test_a_json_request_goes_to_the_root_and_names_the_queue(far_end, to_far_end):
    to_far_end("json").send(BODY)
    [request] = far_end.requests
    assert request.line == "POST / HTTP/1.1"
    assert request.headers["Content-Type"] == "application/x-amz-json-1.0"
    assert request.headers["X-Amz-Target"] == "AmazonSQS.SendMessage"
    assert json.loads(request.body)["QueueUrl"] == "https://sqs.eu-west-3.amazonaws.com/123456789012/sdk-acme-rand-two"


def test_a_query_request_is_a_form_for_the_queue_itself(far_end, to_far_end):
    to_far_end("query").send(BODY)
    [request] = far_end.requests
    assert request.line == "POST /123456789012/sdk-acme-rand-two HTTP/1.1"
    assert request.headers["Content-Type"].startswith("application/x-www-form-urlencoded")
    assert request.headers["User-Agent"] == f"panoply-python-sdk-{VERSION}"
    assert parse_qs(request.body.decode("ascii"), strict_parsing=True) == {
        "Action": ["SendMessage"],
        "Version": ["2012-11-05"],
        "MessageBody": [BODY.decode()],
        **{
            f"MessageAttribute.{number}.{part}": [text]
            for number, name, value in (
                (1, "key", KEY),
                (2, "secret", SECRET),
                (3, "sdk", f"panoply-python-sdk-{VERSION}"),
            )
            for part, text in (("Name", name), ("Value.DataType", "String"), ("Value.StringValue", value))
        },
    }


@pytest.mark.parametrize(("protocol", "path"), [("json", "/a/b"), ("query", "/a/b/123456789012/sdk-acme-rand-two")])
def test_an_endpoint_may_have_a_path(far_end, protocol, path):
    for url in (far_end.url + "/a/b", far_end.url + "/a/b/"):
        transport = SQSTransport(Credentials.parse(KEY, SECRET), url, protocol=protocol)
        transport.send(BODY)
        transport.close()
    assert {request.line.split()[1].rstrip("/") for request in far_end.requests} == {path}


@pytest.mark.parametrize("protocol", ["json", "query"])
def test_one_connection_serves_many_messages(far_end, to_far_end, protocol):
    transport = to_far_end(protocol)
    for _ in range(5):
        transport.send(BODY)
    assert len({request.peer for request in far_end.requests}) == 1


@pytest.mark.parametrize("protocol", ["json", "query"])
def test_a_kept_connection_that_the_far_end_has_dropped_costs_no_message(far_end, to_far_end, protocol):
    transport = to_far_end(protocol)
    far_end.hangs_up = True
    transport.send(BODY)
    assert far_end.hung_up.wait(60)
    assert transport.send(BODY) == f"by-{protocol}"
    assert len({request.peer for request in far_end.requests}) == 2


def test_as_many_connections_are_kept_as_are_asked_for(far_end):
    together = threading.Barrier(3)

    def once_three_have_come(request):
        together.wait(60)
        return taken(request)

    far_end.json = once_three_have_come
    transport = SQSTransport(Credentials.parse(KEY, SECRET), far_end.url, connections=3)
    for _ in range(4):
        in_threads(3, lambda: transport.send(BODY))
    transport.close()
    assert len({request.peer for request in far_end.requests}) == 3


def test_several_threads_share_one_client(far_end, to_far_end, monkeypatch):
    made = []
    connected = sqs._connected
    monkeypatch.setattr(sqs, "_connected", lambda *args: made.append(1) or connected(*args))
    transport = to_far_end()
    in_threads(8, lambda: transport.send(BODY))
    assert made == [1]
    assert len(far_end.requests) == 8


def test_after_a_fork_it_leaves_its_connections_to_the_parent_and_makes_its_own(far_end, to_far_end):
    transport = to_far_end()
    far_end.json = aws_error(403, "AccessDenied")
    transport.send(BODY)
    parents = transport._line.http
    transport.forked()
    transport.send(BODY)
    parents.close()
    assert len({request.peer for request in far_end.requests}) == 2
    assert protocols(far_end) == ["json", "query", "query"]  # what was found out is no less true in the child


@pytest.mark.parametrize("protocol", ["json", "query"])
@pytest.mark.parametrize("bypassed", [False, True])
def test_a_proxy_of_the_environment_is_used_unless_bypassed(far_end, monkeypatch, protocol, bypassed):
    monkeypatch.setenv("HTTP_PROXY", far_end.url)
    monkeypatch.setenv("NO_PROXY", "sqs.test" if bypassed else "")
    transport = SQSTransport(Credentials.parse(KEY, SECRET), "http://sqs.test:1", protocol=protocol)
    if bypassed:
        with pytest.raises(DeliveryError, match=r"sqs\.test:1 could not be reached"):
            transport.send(BODY)
        assert far_end.requests == []
    else:
        transport.send(BODY)
        assert far_end.requests[0].line.startswith("POST http://sqs.test:1/")
    transport.close()


def test_certificates_are_checked_by_the_bundle_of_the_environment(monkeypatch, tmp_path):
    def verified() -> object:
        transport = SQSTransport(Credentials.parse(KEY, SECRET), "https://127.0.0.1:1")
        transport.prepare()
        verify = transport._line.http._verify
        transport.close()
        return verify

    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    assert verified() is True
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", os.devnull)
    assert verified() == os.devnull
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path))
    assert verified() == str(tmp_path)


@pytest.mark.parametrize("protocol", ["json", "query"])
@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ({}, "without a MessageId"),
        ({"MessageId": "", "MD5OfMessageBody": MD5}, "without a MessageId"),
        ({"MessageId": "m"}, "MD5OfMessageBody is not that of what was sent"),
        ({"MessageId": "m", "MD5OfMessageBody": hashlib.md5(b"cut").hexdigest()}, "MD5OfMessageBody is not that"),
    ],
)
def test_a_reply_that_does_not_confirm_the_message_is_no_delivery(far_end, protocol, reply, said):
    inner = "".join(f"<{name}>{text}</{name}>" for name, text in reply.items())
    far_end.json = page(200, json.dumps(reply).encode())
    far_end.query = page(
        200, f"<SendMessageResponse><SendMessageResult>{inner}</SendMessageResult></SendMessageResponse>".encode()
    )
    assert said in str(refusal_of(far_end.url, protocol))


def test_a_queue_that_does_not_exist_is_said_to_be_the_credentials_fault(moto_url, queue):
    error = refusal_of(moto_url)
    assert "there is no such queue; check that apikey and apisecret belong together" in str(error)
    assert moto_url.removeprefix("http://") in str(error)
    assert not error.retryable


@pytest.mark.parametrize("protocol", ["json", "query"])
@pytest.mark.parametrize(
    ("status_and_code", "said", "retryable"),
    [
        ((403, "AccessDenied"), "AccessDenied (HTTP 403); check that apikey and apisecret belong together", False),
        ((400, "SomethingNew"), "SomethingNew (HTTP 400); see the error code", False),
        ((503, "ServiceUnavailable"), "write them again later", True),
        ((403, "RequestThrottled"), "write them again later", True),
        ((500, "Whatever"), "Whatever (HTTP 500); nothing is wrong with the records", True),
    ],
)
def test_a_refusal_is_told_with_code_and_advice(far_end, protocol, status_and_code, said, retryable):
    far_end.json = far_end.query = aws_error(*status_and_code)
    error = refusal_of(far_end.url, protocol)
    assert said in str(error)
    assert error.retryable is retryable
    assert protocols(far_end) == [protocol]  # once: to try again is not its business


WANTS_A_SIGNATURE = [
    aws_error(403, "MissingAuthenticationTokenException"),
    aws_error(403, "AccessDenied"),
    aws_error(400, "IncompleteSignature"),
    aws_error(403, "SomethingNew"),
    aws_error(404, "UnknownOperationException"),
    page(401),
    page(403, b""),
    page(403, b'{"message":"Missing Authentication Token"}'),
    page(404),
    page(405, b"<?xml version='1.0'?><Error><Code>MethodNotAllowed</Code></Error>"),
    page(400, b"<ErrorResponse><Error><Code>MissingAction</Code></Error></ErrorResponse>"),
    page(400, b"<ErrorResponse><Error><Code>NonExistentQueue</Code></Error></ErrorResponse>"),
]

# Whatever this is, it says nothing about the protocol.
SAYS_NOTHING = [
    page(200),
    page(200, b""),
    page(200, b"{}"),
    page(302),
    page(307),
    page(500),
    page(503, b"busy"),
    page(511),
    aws_error(403, "RequestThrottled"),
    aws_error(400, "ThrottlingException"),
    aws_error(503, "ServiceUnavailable"),
    page(403, b"<ErrorResponse><Error><Code>RequestThrottled</Code></Error></ErrorResponse>"),
    lambda _: None,
]


@pytest.mark.parametrize("refused", WANTS_A_SIGNATURE)
def test_what_json_is_refused_for_want_of_a_signature_goes_by_query_from_then_on(far_end, to_far_end, refused):
    far_end.json = refused
    transport = to_far_end()
    assert [transport.send(BODY) for _ in range(3)] == ["by-query"] * 3
    assert protocols(far_end) == ["json", "query", "query", "query"]
    assert {request.message() for request in far_end.requests} == {BODY}


@pytest.mark.parametrize("refused", WANTS_A_SIGNATURE)
def test_once_json_has_worked_query_is_not_tried(far_end, to_far_end, refused):
    transport = to_far_end()
    transport.send(BODY)
    far_end.json = refused
    with pytest.raises(DeliveryError):
        transport.send(BODY)
    assert protocols(far_end) == ["json", "json"]


@pytest.mark.parametrize("refused", WANTS_A_SIGNATURE)
@pytest.mark.parametrize("protocol", ["json", "query"])
def test_a_protocol_that_is_asked_for_is_the_only_one(far_end, protocol, refused):
    far_end.json = far_end.query = refused
    refusal_of(far_end.url, protocol)
    assert protocols(far_end) == [protocol]


@pytest.mark.parametrize(
    "other",
    [aws_error(400, "QueueDoesNotExist"), aws_error(400, "InvalidMessageContents"), page(407), page(413)],
)
def test_other_refusals_are_not_a_matter_of_the_protocol(far_end, other):
    far_end.json = other
    assert not refusal_of(far_end.url).retryable
    assert protocols(far_end) == ["json"]


@pytest.mark.parametrize("nothing", SAYS_NOTHING)
def test_what_says_nothing_about_the_protocol_costs_one_attempt_and_settles_nothing(far_end, to_far_end, nothing):
    far_end.json = nothing
    transport = to_far_end()
    for _ in range(3):
        with pytest.raises(DeliveryError) as caught:
            transport.send(BODY)
        assert caught.value.retryable
    assert protocols(far_end) == ["json"] * 3
    far_end.json = aws_error(403, "AccessDenied")
    assert transport.send(BODY) == "by-query"


@pytest.mark.parametrize("nothing", SAYS_NOTHING)
def test_nor_does_it_settle_anything_when_it_comes_by_query(far_end, to_far_end, nothing):
    far_end.json = aws_error(403, "AccessDenied")
    far_end.query = nothing
    transport = to_far_end()
    with pytest.raises(DeliveryError) as caught:
        transport.send(BODY)
    assert caught.value.retryable
    assert protocols(far_end) == ["json", "query"]
    far_end.json = taken
    assert [transport.send(BODY) for _ in range(2)] == ["by-json"] * 2


def test_where_neither_protocol_is_let_in_both_reasons_are_told(far_end, to_far_end):
    far_end.json = aws_error(403, "MissingAuthenticationTokenException")
    far_end.query = aws_error(403, "AccessDenied")
    error = refusal_of(far_end.url)
    assert str(error) == (
        f"{far_end.url.removeprefix('http://')} took the message in none of its protocols. In AWS JSON it refused the "
        "message: MissingAuthenticationTokenException (HTTP 403); check that apikey and apisecret belong together and are "
        'still valid (it said: "no"). In Query it refused the message: AccessDenied (HTTP 403); check that apikey and '
        'apisecret belong together and are still valid (it said: "no")'
    )
    assert not error.retryable
    assert protocols(far_end) == ["json", "query"]


def test_until_something_has_worked_both_are_tried_again(far_end, to_far_end):
    far_end.json = page(403)
    far_end.query = aws_error(403, "RequestThrottled")
    transport = to_far_end()
    with pytest.raises(DeliveryError, match="RequestThrottled") as caught:
        transport.send(BODY)
    assert caught.value.retryable
    assert protocols(far_end) == ["json", "query"]
    far_end.query = taken
    assert transport.send(BODY) == "by-query"
    assert protocols(far_end)[2:] == ["json", "query"]


def test_a_captive_portal_is_never_a_success_and_may_go_away(far_end, to_far_end):
    far_end.json = far_end.query = page(200)
    error = refusal_of(far_end.url)
    assert "check that the network asks for no login" in str(error)
    assert error.retryable


def test_a_redirection_is_not_followed(far_end):
    far_end.json = far_end.query = page(307)
    assert refusal_of(far_end.url).retryable
    assert not any("/login" in request.line for request in far_end.requests)


def test_many_senders_agree_on_one_protocol(far_end, to_far_end):
    far_end.json = aws_error(403, "AccessDenied")
    transport = to_far_end()
    start = threading.Barrier(8)
    receipts = []

    def sender():
        start.wait()
        receipts.extend([transport.send(BODY) for _ in range(10)])

    in_threads(8, sender)
    assert receipts == ["by-query"] * 80
    assert protocols(far_end).count("json") <= 8


def test_a_sender_whose_attempt_is_late_takes_what_others_found_meanwhile(far_end, to_far_end):
    transport = to_far_end()

    def while_json_is_asked(request):
        far_end.json = taken
        transport.send(BODY)  # another thread's, which works: from now on it is JSON
        return aws_error(403, "AccessDenied")(request)

    far_end.json = while_json_is_asked
    with pytest.raises(DeliveryError, match="AccessDenied"):
        transport.send(BODY)
    assert protocols(far_end) == ["json", "json"]


def test_the_first_protocol_that_worked_stays_whatever_a_late_sender_finds(far_end, to_far_end):
    transport = to_far_end()

    def while_json_is_asked(request):
        far_end.json = aws_error(403, "AccessDenied")
        transport.send(BODY)
        return taken(request)

    far_end.json = while_json_is_asked
    assert transport.send(BODY) == "by-json"
    far_end.json = taken
    assert transport.send(BODY) == "by-query"


@pytest.mark.parametrize("protocol", ["json", "query", "auto"])
@pytest.mark.parametrize("secret", [*TELLING, "rand%2Dtwo", base64.b64encode(b"rand-one").decode()])
def test_a_far_end_that_repeats_the_secret_does_not_get_it_into_a_traceback(far_end, protocol, secret):
    far_end.json = far_end.query = aws_error(403, "AccessDenied", f"who is {secret}?")
    assert "who is" not in str(refusal_of(far_end.url, protocol))
    far_end.json = far_end.query = aws_error(403, f"No{secret}")
    refusal_of(far_end.url, protocol)


@pytest.mark.parametrize("protocol", ["json", "query", "auto"])
@pytest.mark.parametrize("answer", [lambda _: None, page(200), aws_error(400, "SomethingNew"), taken])
def test_no_logger_tells_the_secret(far_end, to_far_end, caplog, protocol, answer):
    far_end.json = far_end.query = answer
    with caplog.at_level(logging.DEBUG):
        transport = to_far_end(protocol)
        with contextlib.suppress(DeliveryError):
            transport.send(BODY)
    assert caplog.records  # of botocore's and urllib3's
    for record in caplog.records:
        shown = logging.Formatter().format(record)
        # As the documentation admits, the path is told, and in Query the queue's name is in it.
        admitted = {"rand-two"} if protocol != "json" and record.name.startswith(("urllib3.", "botocore.")) else set()
        assert not any(secret in shown for secret in set(TELLING) - admitted)
        assert not record.name.startswith("panoply")


@pytest.mark.parametrize("protocol", ["json", "query"])
def test_a_connection_that_is_reset_leaves_open_whether_the_message_arrived(far_end, protocol):
    far_end.json = far_end.query = lambda _: None
    error = refusal_of(far_end.url, protocol)
    assert error.retryable
    assert "closed the connection without an answer: the message may or may not have arrived" in str(error)


@pytest.mark.parametrize("protocol", ["json", "query", "auto"])
def test_a_far_end_that_is_down_is_told_by_its_host(protocol):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    error = refusal_of(f"http://127.0.0.1:{port}", protocol)
    assert f"127.0.0.1:{port} could not be reached: check the network" in str(error)
    assert error.retryable
    assert any(isinstance(link, ConnectionRefusedError) for link in behind(error))


@pytest.mark.parametrize("protocol", ["json", "query", "auto"])
def test_a_far_end_whose_name_is_not_known_may_be_known_later(protocol):
    error = refusal_of("http://nowhere.invalid", protocol)
    assert "nowhere.invalid could not be reached" in str(error)
    assert error.retryable


@pytest.mark.parametrize("protocol", ["json", "query", "auto"])
def test_a_far_end_that_does_not_answer_is_told_in_time(monkeypatch, protocol):
    monkeypatch.setattr(sqs, "_READ_TIMEOUT", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        error = refusal_of(f"http://127.0.0.1:{mute.getsockname()[1]}", protocol)
    assert "did not answer in time: the message may or may not have arrived" in str(error)
    assert error.retryable


def test_a_far_end_that_talks_no_tls_is_not_trusted(far_end):
    error = refusal_of(far_end.url.replace("http", "https"))
    assert "could not be trusted" in str(error)


def test_an_aws_profile_that_there_is_not_will_not_be_there_next_time(monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "does-not-exist")
    error = refusal_of("http://127.0.0.1:1")
    assert "botocore raised ProfileNotFound (The config profile (does-not-exist) could not be found)" in str(error)
    assert "check the AWS settings" in str(error)
    assert not error.retryable


@pytest.mark.parametrize("name", ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"])
def test_an_aws_file_that_cannot_be_read_is_named_and_nothing_in_it_shown(far_end, monkeypatch, tmp_path, name):
    file = tmp_path / "broken"
    file.write_text("aws_secret_access_key = hunter2\n")
    monkeypatch.setenv(name, str(file))
    error = refusal_of(far_end.url)
    assert f"botocore raised ConfigParseError (Unable to parse config file: {file}); check the AWS" in str(error)
    assert not error.retryable
    assert not any("hunter2" in repr(link) + str(link) for link in behind(error))
    assert far_end.requests == []


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"])
def test_certificates_that_cannot_be_read_will_not_be_readable_next_time(far_end, monkeypatch, tmp_path, content):
    bundle = tmp_path / "bundle.pem"
    if content is not None:
        bundle.write_bytes(content)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
    error = refusal_of(far_end.url.replace("http", "https"))
    assert "check AWS_CA_BUNDLE" in str(error)
    assert not error.retryable


def test_a_proxy_whose_url_is_none_is_a_wrong_setting(far_end, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://user:hunter2@host:port")
    error = refusal_of(far_end.url)
    assert "check the URLs in HTTP_PROXY" in str(error)
    assert not error.retryable
    assert "hunter2" not in "".join(traceback.format_exception(error))


def test_a_proxy_that_is_down_may_come_up(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://user:hunter2@127.0.0.1:1")
    error = refusal_of("http://sqs.test")
    assert "could not be reached through the proxy" in str(error)
    assert error.retryable
    assert "hunter2" not in "".join(traceback.format_exception(error))


@pytest.mark.parametrize("protocol", ["json", "query"])
@pytest.mark.parametrize("answer", [taken, aws_error(400, "QueueDoesNotExist"), aws_error(403, "AccessDenied")])
def test_an_answer_that_was_cut_is_a_lost_one_whatever_it_began_to_say(far_end, protocol, answer):
    far_end.json = far_end.query = answer
    far_end.answer_at_most, far_end.hangs_up = 30, True
    error = refusal_of(far_end.url, protocol)
    assert "cut its answer short: the message may or may not have arrived" in str(error)
    assert error.retryable


def test_an_answer_that_was_cut_says_nothing_about_the_protocol(far_end):
    far_end.json = aws_error(403, "AccessDenied")
    far_end.answer_at_most, far_end.hangs_up = 30, True
    refusal_of(far_end.url)
    assert protocols(far_end) == ["json"]


# What mocks AWS in the process, by way of botocore's events.

# moto reads the region in a request's signature; one that has none is for this region.
SECRET_OF_MOTO = base64.b64encode(b"rand-two/2f1a7c1e-uuid/123456789012/us-east-1").decode()


@pytest.fixture
def moto_queue():
    """A queue that is nowhere but in this process; returns the messages in it."""
    with mock_aws():
        client = boto3.client("sqs", region_name="us-east-1")
        url = client.create_queue(QueueName="sdk-acme-rand-two")["QueueUrl"]
        yield lambda: client.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
        client.close()


@pytest.fixture
def hooked(monkeypatch):
    """Registers a handler of botocore's, as moto and others do: for all clients that are made from then on."""

    def hook(event: str, handler: Callable[..., object]) -> None:
        monkeypatch.setattr(botocore.handlers, "BUILTIN_HANDLERS", [*BUILTIN_HANDLERS, (event, handler)])

    return hook


@pytest.mark.parametrize("protocol", ["json", "query", "auto"])
def test_moto_takes_the_messages_in_the_process_itself(moto_queue, protocol):
    transport = SQSTransport(Credentials.parse(KEY, SECRET_OF_MOTO), protocol=protocol)
    receipt = transport.send(BODY)
    transport.close()
    [message] = moto_queue()
    assert (message["MessageId"], message["Body"].encode()) == (receipt, BODY)
    assert message["MessageAttributes"]["secret"]["StringValue"] == SECRET_OF_MOTO


def test_records_arrive_in_the_queue_that_moto_keeps_in_the_process(moto_queue):
    with SDK(KEY, SECRET_OF_MOTO) as conn:
        conn.write("t", {"a": 1})
    [message] = moto_queue()
    assert json.loads(message["Body"]) == {"__table": "t", "a": 1}


def test_who_hears_of_a_request_before_it_goes_may_answer_it(far_end, to_far_end, hooked):
    heard = []

    def answer(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        heard.append(request)
        reply = json.dumps({"MessageId": "from-here", "MD5OfMessageBody": MD5}).encode()
        return AWSResponse(request.url, 200, {}, MockRawResponse(reply))

    hooked("before-send.sqs.SendMessage", answer)
    assert to_far_end("json").send(BODY) == "from-here"
    [request] = heard
    assert (request.method, request.url) == ("POST", far_end.url + "/")
    assert request.headers["x-amz-target"] == "AmazonSQS.SendMessage"
    assert json.loads(request.body)["MessageBody"] == BODY.decode()
    assert far_end.requests == []


def test_who_hears_of_a_request_before_it_goes_may_change_it(far_end, to_far_end, hooked):
    def add(request: AWSPreparedRequest, **_: object) -> None:
        request.headers["X-Seen"] = "yes"

    hooked("before-send", add)
    assert to_far_end("query").send(BODY) == "by-query"
    [request] = far_end.requests
    assert request.headers["X-Seen"] == "yes"


@pytest.mark.parametrize(
    ("raised", "retryable"), [(ConnectionResetError, True), (TimeoutError, True), (KeyError, False)]
)
def test_who_hears_of_a_request_before_it_goes_may_play_a_broken_network(hooked, raised, retryable):
    def fail(**_: object) -> None:
        raise raised

    hooked("before-send.sqs", fail)
    error = refusal_of("http://127.0.0.1:1")
    assert raised.__name__ in str(error)
    assert error.retryable is retryable


@pytest.mark.parametrize("url", ["", "sqs.example", "ftp://x", "http://", "https://user:password@host"])
def test_an_endpoint_that_is_no_url_is_refused_at_once(url):
    with pytest.raises(ValueError, match="endpoint_url") as caught:
        SQSTransport(Credentials.parse(KEY, SECRET), url)
    assert "password@" not in str(caught.value)


def test_an_endpoint_that_is_no_text_is_refused_at_once():
    with pytest.raises(TypeError, match="not bytes"):
        SQSTransport(Credentials.parse(KEY, SECRET), b"http://x")


@pytest.mark.parametrize(
    ("protocol", "kind"), [("JSON", ValueError), ("", ValueError), (None, TypeError), (1, TypeError)]
)
def test_a_protocol_that_there_is_not_is_refused_at_once(protocol, kind):
    with pytest.raises(kind, match="protocol has to be"):
        SQSTransport(Credentials.parse(KEY, SECRET), protocol=protocol)
