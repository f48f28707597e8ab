"""The fake queue: it takes what SQS takes, fails on demand, and nothing of it disturbs the session it is used in."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
import re
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode, urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

import panoply
from panoply.constants import PKGNAME, VERSION
from panoply_testing.fake_sqs import Duplicate, FakeSQS, Message, serve


@pytest.fixture(scope="module")
def server():
    with serve() as server:
        yield server


@pytest.fixture
def sqs(server):
    with FakeSQS(server) as sqs:
        yield sqs


@pytest.fixture
def client(sqs):
    """A sender that is not the SDK, and tries once."""
    client = boto3.client(
        "sqs",
        endpoint_url=sqs.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
        config=Config(retries={"total_max_attempts": 1}, proxies={}),
    )
    yield client
    client.close()


@pytest.fixture
def send(sqs, client):
    """Send a message past the SDK, in JSON."""
    return lambda body, **more: client.send_message(**{"QueueUrl": sqs.queue_url, "MessageBody": body, **more})


def post(sqs, path, body, headers, timeout=30):
    connection = http.client.HTTPConnection(urlsplit(sqs.endpoint_url).netloc, timeout=timeout)
    try:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()
    finally:
        connection.close()


def query(sqs, body, *attributes, path=None, timeout=30, **more):
    """Send a message past the SDK, in the Query protocol."""
    form = {"Action": "SendMessage", "Version": "2012-11-05", "MessageBody": body, **more}
    for number, (name, kind, value) in enumerate(attributes, 1):
        form[f"MessageAttribute.{number}.Name"] = name
        form[f"MessageAttribute.{number}.Value.DataType"] = kind
        form[f"MessageAttribute.{number}.Value.StringValue"] = value
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return post(sqs, path or urlsplit(sqs.queue_url).path, urlencode(form), headers, timeout)


def sdk_for(sqs):
    return panoply.SDK(sqs.apikey, sqs.apisecret, endpoint_url=sqs.endpoint_url)


def outcomes(sqs):
    return [(attempt.fault, attempt.status, attempt.code, attempt.stored) for attempt in sqs.attempts]


def line(**record):
    return json.dumps({**record, "__table": "t"})


def test_what_an_sdk_writes_arrives_with_the_credentials_it_was_given(sqs):
    with panoply.SDK(sqs.apikey, sqs.apisecret, endpoint_url=sqs.endpoint_url) as sdk:
        sdk.write("users", {"id": 1})
        sdk.write("orders", {"id": 2, "text": "a\u2028b\x85c"})
    (message,) = sqs.messages
    assert message.attributes["key"] == sqs.apikey
    assert message.attributes["secret"] == sqs.apisecret
    assert message.attributes["sdk"] == f"{PKGNAME}-{VERSION}"
    assert sqs.tables == ["users", "orders"]
    assert sqs.records("users") == [{"id": 1, "__table": "users"}]
    assert sqs.records() == [*sqs.records("users"), {"id": 2, "text": "a\u2028b\x85c", "__table": "orders"}]
    assert sqs.records("nothing") == []


def test_a_message_counts_its_attributes_as_the_queue_does():
    message = Message('{"a": "é"}\n', {"key": "k/1"})
    assert message.size == len('{"a": "é"}\n'.encode()) + len("keyStringk/1")
    assert "k/1" not in repr(message)


def test_messages_are_neither_lost_nor_repeated_when_they_are_looked_at_again(sqs, send):
    for number in range(25):
        send(json.dumps({"__table": "t", "id": number}))
    first = sqs.messages
    send(json.dumps({"__table": "t", "id": 25}))
    assert sqs.messages[:25] == first
    assert sorted(record["id"] for record in sqs.records()) == list(range(26))


def test_messages_may_be_looked_at_in_several_threads_while_more_arrive(sqs, send):
    counts = []

    def look():
        counts.append(len(sqs.messages))

    def write(number):
        send(json.dumps({"__table": "t", "id": number}))
        return number in [record["id"] for record in sqs.records()]

    with ThreadPoolExecutor(8) as pool:
        # Whoever looks after having sent a message sees that one at least.
        assert all(pool.map(write, range(40)))
        list(pool.map(lambda _: look(), range(8)))
    assert counts == [40] * 8
    assert sorted(record["id"] for record in sqs.records()) == list(range(40))


def test_each_queue_is_its_own(server):
    with FakeSQS(server) as one, FakeSQS(server) as two:
        assert one.apikey != two.apikey
        with panoply.SDK(one.apikey, one.apisecret, endpoint_url=one.endpoint_url) as sdk:
            sdk.write("users", {"id": 1})
        assert len(one.messages) == 1
        assert two.messages == []


def test_its_repr_asks_nobody_and_shows_no_secret(server):
    with FakeSQS(server) as sqs:
        pass
    assert repr(sqs) == f"<FakeSQS at {server.url}: 0 messages, 0 attempts>"


def test_refused_messages_do_not_arrive_and_the_sdk_sends_them_again(sqs):
    sqs.refuse(2)
    with panoply.SDK(sqs.apikey, sqs.apisecret, endpoint_url=sqs.endpoint_url) as sdk:
        sdk.write("users", {"id": 1})
    assert sqs.records() == [{"id": 1, "__table": "users"}]


def test_a_message_whose_reply_is_lost_has_arrived(sqs):
    sqs.lose_reply()
    with panoply.SDK(sqs.apikey, sqs.apisecret, endpoint_url=sqs.endpoint_url) as sdk:
        sdk.write("users", {"id": 1})
    # Delivery is at least once: the SDK could not know.
    assert len(sqs.messages) == 2


def test_a_queue_that_is_gone_has_no_more_faults(server):
    with FakeSQS(server) as sqs:
        sqs.refuse(5)
    assert not server._queues


# --- both protocols


@pytest.mark.parametrize("path", [None, "/"])
def test_the_query_protocol_is_taken_at_the_queues_path_and_at_the_root(sqs, path):
    body = '{"a": "é +&=", "__table": "t"}\n'
    status, headers, answer = query(sqs, body, ("key", "String", "a b+"), path=path, QueueUrl=sqs.queue_url)
    (message,) = sqs.messages
    assert (status, headers["Content-Type"]) == (200, "text/xml")
    assert f"<MessageId>{message.message_id}</MessageId>" in answer
    assert hashlib.md5(body.encode()).hexdigest() in answer
    assert (message.body, message.attributes, message.protocol) == (body, {"key": "a b+"}, "query")
    assert message.size == len(body.encode()) + len("key" + "String" + "a b+")


def test_a_message_has_the_id_that_its_sender_was_told_and_the_time_at_which_it_was_stored(sqs, send):
    before = time.time()
    receipt = send(line(id=1))["MessageId"]
    after = time.time()
    (message,) = sqs.messages
    assert (message.message_id, message.protocol) == (receipt, "json")
    assert before <= message.arrived_at <= after
    assert sqs.messages == [message]


def test_what_is_looked_at_is_still_there_for_others_who_receive_from_the_queue(sqs, send, client):
    send(line(id=1))
    assert sqs.records() == [{"id": 1, "__table": "t"}]
    (received,) = client.receive_message(QueueUrl=sqs.queue_url)["Messages"]
    assert received["Body"] == line(id=1)


def test_messages_in_batches_are_refused_rather_than_taken_unseen(sqs, client):
    entry = {"Id": "1", "MessageBody": "x"}
    with pytest.raises(ClientError, match="SendMessage alone"):
        client.send_message_batch(QueueUrl=sqs.queue_url, Entries=[entry])


# --- as strict as SQS

BAD = "a\x00b"
STRING = {"DataType": "String", "StringValue": "v"}


@pytest.mark.parametrize(
    ("body", "code"),
    [(BAD, "InvalidMessageContents"), ("\ufffe", "InvalidMessageContents"), ("", "MissingParameter")],
)
def test_a_body_that_sqs_refuses_is_refused_in_both_protocols(sqs, send, body, code):
    with pytest.raises(ClientError) as caught:
        send(body)
    assert caught.value.response["Error"]["Code"] == code
    status, _, answer = query(sqs, body)
    assert status == 400
    assert f"<Code>{code}</Code>" in answer
    assert sqs.messages == []
    assert outcomes(sqs)[0][1:] == outcomes(sqs)[1][1:]
    assert [attempt.protocol for attempt in sqs.attempts] == ["json", "query"]


@pytest.mark.parametrize("limit", [1024, 262_144, 1_048_576])
def test_a_message_may_have_as_many_bytes_as_the_queue_was_given_and_no_more(server, limit):
    used = len("key" + "String" + "v")
    body = "é" * ((limit - used) // 2) + "x" * ((limit - used) % 2)
    with FakeSQS(server, max_message=limit) as sqs:
        assert query(sqs, body, ("key", "String", "v"))[0] == 200
        status, _, answer = query(sqs, body + "x", ("key", "String", "v"))
        assert status == 400
        assert f"Reason: Message must be shorter than {limit} bytes.</Message>" in answer
        assert [message.size for message in sqs.messages] == [limit]


def test_a_queue_has_the_limit_of_panoplys_unless_it_is_given_another(sqs, send, client):
    attributes = client.get_queue_attributes(QueueUrl=sqs.queue_url, AttributeNames=["MaximumMessageSize"])
    assert attributes["Attributes"] == {"MaximumMessageSize": "262144"}
    send("x" * 262_144)
    with pytest.raises(ClientError, match="shorter than 262144 bytes"):
        send("x" * 262_145)


@pytest.mark.parametrize("limit", [1023, 1_048_577])
def test_a_limit_that_no_queue_can_have_is_refused(server, limit):
    with pytest.raises(ValueError, match="max_message is from 1,024 to 1,048,576 bytes"):
        FakeSQS(server, max_message=limit)


@pytest.mark.parametrize(
    "attributes",
    [
        {f"a{number}": STRING for number in range(11)},
        {"a": {"DataType": "String", "StringValue": ""}},
        {"a": {"DataType": "Text", "StringValue": "v"}},
        {"a": {"DataType": "String", "StringValue": BAD}},
        {"a b": STRING},
        {"AWS.a": STRING},
    ],
    ids=["too many", "empty", "type", "characters", "name", "reserved"],
)
def test_attributes_that_sqs_refuses_are_refused_in_both_protocols(sqs, send, attributes):
    with pytest.raises(ClientError) as caught:
        send("x", MessageAttributes=attributes)
    error = caught.value.response
    assert (error["ResponseMetadata"]["HTTPStatusCode"], error["Error"]["Code"]) == (400, "InvalidParameterValue")
    rows = [(name, each["DataType"], each["StringValue"]) for name, each in attributes.items()]
    status, _, answer = query(sqs, "x", *rows)
    assert (status, re.search("<Code>(.*)</Code>", answer)[1]) == (400, "InvalidParameterValue")
    assert sqs.messages == []


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("{root}/123456789012/sdk-fake-other", "AWS.SimpleQueueService.NonExistentQueue"),
        ("{root}/999999999999/{name}", "AWS.SimpleQueueService.NonExistentQueue"),
        ("https://sqs.eu-west-1.amazonaws.com/123456789012/{name}", "InvalidAddress"),
    ],
    ids=["name", "account", "region"],
)
def test_a_message_for_a_wrong_queue_is_refused_in_both_protocols(sqs, send, url, code):
    name = sqs.queue_url.rpartition("/")[2]
    wrong = url.format(root=sqs.endpoint_url, name=name)
    with pytest.raises(ClientError) as caught:
        send("x", QueueUrl=wrong)
    assert caught.value.response["Error"]["Code"] == code
    assert f"<Code>{code}</Code>" in query(sqs, "x", path="/", QueueUrl=wrong)[2]
    assert sqs.messages == []


def test_a_queue_that_was_deleted_takes_nothing(server):
    with FakeSQS(server) as sqs:
        pass
    status, _, answer = query(sqs, "x")
    assert status == 400
    assert "NonExistentQueue" in answer


def test_a_request_that_is_not_json_is_refused(sqs):
    headers = {"X-Amz-Target": "AmazonSQS.SendMessage", "Content-Type": "application/x-amz-json-1.0"}
    status, _, answer = post(sqs, "/", "{", headers)
    assert status == 400
    assert "SerializationException" in answer


# --- faults on demand


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [("throttle", 403, "RequestThrottled"), ("fail", 500, "InternalError"), ("refuse", 503, "ServiceUnavailable")],
)
def test_a_refusal_on_demand_is_told_in_both_protocols_and_the_sdk_tries_again(sqs, send, fault, status, code):
    getattr(sqs, fault)(3)
    with pytest.raises(ClientError) as caught:
        send("x")
    error = caught.value.response
    assert (error["ResponseMetadata"]["HTTPStatusCode"], error["Error"]["Code"]) == (status, code)
    answer = query(sqs, "x")
    assert (answer[0], re.search("<Code>(.*)</Code>", answer[2])[1]) == (status, code)
    with sdk_for(sqs) as sdk:
        sdk.write("users", {"id": 1})
    assert outcomes(sqs) == [(fault, status, code, False)] * 3 + [("", 200, "", True)]
    assert sqs.records() == [{"id": 1, "__table": "users"}]


def test_one_protocol_can_be_refused_for_good_while_the_other_is_taken(sqs, send):
    sqs.refuse(None, status=403, code="AccessDenied", protocol="json")
    for _ in range(2):
        with pytest.raises(ClientError, match="AccessDenied"):
            send("x")
        assert query(sqs, line(id=1))[0] == 200
    sqs.heal()
    send(line(id=1))
    assert [message.protocol for message in sqs.messages] == ["query", "query", "json"]


def test_a_reset_is_one_and_nothing_is_stored(sqs):
    sqs.reset(2)
    with pytest.raises(ConnectionResetError) as caught:
        query(sqs, "x")
    assert not isinstance(caught.value, http.client.RemoteDisconnected)  # which is a connection that just ends
    with sdk_for(sqs) as sdk:
        sdk.write("users", {"id": 1})
    assert outcomes(sqs) == [("reset", 0, "", False)] * 2 + [("", 200, "", True)]


def test_a_lost_reply_leaves_the_message_in_the_queue_and_the_connection_closed(sqs):
    sqs.lose_reply()
    with pytest.raises(http.client.RemoteDisconnected):
        query(sqs, line(id=1))
    assert outcomes(sqs) == [("lose_reply", 0, "", True)]
    assert sqs.records() == [{"id": 1, "__table": "t"}]


def test_a_message_that_sqs_refuses_is_not_stored_by_losing_the_reply(sqs):
    sqs.lose_reply()
    with pytest.raises(http.client.RemoteDisconnected):
        query(sqs, BAD)
    assert outcomes(sqs) == [("lose_reply", 0, "InvalidMessageContents", False)]


def test_a_captive_portal_answers_and_stores_nothing(sqs):
    sqs.captive_portal(2)
    status, headers, answer = query(sqs, line(id=1))
    assert (status, headers["Content-Type"]) == (200, "text/html")
    assert "sign in" in answer
    with sdk_for(sqs) as sdk:
        sdk.write("users", {"id": 1})
    assert outcomes(sqs) == [("captive_portal", 200, "", False)] * 2 + [("", 200, "", True)]


def test_a_request_that_hangs_ends_when_its_sender_gives_up(sqs):
    sqs.hang()
    before = set(threading.enumerate())
    with pytest.raises(TimeoutError):
        query(sqs, "x", timeout=0.1)
    assert outcomes(sqs) == [("hang", 0, "", False)]
    for thread in set(threading.enumerate()) - before:
        thread.join(30)
        assert not thread.is_alive()


def test_a_request_that_hangs_is_let_go_when_the_queue_is_healed(sqs):
    with ThreadPoolExecutor(1) as pool:
        sqs.hang(None)
        request = pool.submit(query, sqs, "x")
        sqs.wait_for(1, "attempts")
        assert not request.done()
        sqs.heal()
        with pytest.raises(http.client.RemoteDisconnected):
            request.result(30)
        assert query(sqs, line(id=1))[0] == 200


def test_a_request_that_hangs_is_let_go_when_the_queue_is_gone(server):
    with ThreadPoolExecutor(1) as pool:
        with FakeSQS(server) as sqs:
            sqs.hang()
            request = pool.submit(query, sqs, "x")
            sqs.wait_for(1, "attempts")
        with pytest.raises(http.client.RemoteDisconnected):
            request.result(30)


def test_a_request_that_hangs_does_not_keep_the_server_from_ending():
    with ThreadPoolExecutor(1) as pool:
        threads = set(threading.enumerate())
        with serve() as server:
            sqs = FakeSQS(server)
            sqs.hang()
            request = pool.submit(query, sqs, "x")
            sqs.wait_for(1, "attempts")
        assert set(threading.enumerate()) - threads <= set(pool._threads)
        with pytest.raises((ConnectionError, http.client.HTTPException)):
            request.result(30)


def test_while_a_message_hangs_the_sdk_delivers_others_and_that_one_later(sqs):
    sqs.hang()
    with sdk_for(sqs) as sdk:
        sdk.write("users", {"id": 1})
        sqs.wait_for(1, "attempts")
        sdk.write("users", {"id": 2})
        sqs.expect("users", {"id": 2}, timeout=30)
        assert sqs.records() == [{"id": 2, "__table": "users"}]
        sqs.heal()
    sqs.expect("users", {"id": 1}, {"id": 2})


def test_a_server_that_is_down_refuses_connections_and_comes_back_on_its_port(server):
    with FakeSQS(server) as one, FakeSQS(server) as two, sdk_for(one) as sdk:
        sdk.write("users", {"id": 1})
        one.expect("users", {"id": 1}, timeout=30)
        tries = threading.Semaphore(0)
        sdk.on("send", lambda event: tries.release())
        with one.down():
            for sqs in (one, two):
                with pytest.raises(ConnectionRefusedError):
                    query(sqs, "x")
            with socket.socket() as other, pytest.raises(OSError, match="in use"):
                other.bind(("127.0.0.1", urlsplit(server.url).port))
            sdk.write("users", {"id": 2})
            assert tries.acquire(timeout=30)
            assert tries.acquire(timeout=30)  # it was refused once, and is tried again
            assert len(one.attempts) == 1
        one.expect("users", {"id": 1}, {"id": 2}, timeout=30)
        assert query(two, line(id=1))[0] == 200


def test_a_server_that_goes_down_cuts_the_connections_that_there_are(sqs):
    sqs.hang()
    with (
        ThreadPoolExecutor(1) as pool,
        socket.create_connection(("127.0.0.1", urlsplit(sqs.endpoint_url).port)) as idle,
    ):
        request = pool.submit(query, sqs, "x")
        sqs.wait_for(1, "attempts")
        with sqs.down():
            with pytest.raises((ConnectionError, http.client.HTTPException)):
                request.result(30)
            idle.settimeout(30)
            # Cut in good order, or reset where the server had not even taken it in.
            with contextlib.suppress(ConnectionResetError):
                assert idle.recv(1) == b""
    assert query(sqs, line(id=1))[0] == 200


def test_a_server_that_is_taken_down_twice_is_up_when_both_have_ended(sqs):
    with sqs.down():
        with sqs.down():
            pass
        with pytest.raises(ConnectionRefusedError):
            query(sqs, "x")
    assert query(sqs, line(id=1))[0] == 200


def test_queues_come_and_go_while_the_server_is_down(server):
    with server.down(), FakeSQS(server) as sqs:
        assert sqs.messages == []


def test_a_fault_meets_its_own_queue_alone(server):
    with FakeSQS(server) as one, FakeSQS(server) as two:
        one.refuse(None)
        assert query(two, line(id=1))[0] == 200
        assert query(one, line(id=1))[0] == 503
        assert [len(one.attempts), len(two.attempts)] == [1, 1]


# --- expectations


def test_records_that_arrived_are_as_expected_in_whatever_order(sqs):
    query(sqs, line(id=1) + "\n" + line(id=2))
    sqs.expect("t", {"id": 2}, {"id": 1})
    sqs.expect("t", {"id": 2, "__table": "t"})
    sqs.expect("t")


def test_a_record_that_did_not_arrive_fails_the_test_with_the_nearest_and_without_secrets(sqs):
    rand2 = sqs.queue_url.rpartition("-")[2]
    query(sqs, line(id=1, name="a", note=f"{sqs.apisecret} {rand2}"), ("secret", "String", sqs.apisecret))
    with pytest.raises(AssertionError) as caught:
        sqs.expect("t", {"id": 1, "name": "b", "note": sqs.apisecret})
    text = str(caught.value)
    assert 'differs   name: expected "b", arrived "a"' in text
    assert "Arrived: 1 record (1 for 't')." in text
    for shown in (text, repr(sqs), repr(sqs.attempts), repr(sqs._queue.plan)):
        assert sqs.apisecret not in shown
    assert rand2 not in text


def test_an_expectation_that_json_cannot_say_is_refused(sqs):
    with pytest.raises(TypeError):
        sqs.expect("t", {"id": {1}})


def test_an_expectation_waits_for_what_is_still_on_its_way(sqs):
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(sqs.expect, "t", {"id": 1}, timeout=30)
        query(sqs, line(id=0))
        assert not waiting.done()
        query(sqs, line(id=1))
        waiting.result(30)


def test_waiting_ends_with_the_last_thing_that_was_waited_for(sqs):
    with ThreadPoolExecutor(3) as pool:
        waiting = [
            pool.submit(sqs.wait_for, 3, timeout=30),
            pool.submit(sqs.wait_for, 1, table="other", timeout=30),
            pool.submit(sqs.wait_for, 2, "messages", timeout=30),
        ]
        query(sqs, line(id=1) + "\n" + line(id=2))
        assert not any(each.done() for each in waiting)
        query(sqs, json.dumps({"__table": "other"}))
        for each in waiting:
            each.result(30)


def test_waiting_in_vain_fails_the_test_and_tells_what_came(sqs):
    sqs.throttle()
    query(sqs, "x")
    query(sqs, line(id=1))
    with pytest.raises(AssertionError) as caught:
        sqs.wait_for(2, table="t", timeout=0)
    assert str(caught.value) == (
        "Of 2 records for 't', 1 came within 0 seconds.\n"
        "Arrived: 1 record (1 for 't').\n"
        "Attempts: 2.\n"
        "  1 x throttle: RequestThrottled (HTTP 403)"
    )
    with pytest.raises(ValueError, match="only records are of a table"):
        sqs.wait_for(1, "messages", table="t")


def test_duplicates_are_the_records_that_came_again(sqs):
    sqs.lose_reply(2)
    with sdk_for(sqs) as sdk:
        sdk.write("users", {"id": 1})
    query(sqs, line(id=2))
    assert sqs.duplicates == [Duplicate(record={"id": 1, "__table": "users"}, times=3)]


# --- the session it is used in


def test_it_leaves_nothing_of_itself_in_the_process():
    environment, threads = dict(os.environ), set(threading.enumerate())
    with serve() as server, FakeSQS(server) as sqs:
        assert sqs.messages == []
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])))
    assert dict(os.environ) == environment
    assert set(threading.enumerate()) <= threads


@pytest.mark.parametrize("name", ["AWS_PROFILE", "HTTP_PROXY", "http_proxy", "AWS_ENDPOINT_URL"])
def test_the_machines_own_settings_do_not_count(server, monkeypatch, name):
    monkeypatch.setenv(name, "http://127.0.0.1:9")
    with FakeSQS(server) as sqs:
        assert sqs.messages == []


IN_A_PROJECT = """
import logging

def test_writes(panoply_sdk, panoply_sqs, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    assert not caplog.records
    panoply_sdk.write("users", {"id": 1})
    panoply_sdk.flush(timeout=10)
    assert panoply_sqs.records("users") == [{"id": 1, "__table": "users"}]
    assert {r.name.partition(".")[0] for r in caplog.records} <= {"panoply", "boto3", "botocore", "urllib3"}
    assert capfd.readouterr() == ("", "")

def test_starts_empty(panoply_sqs):
    assert panoply_sqs.messages == []
    assert panoply_sqs.queue_url.startswith(panoply_sqs.endpoint_url)
"""


@pytest.mark.parametrize("args", [["-W", "error"], ["-n2"], ["-s", "-W", "error"]], ids=" ".join)
def test_the_fixtures_leave_no_trace_in_a_session(project, args):
    project.write("tests/test_own.py", IN_A_PROJECT)
    result = project.run("tests/test_own.py", *args, apart=True)
    result.assert_outcomes(passed=2)
    assert result.ret == 0
    assert not result.errlines
    assert "warning" not in result.stdout.str().lower()
