from __future__ import annotations

import base64
import hashlib
import json
import socket
import threading
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import botocore.session
import pytest

from panoply.constants import MAXSIZE, VERSION
from panoply.credentials import Credentials
from panoply.errors import CredentialsError, DeliveryError
from panoply.sqs import SQSTransport, Transport, body_limit

BODY = '{"__table":"t","a":"é"}\n'.encode()


def credentials_of(queue) -> Credentials:
    return Credentials.parse(queue.apikey, queue.apisecret)


@pytest.fixture
def transport(queue):
    transport = SQSTransport(credentials_of(queue), queue.endpoint_url)
    yield transport
    transport.close()


@pytest.fixture
def far_end():
    """A server that answers as `answer` says, and keeps what it was sent."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.requests.append((dict(self.headers), body))
            status, reply = server.answer(json.loads(body))
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.requests = []
    server.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


KEY = "acme/rand-one"
SECRET = base64.b64encode(b"rand-two/2f1a7c1e-uuid/123456789012/eu-west-3").decode()
TELLING = ("rand-one", "rand-two", "2f1a7c1e-uuid", SECRET)


def refusal_of(url: str) -> DeliveryError:
    transport = SQSTransport(Credentials.parse(KEY, SECRET), url)
    try:
        with pytest.raises(DeliveryError) as caught:
            transport.send(BODY)
    finally:
        transport.close()
    shown = "".join(traceback.format_exception(caught.value))
    assert not any(secret in shown for secret in TELLING)
    return caught.value


def aws_error(status: int, code: str, message: str = "no"):
    return lambda _: (status, json.dumps({"__type": f"com.amazonaws.sqs#{code}", "message": message}).encode())


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


def test_requests_are_unsigned_and_no_aws_credentials_are_looked_for(far_end, monkeypatch):
    def never(*args, **kwargs):
        raise AssertionError("botocore went looking for credentials")

    monkeypatch.setattr(botocore.session.Session, "get_credentials", never)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "the-programs-own")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the-programs-own")
    far_end.answer = lambda _: (
        200,
        json.dumps({"MessageId": "m", "MD5OfMessageBody": hashlib.md5(BODY).hexdigest()}).encode(),
    )
    transport = SQSTransport(Credentials.parse(KEY, SECRET), far_end.url)
    assert transport.send(BODY) == "m"
    transport.close()
    [(headers, body)] = far_end.requests
    assert "Authorization" not in headers
    assert b"the-programs-own" not in body + repr(headers).encode()


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ({}, "without a MessageId"),
        ({"MessageId": "", "MD5OfMessageBody": hashlib.md5(BODY).hexdigest()}, "without a MessageId"),
        ({"MessageId": "m"}, "MD5OfMessageBody is not that of what was sent"),
        ({"MessageId": "m", "MD5OfMessageBody": hashlib.md5(b"cut").hexdigest()}, "MD5OfMessageBody is not that"),
    ],
)
def test_a_reply_that_does_not_confirm_the_message_is_no_delivery(far_end, reply, said):
    far_end.answer = lambda _: (200, json.dumps(reply).encode())
    assert said in str(refusal_of(far_end.url))


def test_a_queue_that_does_not_exist_is_said_to_be_the_credentials_fault(moto_url, queue):
    error = refusal_of(moto_url)
    assert "there is no such queue; check that apikey and apisecret belong together" in str(error)
    assert moto_url.removeprefix("http://") in str(error)
    assert not error.retryable


@pytest.mark.parametrize(
    ("status", "code", "said", "retryable"),
    [
        (403, "AccessDenied", "AccessDenied (HTTP 403); check that apikey and apisecret belong together", False),
        (400, "SomethingNew", "SomethingNew (HTTP 400); see the error code", False),
        (503, "ServiceUnavailable", "write them again later", True),
        (403, "RequestThrottled", "RequestThrottled (HTTP 403); nothing is wrong with the records", True),
        (500, "Whatever", "Whatever (HTTP 500); nothing is wrong with the records", True),
    ],
)
def test_a_refusal_is_told_with_code_and_advice(far_end, status, code, said, retryable):
    far_end.answer = aws_error(status, code)
    error = refusal_of(far_end.url)
    assert said in str(error)
    assert error.retryable is retryable
    assert error.__cause__ is not None


def test_it_tries_once_as_trying_again_is_not_its_business(far_end):
    far_end.answer = aws_error(503, "ServiceUnavailable")
    assert refusal_of(far_end.url).retryable
    assert len(far_end.requests) == 1


def test_several_threads_share_one_client(transport, monkeypatch):
    made = []
    connected = transport._connected
    monkeypatch.setattr(transport, "_connected", lambda: made.append(1) or connected())
    threads = [threading.Thread(target=transport.send, args=(BODY,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]


def test_after_a_fork_it_leaves_its_connections_to_the_parent_and_makes_its_own(transport, queue):
    transport.send(BODY)
    parents = transport._client
    transport.forked()
    transport.send(BODY)
    assert transport._client is not parents
    parents.close()
    assert len(queue.messages()) == 2


@pytest.mark.parametrize("secret", TELLING)
def test_a_far_end_that_repeats_the_secret_does_not_get_it_into_a_traceback(far_end, secret):
    far_end.answer = aws_error(403, "AccessDenied", f"who is {secret}?")
    assert refusal_of(far_end.url).__cause__ is None
    far_end.answer = aws_error(403, f"No{secret}")
    refusal_of(far_end.url)


def test_an_answer_that_is_not_sqs_is_no_delivery(far_end):
    far_end.answer = lambda _: (200, b"<html>hello</html>")
    error = refusal_of(far_end.url)
    assert "check" in str(error)
    assert "hello" not in str(error)


def test_a_far_end_that_is_down_is_told_by_its_host():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    error = refusal_of(f"http://127.0.0.1:{port}")
    assert f"127.0.0.1:{port} could not be reached: check the network" in str(error)
    assert error.retryable


def test_an_aws_setting_that_boto3_refuses_is_a_delivery_error(monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "does-not-exist")
    error = refusal_of("http://127.0.0.1:1")
    assert "boto3 raised ProfileNotFound" in str(error)


@pytest.mark.parametrize("url", ["", "sqs.example", "ftp://x", "http://", "https://user:password@host"])
def test_an_endpoint_that_is_no_url_is_refused_at_once(url):
    with pytest.raises(ValueError, match="endpoint_url") as caught:
        SQSTransport(Credentials.parse(KEY, SECRET), url)
    assert "password@" not in str(caught.value)


def test_an_endpoint_that_is_no_text_is_refused_at_once():
    with pytest.raises(TypeError, match="not bytes"):
        SQSTransport(Credentials.parse(KEY, SECRET), b"http://x")
