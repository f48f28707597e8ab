"""The two protocols as text: what is asked, and what an answer means. What the network does to them is in test_sqs."""

from __future__ import annotations

import base64
import hashlib
import json
import string
import threading
from urllib.parse import parse_qs, unquote_to_bytes

import boto3
import botocore
import pytest
from botocore.config import Config
from hypothesis import given
from hypothesis import strategies as st
from moto.server import create_backend_app
from werkzeug.serving import make_server

from panoply._sqs_json import JSON
from panoply._sqs_query import QUERY
from panoply._sqs_refusal import judged, unreached
from panoply._sqs_xml import texts_in
from panoply.credentials import Credentials
from panoply.sqs import SQSTransport, body_limit

QUEUE = "https://sqs.eu-west-3.amazonaws.com/123456789012/sdk-acme-rand-two"
BODY = '{"__table":"t","a":"é"}\n'.encode()
MD5 = hashlib.md5(BODY).hexdigest()


def form_of(content: bytes) -> dict[str, str]:
    fields = parse_qs(content.decode("ascii"), strict_parsing=True, keep_blank_values=True)
    assert all(len(values) == 1 for values in fields.values())
    return {name: value for name, [value] in fields.items()}


def test_query_is_a_form_in_ascii_to_the_last_byte():
    assert QUERY.encode(QUEUE, "a=+ %&\né".encode(), {"key": "a/b", "secret": "x+y=="}) == (
        b"Action=SendMessage&Version=2012-11-05&MessageBody=a%3D%2B%20%25%26%0A%C3%A9"
        b"&MessageAttribute.1.Name=key&MessageAttribute.1.Value.DataType=String&MessageAttribute.1.Value.StringValue=a%2Fb"
        b"&MessageAttribute.2.Name=secret&MessageAttribute.2.Value.DataType=String"
        b"&MessageAttribute.2.Value.StringValue=x%2By%3D%3D"
    )
    assert QUERY.path(QUEUE) == "/123456789012/sdk-acme-rand-two"
    assert QUERY.headers == {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}


TEXT = st.text(st.characters(exclude_categories=["Cs"]))
# Of letters that mean something in one of the protocols, more often than chance would have it.
ODD_TEXT = st.text(st.sampled_from("+&=%/?#;\"'\\<>{} \n\té\u2028🎈aA0")) | TEXT


@given(ODD_TEXT, ODD_TEXT, ODD_TEXT)
def test_whatever_is_put_into_the_form_comes_out_of_it(body, key, secret):
    form = form_of(QUERY.encode(QUEUE, body.encode(), {"key": key, "secret": secret}))
    assert form["MessageBody"] == body
    assert form["MessageAttribute.1.Value.StringValue"] == key
    assert form["MessageAttribute.2.Value.StringValue"] == secret


@given(ODD_TEXT, ODD_TEXT, ODD_TEXT)
def test_whatever_is_put_into_the_json_comes_out_of_it(body, key, secret):
    asked = json.loads(JSON.encode(QUEUE, body.encode(), {"key": key, "secret": secret}))
    assert asked == {
        "QueueUrl": QUEUE,
        "MessageBody": body,
        "MessageAttributes": {
            "key": {"DataType": "String", "StringValue": key},
            "secret": {"DataType": "String", "StringValue": secret},
        },
    }


@pytest.mark.parametrize(
    "alphabet", [range(256), range(32, 127), b"%", b"%2B+"], ids=["all", "ascii", "percent", "few"]
)
def test_many_different_bytes_are_escaped_as_few_are(alphabet):
    body = bytes(alphabet) * 2
    field = QUERY.encode(QUEUE, body, {}).partition(b"MessageBody=")[2]
    assert not field.translate(None, string.ascii_letters.encode() + b"0123456789-._~%")
    assert unquote_to_bytes(field) == body


