"""Both protocols of SQS are read by code of the fake's own, whatever a sender makes of them."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from panoply_testing._sqs_wire import Refusal, call_of, message_of, reply, told

FORM = "application/x-www-form-urlencoded"


def read(content, protocol="json", path="/"):
    return message_of(protocol, path=path, query="", content=content)


def test_the_header_names_the_action_of_json_and_the_form_that_of_query():
    json_call = call_of(target="AmazonSQS.SendMessage", content_type="", query="", content=b"{}")
    assert (json_call.protocol, json_call.action) == ("json", "SendMessage")
    form = urlencode({"Action": "SendMessage", "MessageBody": "Action=DeleteQueue&"}).encode()
    for content_type in (FORM, f"{FORM}; charset=utf-8"):
        query_call = call_of(target="", content_type=content_type, query="", content=form)
        assert (query_call.protocol, query_call.action) == ("query", "SendMessage")
    assert call_of(target="", content_type="", query="Action=ListQueues", content=b"").action == "ListQueues"


@pytest.mark.parametrize(("target", "content_type"), [("", ""), ("DynamoDB_20120810.GetItem", FORM), ("", "text/html")])
def test_what_is_in_neither_protocol_is_left_alone(target, content_type):
    assert call_of(target=target, content_type=content_type, query="", content=b"Action") is None


def test_a_message_reads_the_same_in_both_protocols():
    body = '{"a": "é +&=\u2028\U0001f600"}\n'
    url = "https://sqs.us-east-1.amazonaws.com/1/n"
    sent = {
        "QueueUrl": url,
        "MessageBody": body,
        "MessageAttributes": {
            "key": {"DataType": "String", "StringValue": "a+b c"},
            "b": {"DataType": "Binary.x", "BinaryValue": "AAE=", "StringListValues": []},
        },
    }
    form = {
        "Action": "SendMessage",
        "QueueUrl": url,
        "MessageAttribute.2.Name": "b",
        "MessageAttribute.2.Value.DataType": "Binary.x",
        "MessageAttribute.2.Value.BinaryValue": "AAE=",
        "MessageAttribute.1.Name": "key",
        "MessageAttribute.1.Value.DataType": "String",
        "MessageAttribute.1.Value.StringValue": "a+b c",
        "MessageBody": body,
    }
    by_json, by_query = read(json.dumps(sent).encode()), read(urlencode(form).encode(), "query")
    assert by_json == by_query
    assert by_json.body == body
    assert [(each.name, each.type, each.value) for each in by_json.attributes] == [
        ("key", "String", "a+b c"),
        ("b", "Binary.x", "AAE="),
    ]
    assert "a+b" not in repr(by_json)


def test_a_form_without_a_queue_url_is_for_the_queue_of_its_path():
    assert read(b"MessageBody=x", "query", path="/1/name").queue_url == "/1/name"


def test_an_attribute_that_is_called_as_sqs_does_not_is_one_without_a_name():
    (attribute,) = read(b"MessageBody=x&MessageAttributes.1.key=a&MessageAttributes.1.value=b", "query").attributes
    assert attribute.name == ""


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"\xff",
        b"[" * 100_000,
        b'{"MessageBody": 1}',
        b'{"MessageAttributes": [1]}',
        b'{"MessageAttributes": {"a": 1}}',
        b'{"MessageAttributes": {"a": {"StringValue": 1}}}',
    ],
)
def test_what_is_not_json_as_sqs_wants_it_is_refused(content):
    found = read(content)
    assert isinstance(found, Refusal)
    assert (found.status, found.code) == (400, "SerializationException")


@pytest.mark.parametrize("content", [b"MessageBody=%ff", b"MessageBody=\xc3\xa9"])
def test_a_form_that_is_not_utf_8_in_percent_signs_is_refused(content):
    assert read(content, "query").code == "MalformedQueryString"


def test_a_missing_body_is_told_from_an_empty_one():
    assert read(b"{}").body is None
    assert read(b'{"MessageBody": ""}').body == ""
    assert read(b"MessageBody=", "query").body == ""


@pytest.mark.parametrize(
    ("code", "type_", "query_code"),
    [
        ("QueueDoesNotExist", "com.amazonaws.sqs#QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"),
        (
            "InvalidParameterValue",
            "com.amazon.coral.service#InvalidParameterValueException",
            "InvalidParameterValue",
        ),
        ("RequestThrottled", "com.amazonaws.sqs#RequestThrottled", "RequestThrottled"),
    ],
)
def test_a_refusal_is_worded_in_the_protocol_of_the_request(code, type_, query_code):
    refusal = Refusal(status=400, code=code, message="<no> & nothing")
    headers, content = reply(refusal, "json", "r-1")
    assert json.loads(content) == {"__type": type_, "message": "<no> & nothing"}
    assert dict(headers)["x-amzn-query-error"] == f"{query_code};Sender"
    headers, content = reply(refusal, "query", "r-1")
    assert dict(headers)["Content-Type"] == "text/xml"
    assert (
        f"<Type>Sender</Type><Code>{query_code}</Code><Message>&lt;no&gt; &amp; nothing</Message>" in content.decode()
    )
    assert told("query", "Code", content) == query_code


def test_a_fault_of_the_service_is_not_called_the_senders():
    refusal = Refusal(status=500, code="InternalError", message="")
    assert dict(reply(refusal, "json", "r")[0])["x-amzn-query-error"] == "InternalError;Receiver"
    assert b"<Type>Receiver</Type>" in reply(refusal, "query", "r")[1]


@pytest.mark.parametrize(("protocol", "content"), [("json", b"<html>"), ("json", b"[]"), ("query", b"<html>")])
def test_what_an_answer_does_not_tell_is_empty(protocol, content):
    assert told(protocol, "MessageId", content) == ""