def test_json_is_what_boto3_sends():
    sent = {}

    def keep(request, **_):
        sent.update(request.headers, body=request.body, url=request.url)
        raise KeyboardInterrupt

    client = boto3.client(
        "sqs",
        region_name="eu-west-3",
        endpoint_url="http://x/prefix",
        config=Config(signature_version=botocore.UNSIGNED),
    )
    client.meta.events.register("before-send.sqs.SendMessage", keep)
    with pytest.raises(KeyboardInterrupt):
        client.send_message(
            QueueUrl=QUEUE,
            MessageBody=BODY.decode(),
            MessageAttributes={"secret": {"DataType": "String", "StringValue": "x+y"}},
        )
    client.close()
    assert sent["url"] == "http://x/prefix" + JSON.path(QUEUE)
    assert json.loads(JSON.encode(QUEUE, BODY, {"secret": "x+y"})) == json.loads(sent["body"])
    for name, value in JSON.headers.items():
        assert {key.lower(): text for key, text in sent.items()}[name.lower()] in {value, value.encode()}


TAKEN_QUERY = (
    '<?xml version="1.0"?><SendMessageResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><SendMessageResult>'
    "<MD5OfMessageBody>{md5}</MD5OfMessageBody><MessageId>{receipt}</MessageId></SendMessageResult>"
    "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></SendMessageResponse>"
)
FAILED_QUERY = (
    '<?xml version="1.0"?><ErrorResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><Error><Type>Sender</Type>'
    "<Code>{code}</Code><Message>{message}</Message><Detail/></Error><RequestId>r</RequestId></ErrorResponse>"
)


def taken(wire, receipt="m", md5=MD5) -> bytes:
    if wire is JSON:
        return json.dumps({"MessageId": receipt, "MD5OfMessageBody": md5}).encode()
    return TAKEN_QUERY.format(md5=md5, receipt=receipt).encode()


def failed(wire, code, message="no") -> bytes:
    if wire is JSON:
        return json.dumps({"__type": f"com.amazonaws.sqs#{code}", "message": message}).encode()
    return FAILED_QUERY.format(code=code, message=message).encode()


def outcome(wire, status, content, tells=lambda _: False):
    return judged(wire.decode(status, content), BODY, tells)


# Whether to try again, and whether to try the other protocol.
LATER, NO, OTHER = (True, False), (False, False), (False, True)

both = pytest.mark.parametrize("wire", [JSON, QUERY], ids=lambda wire: wire.name)


@both
def test_a_reply_with_id_and_md5_proves_that_the_message_is_in_the_queue(wire):
    assert outcome(wire, 200, taken(wire)) is None
    assert wire.decode(200, taken(wire)).receipt == "m"


@both
@pytest.mark.parametrize("status", [100, 302, 400, 500])
def test_no_other_status_does(wire, status):
    assert outcome(wire, status, taken(wire)) is not None


@both
@pytest.mark.parametrize("md5", ["", hashlib.md5(b"cut").hexdigest(), MD5.upper()])
def test_a_reply_with_another_md5_does_not(wire, md5):
    refusal = outcome(wire, 200, taken(wire, md5=md5))
    assert "MD5OfMessageBody is not that of what was sent" in refusal.reason
    assert (refusal.retryable, refusal.elsewhere) == (True, False)


@both
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b'{"MessageId":5}',
        b"<html><body>Log in</body></html>",
        b"<html><p>Log in",
        b"\xff\xfe<",
        taken(JSON, receipt=""),
        taken(QUERY, receipt=""),
        taken(QUERY)[:-40],
        b"<MessageId>m</MessageId>",
        b"<a>" * 100_000,
        taken(QUERY).replace(b"m</", b"m" * 70_000 + b"</"),
        b'{"MessageId":"m"}' + b" " * 70_000,
        b"[" * 60_000,
        b'<?xml version="1.0" encoding="rot13"?><a/>',
    ],
    ids=range(17),
)
def test_what_is_not_sqs_may_pass_but_not_by_asking_in_another_protocol(wire, content):
    refusal = outcome(wire, 200, content)
    assert "answered without a MessageId (HTTP 200)" in refusal.reason
    assert (refusal.retryable, refusal.elsewhere) == LATER


def test_each_protocol_believes_only_its_own_success():
    assert outcome(JSON, 200, taken(QUERY)) is not None
    assert outcome(QUERY, 200, taken(JSON)) is not None


@pytest.mark.parametrize(
    "inside",
    [
        '<!DOCTYPE a [<!ENTITY m "m">]>',
        '<!DOCTYPE a [<!ENTITY m SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/">',
    ],
)
def test_a_document_that_declares_entities_is_not_read(inside):
    assert texts_in(taken(QUERY).replace(b"<Send", inside.encode() + b"<Send", 1)) == {}
    assert texts_in(taken(QUERY)) != {}


@given(st.binary() | st.text(alphabet="<>/!&;ab\"'[]{}: ").map(str.encode), st.integers(100, 599))
def test_no_answer_is_too_odd_to_be_read(content, status):
    for wire in (JSON, QUERY):
        assert outcome(wire, status, content) is not None


@both
@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (403, "RequestThrottled", LATER),
        (400, "Throttling", LATER),
        (400, "ThrottlingException", LATER),
        (400, "Throttling.User", LATER),
        (400, "ThrottledException", LATER),
        (400, "TooManyRequestsException", LATER),
        (400, "KMS.ThrottlingException", LATER),
        (403, "OverLimit", LATER),
        (503, "SlowDown", LATER),
        (400, "ServiceUnavailable", LATER),
        (400, "InternalError", LATER),
        (400, "InternalFailure", LATER),
        (400, "RequestTimeout", LATER),
        (400, "RequestTimeoutException", LATER),
        (500, "Whatever", LATER),
        (429, "Whatever", LATER),
        (400, "AWS.SimpleQueueService.NonExistentQueue", NO),
        (500, "AWS.SimpleQueueService.NonExistentQueue", NO),
        (400, "QueueDoesNotExist", NO),
        (400, "InvalidMessageContents", NO),
        (400, "InvalidParameterValue", NO),
        (400, "KmsAccessDenied", NO),
        (400, "SomethingNew", NO),
        (503, "InvalidMessageContents", NO),
        (403, "AccessDenied", OTHER),
        (500, "AccessDenied", OTHER),
        (400, "AccessDeniedException", OTHER),
        (403, "MissingAuthenticationToken", OTHER),
        (403, "MissingAuthenticationTokenException", OTHER),
        (403, "IncompleteSignature", OTHER),
        (403, "IncompleteSignatureException", OTHER),
        (403, "InvalidClientTokenId", OTHER),
        (401, "AuthFailure", OTHER),
        (403, "SignatureDoesNotMatch", OTHER),
        (400, "UnrecognizedClientException", OTHER),
        (400, "InvalidAction", OTHER),
        (404, "UnknownOperationException", OTHER),
        (403, "SomethingNew", OTHER),
        (401, "SomethingNew", OTHER),
    ],
)
def test_the_code_decides_what_can_help(wire, status, code, expected):
    refusal = outcome(wire, status, failed(wire, code))
    assert (refusal.retryable, refusal.elsewhere) == expected
    assert f"refused the message: {code} (HTTP {status}); " in refusal.reason


@both
@pytest.mark.parametrize(
    ("status", "expected"),
    [
        *((status, LATER) for status in (200, 204, 302, 307, 408, 429, 500, 502, 503, 511)),
        *((status, OTHER) for status in (400, 401, 403, 404, 405, 415)),
        *((status, NO) for status in (407, 413)),
    ],
)
@pytest.mark.parametrize("content", [b"", b"<html>no</html>", b'{"message":"Forbidden"}'])
def test_without_a_code_the_status_decides(wire, status, content, expected):
    refusal = outcome(wire, status, content)
    assert (refusal.retryable, refusal.elsewhere) == expected


def test_an_error_in_xml_is_understood_where_json_was_asked_for():
    s3 = b'<?xml version="1.0"?>\n<Error><Code>MethodNotAllowed</Code><Message>The method is not allowed</Message></Error>'
    refusal = outcome(JSON, 405, s3)
    assert "MethodNotAllowed (HTTP 405); check endpoint_url" in refusal.reason
    assert (refusal.retryable, refusal.elsewhere) == OTHER
    # Who does not speak JSON may not have seen which queue was meant.
    assert outcome(JSON, 400, failed(QUERY, "NonExistentQueue")).elsewhere
    throttled = outcome(JSON, 403, failed(QUERY, "RequestThrottled"))
    assert (throttled.retryable, throttled.elsewhere) == LATER
    ec2 = b"<Response><Errors><Error><Code>AuthFailure</Code></Error></Errors></Response>"
    assert "AuthFailure (HTTP 403)" in outcome(JSON, 403, ec2).reason


@both
def test_what_the_far_end_says_is_told_in_one_short_line(wire):
    reason = outcome(wire, 400, failed(wire, "InvalidParameterValue", "Reason:\n must be shorter.")).reason
    assert reason.endswith('(it said: "Reason: must be shorter.")')
    assert len(outcome(wire, 400, failed(wire, "InvalidParameterValue", "long " * 1000)).reason) < 400
    assert "it said" not in outcome(wire, 400, failed(wire, "InvalidParameterValue", "\u202ex")).reason


@both
def test_what_tells_a_secret_is_not_repeated(wire):
    content = failed(wire, "Secret", "its Secret")
    reason = outcome(wire, 403, content, lambda text: "Secret" in text).reason
    assert "an error (HTTP 403)" in reason
    assert "Secret" not in reason
    assert "Secret" not in repr(wire.decode(403, content))
    assert "an error (HTTP 400)" in outcome(wire, 400, failed(wire, "No such code")).reason


def test_the_cause_that_is_shown_is_the_first_that_tells_nothing():
    system = ConnectionRefusedError(111, "refused")
    address = OSError("http://host/queue-SECRET")
    address.__context__ = system
    outer = RuntimeError("outside")
    outer.__cause__ = address
    assert unreached(outer, lambda text: "SECRET" in text).cause is system
    assert unreached(outer, lambda _: False).cause is outer
    assert unreached(outer, lambda _: True).cause is None
    hidden = RuntimeError("outside")
    hidden.__cause__, hidden.__context__ = system, address
    assert unreached(hidden, lambda text: "SECRET" in text).cause is system
    system.__context__ = hidden  # in a circle
    assert unreached(hidden, lambda text: "SECRET" in text).cause is None


# What other people's parsers make of the requests: moto's SQS, which speaks both protocols.


@pytest.fixture(scope="module")
def sqs_url():
    """moto's SQS alone: beside its other services it does not know what an unsigned form is for."""
    server = make_server("127.0.0.1", 0, create_backend_app("sqs"), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


ODD = "+ % & = ; # ? / \\ \" ' < > \t\n é ☃ 🎈 \u2028 %2B &amp; ]]>"


def credentials_with(queue, uuid: str, rand1: str) -> Credentials:
    rand2 = queue.url.rpartition("sdk-acme-")[2]
    secret = base64.b64encode(f"{rand2}/{uuid}/123456789012/us-east-1".encode()).decode()
    return Credentials.parse(f"acme/{rand1}", secret)


@pytest.mark.parametrize("protocol", ["json", "query"])
@pytest.mark.parametrize("body", [ODD, json.dumps({"a": ODD}) + "\n", "\n" * 9 + "x"])
def test_odd_characters_arrive_as_they_are(queue, sqs_url, protocol, body):
    # Of such letters that base64 makes `+`, `/` and `=` of them.
    credentials = credentials_with(queue, uuid="~>~~?~>>~?~~>", rand1="+%&=;#?~%2B")
    assert "+" in credentials.apisecret
    transport = SQSTransport(credentials, sqs_url, protocol=protocol)
    receipt = transport.send(body.encode())
    transport.close()
    [message] = queue.messages()
    assert (message["MessageId"], message["Body"]) == (receipt, body)
    values = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert (values["key"], values["secret"]) == (credentials.apikey, credentials.apisecret)
    assert {value["DataType"] for value in message["MessageAttributes"].values()} == {"String"}


@pytest.mark.parametrize("protocol", ["json", "query"])
@pytest.mark.parametrize("text", ["x", "+", "%", "é", "🎈", "\n"])
@pytest.mark.parametrize("max_message", [256 * 1024, 1024 * 1024])
def test_the_largest_body_arrives_whole(queue, sqs_url, protocol, text, max_message):
    credentials = credentials_with(queue, uuid="uuid-uuid", rand1="rand-one")
    body = text * (body_limit(credentials, max_message) // len(text.encode()))
    transport = SQSTransport(credentials, sqs_url, protocol=protocol)
    transport.send(body.encode())
    transport.close()
    assert queue.messages()[0]["Body"] == body
